//! What is promised of the disk, with a disk that the test holds back or breaks.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::*;

/// Longer than anything that is going to happen.
const LONG: Duration = Duration::from_secs(60);

impl Place {
    /// Length of the write-ahead log.
    fn log(&self) -> u64 {
        std::fs::metadata(self.path("gateway.db-wal")).unwrap().len()
    }

    /// Commits in the log, which begins with the store.
    fn commits(&self) -> usize {
        let log = std::fs::read(self.path("gateway.db-wal")).unwrap();
        // The last frame of a commit says how many pages there are: https://sqlite.org/fileformat2.html#the_write_ahead_log
        log[32..].chunks_exact(24 + 4_096).filter(|frame| frame[4..8] != [0; 4]).count()
    }

    fn open_held(&self) -> (SqliteStore, Held) {
        let ((begins, begun), (end, ends)) = (channel(), channel());
        let sync = Box::new(move || {
            let _ = begins.send(());
            ends.recv().unwrap_or(Ok(()))
        });
        (self.open_with(Limits::default(), sync), Held { begun, end })
    }
}

/// A disk that has nothing before the test says so.
struct Held {
    begun: Receiver<()>,
    end: Sender<io::Result<()>>,
}

impl Held {
    /// Until somebody waits for the disk.
    fn is_waited_for(&self) {
        self.begun.recv_timeout(LONG).expect("nobody waits for the disk");
    }

    fn has_it(&self) {
        self.end.send(Ok(())).unwrap();
    }

    fn breaks(&self) {
        self.end.send(Err(io::Error::other("a broken disk"))).unwrap();
    }
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < LONG, "{what}");
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn nobody_is_answered_before_the_disk_has_it() {
    let place = Place::new();
    let (store, disk) = place.open_held();

    let mut asking = store.settle(touch("k1"));
    assert!(is_pending(&mut asking).await);
    disk.is_waited_for();
    assert_eq!(place.events(), 1, "the disk was waited for before the commit");
    assert!(is_pending(&mut asking).await, "answered before the disk had it");
    disk.has_it();

    assert!(asking.await.is_ok());
    let mut repeating = store.settle(touch("k1"));
    assert!(is_pending(&mut repeating).await);
    disk.is_waited_for();
    assert!(is_pending(&mut repeating).await, "a repeat learns of an event that may vanish");
    disk.has_it();
    assert!(repeating.await.is_ok());
}

#[tokio::test]
async fn a_wait_that_began_before_a_commit_says_nothing_of_it() {
    let place = Place::new();
    let (store, disk) = place.open_held();

    let mut first = store.settle(touch("k1"));
    assert!(is_pending(&mut first).await);
    disk.is_waited_for();
    let mut second = store.settle(touch("k2"));
    assert!(is_pending(&mut second).await);
    until("the writer waits for the disk too", || place.events() == 2);
    disk.has_it();

    assert!(first.await.is_ok());
    disk.is_waited_for();
    assert!(is_pending(&mut second).await, "answered by the wait for another");
    disk.has_it();
    assert!(second.await.is_ok());
}

#[tokio::test]
async fn an_errand_is_given_back_when_the_disk_knows_it() {
    let place = Place::new();
    let (store, disk) = place.open_held();

    let mut asking = store.postpone(1, 0);
    assert!(is_pending(&mut asking).await);
    disk.is_waited_for();
    assert!(is_pending(&mut asking).await, "answered before the disk had it");
    disk.has_it();

    assert!(asking.await.is_ok());
}

#[tokio::test]
async fn after_an_error_of_the_disk_everybody_is_refused_and_nothing_is_written() {
    let place = Place::new();
    let (store, disk) = place.open_held();
    store.ready().await.unwrap();
    let mut first = store.settle(touch("k1"));
    assert!(is_pending(&mut first).await);
    disk.is_waited_for();
    // Behind it in the queue: work that lasts until the disk has failed, and a command.
    let ((starts, started), (finish, finished)) = (channel(), channel::<()>());
    let mut working = pin!(store.writer.run(move |_| {
        starts.send(()).unwrap();
        finished.recv().map_err(|_| StoreError::KeyReused)
    }));
    assert!(is_pending(&mut working).await);
    started.recv_timeout(LONG).unwrap();
    let mut second = store.settle(touch("k2"));
    assert!(is_pending(&mut second).await);

    disk.breaks();
    let refused = first.await.unwrap_err();
    // Without waiting for the writer.
    assert!(!is_pending(&mut store.settle(touch("k3"))).await);
    finish.send(()).unwrap();

    assert!(
        matches!(&refused, StoreError::Unavailable(why) if why.contains("restart the gateway")),
        "{refused}"
    );
    assert!(working.await.is_err() && second.await.is_err());
    assert!(store.settle(touch("k3")).await.is_err() && store.claim(0, 1, 1).await.is_ok());
    assert!(store.postpone(1, 0).await.is_err());
    assert_eq!(place.events(), 1);
    assert!(store.ready().await.is_err());
    assert_eq!(store.log(0, 10).await.unwrap().len(), 1, "reading goes on");
}

#[tokio::test]
async fn the_log_that_a_broken_disk_has_left_is_kept_and_copied_at_the_next_start() {
    let place = Place::new();
    let (store, disk) = place.open_held();
    let mut asking = store.settle(touch("k1"));
    assert!(is_pending(&mut asking).await);
    disk.is_waited_for();
    disk.breaks();
    assert!(asking.await.is_err());
    store.log(0, 1).await.unwrap();

    drop(store);
    let left = place.log();
    let store = place.open();

    assert!(left > 0, "closed as if the disk had never failed");
    assert_eq!(place.log(), 0);
    assert!(!is_fresh(&store, "k1").await, "it was refused, and stored all the same");
    assert!(is_fresh(&store, "k2").await);
    drop(store);
    assert!(!place.path("gateway.db-wal").exists(), "a sound disk needs no log");
}

#[tokio::test]
async fn who_only_reads_and_leaves_last_takes_no_log_away() {
    let place = Place::new();
    let store = place.open();
    assert!(is_fresh(&store, "k1").await);
    let reader = File::parse(&place.url()).unwrap().reader().unwrap();
    assert_eq!(read::log(&reader, 0, 10).unwrap().len(), 1);

    drop(store);
    drop(reader);

    assert!(place.path("gateway.db-wal").exists());
}

#[tokio::test]
async fn the_disk_that_a_store_waits_for_is_its_own() {
    let place = Place::new();
    let store = place.open();
    let file = File::parse(&place.url()).unwrap();

    assert!(is_fresh(&store, "k1").await);

    let log = file.log(&file.writer().unwrap()).unwrap().unwrap();
    let length = place.log();
    assert_eq!((log.metadata().unwrap().len(), length > 0), (length, true));
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_behind_a_link_or_named_as_a_uri_is_written_to() {
    for prefix in ["sqlite:", "sqlite:file:"] {
        let (place, elsewhere) = (Place::new(), Place::new());
        std::os::unix::fs::symlink(elsewhere.path("real.db"), place.path("gateway.db")).unwrap();
        let url = format!("{prefix}{}", place.path("gateway.db").display());

        let store = SqliteStore::open(&url, bench()).unwrap();

        assert!(is_fresh(&store, "k1").await);
        assert!(elsewhere.path("real.db-wal").exists());
    }
}

#[test]
fn what_gets_no_write_ahead_log_is_refused() {
    let refused = SqliteStore::open("sqlite:file::memory:", bench()).unwrap_err();

    assert!(refused.to_string().contains("journal mode `memory`"), "{refused}");
}

#[tokio::test]
async fn a_long_log_is_copied_into_the_file() {
    let place = Place::new();
    let limits = Limits { full: 8, ..Limits::default() };
    let store = place.open_with(limits, Box::new(|| Ok(())));
    let before = std::fs::read(place.path("gateway.db")).unwrap();

    for i in 0..8 {
        assert!(is_fresh(&store, &format!("k{i}")).await);
    }

    until("the log is never copied", || std::fs::read(place.path("gateway.db")).unwrap() != before);
}

#[test]
fn a_commit_of_many_pages_comes_into_the_log_when_it_is_complete() {
    let place = Place::new();
    let writer = File::parse(&place.url()).unwrap().writer().unwrap();

    let [before, incomplete] = log_in_a_commit_of(1_000, &place, &writer);
    writer.execute_batch("COMMIT").unwrap();

    assert_eq!(incomplete, before);
    assert!(place.log() > before + 1_000 * 4_096);
}

#[tokio::test]
async fn a_group_that_has_no_room_in_the_cache_is_stored_whole() {
    const PEOPLE: usize = 200;
    let place = Place::new();
    let connection = File::parse(&place.url()).unwrap().writer().unwrap();
    connection.execute_batch("PRAGMA cache_size = 16; PRAGMA cache_spill = 16").unwrap();
    let [before, incomplete] = log_in_a_commit_of(32, &place, &connection);
    assert!(incomplete > before, "it has room");
    connection.execute_batch("ROLLBACK; DROP TABLE t").unwrap();
    let store = place.open_on(connection, Limits { group: PEOPLE, ..Limits::default() }, Box::new(|| Ok(())));
    let all =
        || (0..PEOPLE).map(|n| store.settle(batch::tests::touch(&format!("oLin{n:04}"), &format!("k{n}"))));
    let fresh = |settled: Result<Settled, StoreError>| match settled.unwrap() {
        Settled::Done(receipt) => receipt.fresh,
        Settled::Stranger => panic!("nobody asked"),
    };

    let first = all_at_once(&store, all()).await;
    assert_eq!(place.commits(), 1);
    let again = futures::future::join_all(all()).await;

    assert!(first.into_iter().all(fresh));
    assert!(!again.into_iter().any(fresh));
    assert_eq!(place.events(), PEOPLE as i64);
    assert!(place.number("SELECT page_count FROM pragma_page_count") > 32);
    assert_eq!(place.number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
}

#[tokio::test]
async fn of_many_who_wait_a_part_is_committed_at_a_time() {
    let place = Place::new();
    let limits = Limits { group: 4, ..Limits::default() };
    let store = place.open_with(limits, Box::new(|| Ok(())));

    all_at_once(&store, (0..10).map(|n| store.settle(touch(&format!("k{n}"))))).await;

    assert_eq!((place.commits(), place.events()), (3, 10));
}

/// How long the log is before so many pages are written, and before they are committed.
fn log_in_a_commit_of(pages: usize, place: &Place, writer: &Connection) -> [u64; 2] {
    writer.execute_batch("CREATE TABLE t (x)").unwrap();
    let before = place.log();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    for _ in 0..pages {
        writer.execute("INSERT INTO t VALUES (zeroblob(4000))", []).unwrap();
    }
    [before, place.log()]
}
