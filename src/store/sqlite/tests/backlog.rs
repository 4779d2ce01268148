//! Newest states that gather, and are brought into their rows a little with each commit.

use std::sync::atomic::{AtomicBool, Ordering};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::super::known::recent::Newest;
use super::*;
use crate::ids::{EventNo, UnionId};
use crate::ledger::Action;
use crate::store::verify;

/// So few that everything is worked off again and again.
const LIMITS: Limits =
    Limits { held: 32, slice: 8, first: 8, behind: 16, part: i64::MAX, full: 64, ..Limits::DEFAULT };

impl Place {
    fn open_busy(&self) -> SqliteStore {
        self.open_with(LIMITS, Box::new(|| Ok(())))
    }

    /// A number that depends on what `recent` has, its states in a table `newest` of a row each.
    fn number_of_newest(&self, sql: &str) -> i64 {
        let connection = Connection::open(self.path("gateway.db")).unwrap();
        connection.execute_batch("CREATE TEMP TABLE newest (event, person, links, version)").unwrap();
        let mut insert = connection.prepare("INSERT INTO newest VALUES (?1, ?2, ?3, ?4)").unwrap();
        let mut select = connection.prepare("SELECT event, states FROM recent").unwrap();
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        for (event, states) in rows.map(Result::<(EventNo, Vec<u8>), _>::unwrap) {
            for Newest { person, links, version, .. } in Newest::all(event, &states).unwrap() {
                insert.execute((event, person, links, version)).unwrap();
            }
        }
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Persons whose row has not what `recent` has.
    fn behind(&self) -> i64 {
        let newer = "SELECT 1 FROM newest r WHERE r.person = p.no AND r.version > p.version";
        self.number_of_newest(&format!("SELECT count(*) FROM person p WHERE EXISTS ({newer})"))
    }

    /// Persons who have another number of names than their newest row says.
    fn miscounted(&self) -> i64 {
        self.number_of_newest(
            "SELECT count(*) FROM person p WHERE
                 coalesce((SELECT links FROM newest r WHERE r.person = p.no AND r.version > p.version
                           ORDER BY r.version DESC LIMIT 1), links)
                 <> (SELECT count(*) FROM identity i WHERE i.person = p.no AND i.open_id NOT LIKE '~%')",
        )
    }

    /// States that are in `recent`.
    fn appended(&self) -> i64 {
        self.number_of_newest("SELECT count(*) FROM newest")
    }
}

fn touch_of(person: usize, key: &str) -> Command {
    let mut command = touch(key);
    let open_id = OpenId::parse(&format!("oLin{person:04}")).unwrap();
    command.subject.identity = Some((AppId::parse("wx1").unwrap(), open_id));
    command
}

async fn settle(store: &SqliteStore, command: Command) {
    store.settle(command).await.unwrap();
}

/// In one commit.
async fn settle_together(store: &SqliteStore, commands: impl Iterator<Item = Command>) {
    let settled = all_at_once(store, commands.map(|command| store.settle(command))).await;
    settled.into_iter().for_each(|settled| drop(settled.unwrap()));
}

async fn assert_every_state_is_what_the_log_says(store: &SqliteStore) {
    let report = verify(store, &|_, _| {}).await.unwrap();
    assert!(report.differences.is_empty(), "{report:?}");
}

#[tokio::test]
async fn new_states_are_appended_and_brought_into_their_rows_by_and_by() {
    const PEOPLE: usize = 40;
    let place = Place::new();
    let store = place.open_busy();
    for person in 0..PEOPLE {
        settle(&store, touch_of(person, &format!("first {person}"))).await;
    }
    assert_eq!(place.appended(), 0, "a new person's row is there at once");

    let (mut most, mut least_behind) = (0, i64::MAX);
    for round in 0..20 {
        for person in 0..PEOPLE {
            settle(&store, touch_of(person, &format!("{round} {person}"))).await;
            most = most.max(place.appended());
            least_behind = least_behind.min(if round == 0 { i64::MAX } else { place.behind() });
        }
    }

    // All of them have been appended by then.
    assert!((1..PEOPLE as i64 * 3 / 4).contains(&least_behind), "{least_behind}");
    assert!((16..=8 * LIMITS.behind as i64).contains(&most), "{most}");
    assert_every_state_is_what_the_log_says(&store).await;
    let reopened = place.open();
    assert_every_state_is_what_the_log_says(&reopened).await;
    settle(&reopened, touch_of(7, "and on")).await;
    assert_every_state_is_what_the_log_says(&store).await;
}

#[test]
fn what_an_older_version_has_appended_is_in_the_rows_of_persons_after_the_migration() {
    let place = Place::new();
    let connection = Connection::open(place.path("gateway.db")).unwrap();
    file::MIGRATIONS[..2].iter().for_each(|sql| connection.execute_batch(sql).unwrap());
    connection
        .execute_batch(
            "INSERT INTO person (no, id, links, version, state)
                 VALUES (1, x'01', 1, 1, x'11'), (2, x'02', 1, 9, x'12'), (3, x'03', 1, 1, x'13');
             INSERT INTO recent (event, person, links, version, passed, begun, done, state)
                 VALUES (4, 1, 2, 2, 0, 0, 0, x'21'), (5, 2, 1, 8, 0, 0, 0, x'22'), (6, 1, 3, 3, 0, 0, 0, x'31');
             PRAGMA user_version = 3",
        )
        .unwrap();

    drop(place.open());

    let select =
        "SELECT group_concat(links || ' ' || version || ' ' || hex(state), ', ' ORDER BY no) FROM person";
    let persons: String = connection.query_row(select, [], |row| row.get(0)).unwrap();
    assert_eq!(persons, "3 3 31, 1 9 12, 1 1 13");
    assert_eq!(place.appended(), 0);
}

#[tokio::test]
async fn one_person_alone_fills_no_disk() {
    let place = Place::new();
    let store = place.open_busy();

    for event in 0..500 {
        settle(&store, touch(&format!("k{event}"))).await;
    }

    assert!(place.appended() <= 5 * LIMITS.behind as i64, "{}", place.appended());
    assert_every_state_is_what_the_log_says(&store).await;
}

/// However the events come, `recent` has not many states more than gather in four rounds.
async fn assert_no_disk_is_filled(place: &Place, store: &SqliteStore) {
    assert!(place.appended() <= 9 * LIMITS.behind as i64, "{}", place.appended());
    assert_every_state_is_what_the_log_says(store).await;
}

#[tokio::test]
async fn people_who_come_twice_and_never_again_fill_no_disk() {
    let place = Place::new();
    let store = place.open_busy();

    for event in 0..1_000 {
        settle(&store, touch_of(event / 2, &format!("k{event}"))).await;
    }

    assert_no_disk_is_filled(&place, &store).await;
}

#[tokio::test]
async fn people_who_come_in_the_order_of_their_numbers_fill_no_disk() {
    const PEOPLE: usize = 400;
    let place = Place::new();
    let store = place.open_busy();

    for event in 0..3 * PEOPLE {
        settle(&store, touch_of(event % PEOPLE, &format!("k{event}"))).await;
        assert!(place.appended() <= 9 * LIMITS.behind as i64, "{event}: {}", place.appended());
    }

    assert_no_disk_is_filled(&place, &store).await;
}

#[tokio::test]
async fn where_there_are_many_people_more_of_them_wait_and_still_fill_no_disk() {
    const PEOPLE: usize = 400;
    let place = Place::new();
    // Half of them: more than there would ever be of so few as `LIMITS` lets gather.
    let limits = Limits { part: 2, ..LIMITS };
    let store = place.open_with(limits, Box::new(|| Ok(())));
    let mut most = 0;

    for event in 0..8 * PEOPLE {
        settle(&store, touch_of(event * 7 % PEOPLE, &format!("k{event}"))).await;
        most = most.max(place.appended());
    }

    let gathers = limits.behind(PEOPLE as i64) as i64;
    assert!((gathers..=9 * gathers).contains(&most), "{most}");
    assert_every_state_is_what_the_log_says(&store).await;
}

#[tokio::test]
async fn people_who_come_one_by_one_and_then_together_fill_no_disk() {
    let place = Place::new();
    let store = place.open_busy();
    let touch_of = |event: usize| touch_of(event * 7 % 300, &format!("k{event}"));

    for event in 0..900 {
        settle(&store, touch_of(event)).await;
    }
    for group in 0..60 {
        let events = 900 + group * 30..930 + group * 30;
        settle_together(&store, events.map(touch_of)).await;
        assert!(place.appended() <= 9 * LIMITS.behind as i64, "{group}: {}", place.appended());
    }

    assert_no_disk_is_filled(&place, &store).await;
}

#[tokio::test]
async fn one_who_returns_among_many_new_ones_fills_no_disk() {
    let place = Place::new();
    let store = place.open_busy();

    for event in 0..2_000 {
        let person = if event % 8 == 0 { event % 5 } else { 10 + event };
        settle(&store, touch_of(person, &format!("k{event}"))).await;
    }

    assert_no_disk_is_filled(&place, &store).await;
}

#[tokio::test]
async fn a_process_that_is_started_again_for_every_event_fills_no_disk() {
    let place = Place::new();

    for event in 0..400 {
        settle(&place.open_busy(), touch_of(event % 20, &format!("k{event}"))).await;
    }

    assert_no_disk_is_filled(&place, &place.open()).await;
}

#[tokio::test]
async fn several_processes_fill_no_disk() {
    let place = Place::new();
    let stores = [0; 4].map(|_| place.open_busy());

    for event in 0..1_600 {
        settle(&stores[event % 4], touch_of(event * 7 % 300, &format!("k{event}"))).await;
    }

    assert!(place.appended() <= 4 * 9 * LIMITS.behind as i64, "{}", place.appended());
    assert_every_state_is_what_the_log_says(&stores[0]).await;
}

#[tokio::test]
async fn whose_state_is_newer_is_known_before_anybody_is_served() {
    let place = Place::new();
    let store = place.open_busy();
    settle(&store, touch("k0")).await;
    settle(&store, touch("k1")).await;
    drop(store);

    assert_eq!(place.open().recent.of(1), Some(2));
}

#[tokio::test]
async fn who_reads_sees_what_another_process_has_appended() {
    let place = Place::new();
    let (ours, theirs) = (place.open_busy(), place.open_busy());
    settle(&ours, touch("k0")).await;

    for event in 1..100 {
        let writer = if event % 3 == 0 { &ours } else { &theirs };
        settle(writer, touch(&format!("k{event}"))).await;

        for reader in [&ours, &theirs] {
            let person = reader.person(PersonRef::No(1)).await.unwrap().unwrap();
            assert_eq!(person.state.last_event, event + 1);
            assert_eq!(reader.history(1, None, 1).await.unwrap()[0].event, event + 1);
        }
    }
}

#[tokio::test]
async fn what_was_merged_away_keeps_its_own_history() {
    let place = Place::new();
    let store = place.open_busy();
    let with_union = |person, key| {
        let mut command = touch_of(person, key);
        command.subject.union_id = Some(UnionId::parse("uLin0001").unwrap());
        command
    };
    settle(&store, with_union(1, "k1")).await;
    settle(&store, touch_of(2, "k2")).await;
    settle(&store, with_union(2, "k3")).await;
    for event in 4..=12 {
        settle(&store, touch_of(1, &format!("k{event}"))).await;
    }

    let person = store.person(PersonRef::No(2)).await.unwrap().unwrap().no;
    let history = store.history(person, None, 100).await.unwrap();

    assert_eq!(place.number("SELECT count(*) FROM person WHERE merged_into IS NOT NULL"), 1);
    assert!(history.iter().map(|logged| logged.event).eq((1..=12).rev()));
}

#[tokio::test]
async fn a_commit_that_fails_is_as_if_it_had_never_been_tried() {
    let place = Place::new();
    let mut connection = File::parse(&place.url()).unwrap().writer().unwrap();
    let fails = Arc::new(AtomicBool::new(false));
    let hook = fails.clone();
    connection.commit_hook(Some(move || hook.load(Ordering::Relaxed))).unwrap();
    let store = place.open_on(connection, LIMITS, Box::new(|| Ok(())));

    for event in 0..200 {
        let command = |time: &str| touch_of(event % 20, &format!("{time} {event}"));
        fails.store(true, Ordering::Relaxed);
        assert!(store.settle(command("never")).await.is_err());
        fails.store(false, Ordering::Relaxed);
        // Whoever comes while the others are refused is refused with them, and repeats it.
        while let Err(StoreError::Unavailable(_)) = store.settle(command("then")).await {}
    }

    assert_eq!(place.events(), 200);
    assert_every_state_is_what_the_log_says(&store).await;
}

#[tokio::test]
async fn whatever_happens_in_whichever_order_every_state_is_what_the_log_says() {
    for seed in 0..8 {
        let mut random = StdRng::seed_from_u64(seed);
        let place = Place::new();
        let mut stores = [place.open_busy(), place.open_busy()];

        for group in 0..150 {
            let people = if random.random_bool(0.5) { 8 } else { 60 };
            let together = if random.random_bool(0.7) { 1 } else { random.random_range(2..=30) };
            let mut any = |event: usize| {
                let mut command = touch_of(random.random_range(0..people), &format!("k{group} {event}"));
                command.action = match random.random_range(0..20) {
                    0 => Action::Unfollow,
                    1 => Action::Erase,
                    2..6 => Action::Follow,
                    _ => Action::Touch,
                };
                if random.random_bool(0.2) {
                    // Half as many: people turn out to be the same.
                    let union = random.random_range(0..people / 2);
                    command.subject.union_id = Some(UnionId::parse(&format!("uLin{union:04}")).unwrap());
                }
                command
            };
            let commands: Vec<_> = (0..together).map(&mut any).collect();
            let which = random.random_range(0..2);
            settle_together(&stores[which], commands.into_iter()).await;
            if random.random_bool(0.02) {
                stores[which] = place.open_busy();
            }
        }

        for store in stores.iter().chain([&place.open()]) {
            assert_every_state_is_what_the_log_says(store).await;
        }
        assert_eq!(place.miscounted(), 0);
    }
}

#[tokio::test]
async fn a_store_that_cannot_tell_whose_newest_states_are_damaged_is_not_ready() {
    let place = Place::new();
    let store = place.open();
    settle(&store, touch("k0")).await;
    settle(&store, touch("k1")).await;
    store.ready().await.unwrap();
    drop(store);
    let damage = "UPDATE recent SET states = zeroblob(length(states))";
    Connection::open(place.path("gateway.db")).unwrap().execute_batch(damage).unwrap();

    let store = place.open();

    let unready = store.ready().await;
    assert!(matches!(unready, Err(StoreError::Corrupt { table: "recent", row: 2, .. })), "{unready:?}");
    assert_eq!(store.settle(touch("k2")).await.unwrap_err().to_string(), unready.unwrap_err().to_string());
    assert_eq!(place.events(), 2);
}

#[tokio::test]
async fn a_damaged_page_of_persons_stops_nobody_else_and_their_newest_state_is_kept() {
    const PEOPLE: usize = 60;
    let place = Place::new();
    let store = place.open_busy();
    for event in 0..5 * PEOPLE {
        settle(&store, touch_of(event % PEOPLE, &format!("k{event}"))).await;
    }
    drop(store);
    let pages = "FROM dbstat WHERE name = 'person' AND pagetype = 'leaf' ORDER BY path LIMIT 1";
    let page = place.number(&format!("SELECT pageno {pages}"));
    let persons = place.number(&format!("SELECT ncell {pages}"));
    let file = std::fs::File::options().write(true).open(place.path("gateway.db")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &[0xff; 4_096], (page as u64 - 1) * 4_096).unwrap();
    let done = place.number("SELECT max(done) FROM recent");
    let kept =
        format!("SELECT count(DISTINCT person) FROM newest WHERE person <= {persons} AND event > {done}");
    let behind = place.number_of_newest(&kept);
    assert!(done > 0 && behind > 0 && persons < PEOPLE as i64, "{done} {behind} {persons}");

    let mut store = place.open_busy();
    for event in 0..400 {
        if event % 25 == 0 {
            store = place.open_busy();
        }
        let person = persons as usize + event % (PEOPLE - persons as usize);
        settle(&store, touch_of(person, &format!("later {event}"))).await;
    }

    assert_eq!(place.number_of_newest(&kept), behind);
    assert!(store.person(PersonRef::No(1)).await.is_err());
}
