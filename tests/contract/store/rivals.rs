//! Two who want the same at the same time, stopped where it is worst.

use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use wechat_gateway::ledger::{Action, Command};
use wechat_gateway::store::{PersonRef, Receipt, Settled, Store, StoreError};

use super::database::NOW;
use super::erasure::{agrees, erase, follow, names, unfollow};
use super::errands::provisional;
use super::{Database, settle, touch, touch_union, with_union};

/// As WeChat does: whatever was refused is sent again. A lock is refused soon.
async fn persistent(store: &dyn Store, command: Command) -> Receipt {
    never_refused(store, command, "nothing else").await
}

/// The same; but no refusal may say this. One that says how long it took is a matter of the machine.
async fn never_refused(store: &dyn Store, command: Command, why_not: &str) -> Receipt {
    loop {
        match store.settle(command.clone()).await {
            Ok(Settled::Done(receipt)) => return receipt,
            Err(StoreError::Unavailable(why)) if !why.contains(why_not) => tokio::task::yield_now().await,
            other => panic!("{other:?}"),
        }
    }
}

pub(super) async fn a_new_name_and_its_erasure_at_the_same_time_are_one_person(database: Database) {
    let gateways = [database.gateway().await, database.gateway().await];
    for (i, leaving) in [unfollow, erase].into_iter().enumerate() {
        let open_id = format!("oLin{i:04}");
        let lock = database.lock_writes("person").await;

        let (left, followed, ()) = futures::join!(
            persistent(&*gateways[0], leaving(&open_id, 1)),
            persistent(&*gateways[1], follow(&open_id, 0)),
            async {
                // Neither has found anybody by the name, and neither has written one.
                database.waiting(2).await;
                database.unlock(lock).await;
            },
        );

        assert_eq!(left.person, followed.person);
        assert_eq!(names(&database, &open_id).await, 0);
        let again = settle(&*gateways[0], unfollow(&open_id, 2)).await;
        assert_eq!(again.person, left.person);
    }
    assert_eq!(database.number("SELECT count(*) FROM person").await, 2);
    assert_eq!(database.number("SELECT count(*) FROM identity").await, 2);
    agrees(&*gateways[1]).await;
}

pub(super) async fn a_new_union_id_and_its_erasure_at_the_same_time_are_one_person(database: Database) {
    let gateways = [database.gateway().await, database.gateway().await];
    let lock = database.lock_writes("person").await;

    let (erased, purchase, ()) = futures::join!(
        persistent(&*gateways[0], with_union(erase("oLin0001", 1), "uLin0001")),
        persistent(&*gateways[1], touch_union("uLin0001", "purchase")),
        async {
            database.waiting(2).await;
            database.unlock(lock).await;
        },
    );

    assert_eq!(erased.person, purchase.person);
    assert_eq!(names(&database, "oLin0001").await + names(&database, "uLin0001").await, 0);
    assert_eq!(database.number("SELECT count(*) FROM person").await, 1);
    assert_eq!(settle(&*gateways[0], touch_union("uLin0001", "later")).await.person, erased.person);
    agrees(&*gateways[1]).await;
}

pub(super) async fn three_gateways_naming_and_erasing_the_same_people_know_each_once(database: Database) {
    const PEOPLE: i64 = 15;
    let gateways = [database.gateway().await, database.gateway().await, database.gateway().await];
    let command = |i: i64| {
        let (open_id, union_id) = (format!("oLin{:04}", i % PEOPLE), format!("uLin{:04}", i % PEOPLE));
        let mut command = match i / PEOPLE % 5 {
            0 => follow(&open_id, i),
            1 => unfollow(&open_id, i),
            2 => touch_union(&union_id, &format!("k{i}")),
            3 if i % 3 == 0 => erase(&open_id, i),
            _ => with_union(follow(&open_id, i), &union_id),
        };
        command.key.at = i;
        command
    };
    // Who is new to one gateway is new to the others as well, and in another order.
    join_all((0..315).map(|i| persistent(&*gateways[i as usize % 3], command(i * 8 % 315)))).await;
    let both = (0..PEOPLE).map(|i| with_union(touch(&format!("oLin{i:04}"), "last"), &format!("uLin{i:04}")));
    for (i, mut command) in both.enumerate() {
        command.key.at = 1_000 + i as i64;
        settle(&*gateways[0], command).await;
    }

    assert_eq!(database.number("SELECT count(*) FROM event").await, 330);
    assert_eq!(database.number("SELECT count(*) FROM identity").await, PEOPLE);
    assert_eq!(database.number("SELECT count(*) FROM person WHERE merged_into IS NULL").await, PEOPLE);
    for i in (0..PEOPLE).step_by(3) {
        let names =
            names(&database, &format!("oLin{i:04}")).await + names(&database, &format!("uLin{i:04}")).await;
        assert_eq!(names, 0, "{i} asked to be forgotten");
    }
    agrees(&*gateways[1]).await;
}

pub(super) async fn a_name_that_returns_between_two_looks_leads_to_the_same_person(database: Database) {
    let store = database.gateway().await;
    let lin = settle(&*store, follow("oLin0001", 0)).await;
    settle(&*store, unfollow("oLin0001", 1)).await;
    // Whichever connection looks has done so before, so that it stops at the table and not when it prepares to ask.
    for i in 0..4 {
        settle(&*store, touch("oMei0001", &format!("k{i}"))).await;
    }
    // Asked for after the first look at names, and before the second.
    database.execute("BEGIN; LOCK TABLE dedupe IN ACCESS EXCLUSIVE MODE").await;

    let (left, ()) = futures::join!(persistent(&*store, unfollow("oLin0001", 3)), async {
        database.waiting(1).await;
        // As another gateway does when she returns.
        database.execute("UPDATE identity SET open_id = 'oLin0001' WHERE open_id LIKE '~%'").await;
        database.execute("UPDATE person SET links = 1, version = version + 1; COMMIT").await;
    });

    assert_eq!(left.person, lin.person);
    assert_eq!(names(&database, "oLin0001").await, 0);
    assert_eq!(database.number("SELECT count(*) FROM person").await, 2);
}

pub(super) async fn a_conflict_that_never_ends_leaves_the_others_alone(database: Database) {
    let store = database.gateway().await;
    let never = "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN
                     IF NEW.open_id = 'oLin0005' THEN
                         RAISE EXCEPTION 'somebody else was quicker' USING ERRCODE = 'unique_violation';
                     END IF;
                     RETURN NEW;
                 END $$;
                 CREATE TRIGGER never BEFORE INSERT ON identity FOR EACH ROW EXECUTE FUNCTION never()";
    database.execute(never).await;

    let settled = join_all((0..8).map(|i| {
        let (store, command) = (&store, touch(&format!("oLin{i:04}"), &format!("k{i}")));
        async move {
            match i {
                5 => store.settle(command).await.map(drop),
                _ => {
                    never_refused(&**store, command, "quicker").await;
                    Ok(())
                }
            }
        }
    }));

    let refused = &settled.await[5];
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

pub(super) async fn a_person_locked_by_somebody_else_leaves_the_queue_alone(database: Database) {
    let store = database.gateway().await;
    settle(&*store, touch("oLin0001", "k")).await;
    settle(&*store, touch("oMei0001", "k of mei")).await;
    let lin = database.number("SELECT person FROM identity WHERE open_id = 'oLin0001'").await;
    database.execute(&format!("BEGIN; SELECT 1 FROM person WHERE no = {lin} FOR UPDATE")).await;

    let seen = AtomicBool::new(false);
    let stuck = |key: &'static str| {
        let (store, seen) = (&store, &seen);
        async move {
            loop {
                let refused = store.settle(touch("oLin0001", key)).await;
                if seen.load(Ordering::SeqCst) {
                    return refused;
                }
            }
        }
    };

    let (one, other, _) = futures::join!(
        // One for each of the tasks that settle.
        stuck("k1"),
        async {
            database.waiting(1).await;
            stuck("k2").await
        },
        async {
            database.waiting(2).await;
            seen.store(true, Ordering::SeqCst);
            let queued = (0..10).map(|i| touch("oMei0001", &format!("k of mei {i}")));
            join_all(queued.map(|command| never_refused(&*store, command, "lock"))).await
        },
    );

    for stuck in [one, other] {
        assert!(matches!(stuck, Err(StoreError::Unavailable(_))), "{stuck:?}");
    }
    database.execute("ROLLBACK").await;
    persistent(&*store, touch("oLin0001", "k1")).await;
    agrees(&*store).await;
}

pub(super) async fn a_person_locked_by_somebody_else_leaves_the_others_of_their_commit_alone(
    database: Database,
) {
    let store = database.gateway().await;
    let people: Vec<_> = (0..9).map(|i| format!("oLin{i:04}")).collect();
    for open_id in &people {
        settle(&*store, with_union(touch(open_id, open_id), &format!("u{open_id}"))).await;
    }
    let locked = database.number("SELECT person FROM identity WHERE open_id = 'oLin0004'").await;
    database.execute(&format!("BEGIN; SELECT 1 FROM person WHERE no = {locked} FOR UPDATE")).await;

    // All of them are waiting before any of them is looked at.
    let settled = join_all(people.iter().enumerate().map(|(i, open_id)| {
        let (store, key) = (&store, format!("k{i}"));
        let command = match i % 3 {
            0 => touch(open_id, &key),
            1 => with_union(touch(open_id, &key), &format!("u{open_id}")),
            _ => touch_union(&format!("u{open_id}"), &key),
        };
        async move {
            match i {
                4 => store.settle(command).await.map(drop),
                _ => {
                    never_refused(&**store, command, "lock").await;
                    Ok(())
                }
            }
        }
    }));

    let refused = &settled.await[4];
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    database.execute("ROLLBACK").await;
    assert!(persistent(&*store, touch("oLin0004", "k4")).await.fresh);
    agrees(&*store).await;
}

pub(super) async fn readers_do_not_keep_a_command_waiting(database: Database) {
    const READERS: usize = 8;
    let store = database.gateway().await;
    join_all((0..READERS).map(|i| persistent(&*store, provisional(&format!("oLin{i:04}"))))).await;
    // Whoever claims an errand waits in the middle of it.
    let gate = "CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 AS $$
                BEGIN
                    PERFORM pg_advisory_xact_lock_shared(hashtext(current_schema));
                    RETURN NEW;
                END $$;
                CREATE TRIGGER gate BEFORE UPDATE ON outbox FOR EACH ROW EXECUTE FUNCTION gate();
                SELECT pg_advisory_lock(hashtext(current_schema))";
    database.execute(gate).await;

    let claims = join_all((0..READERS).map(|_| async {
        loop {
            if let Ok(tasks) = store.claim(NOW + 1_000, 1, 15_000).await {
                return tasks;
            }
        }
    }));
    let (claimed, settled) = futures::join!(claims, async {
        database.waiting(READERS as i64).await;
        let settled = never_refused(&*store, touch("oLin0001", "k"), "waiting for a slot").await;
        database.execute("SELECT pg_advisory_unlock(hashtext(current_schema))").await;
        settled
    });

    assert!(settled.fresh);
    assert!(claimed.iter().all(|tasks| tasks.len() == 1), "{claimed:?}");
    assert!(store.person(PersonRef::No(1)).await.unwrap().is_some());
}

/// Most people keep to one gateway, as behind a balancer; some do not, and now and then one push reaches both.
pub(super) async fn gateways_that_remember_the_same_people_agree_with_the_log(database: Database) {
    const WORKERS: u64 = 6;
    const EVENTS: u64 = 60;
    for seed in 0..6 {
        let gateways = [database.gateway().await, database.gateway().await];
        let people = [8, 40, 200][seed as usize % 3];
        let workers = (0..WORKERS).map(|worker| {
            let gateways = &gateways;
            async move {
                let mut random = StdRng::seed_from_u64(seed * WORKERS + worker);
                for event in 0..EVENTS {
                    let who = random.random_range(0..people);
                    let mut command =
                        touch(&format!("oLin{seed:02}{who:03}"), &format!("{seed} {worker} {event}"));
                    command.action = match random.random_range(0..30) {
                        0 => Action::Unfollow,
                        1 => Action::Erase,
                        2..8 => Action::Follow,
                        _ => Action::Touch,
                    };
                    if random.random_bool(0.1) {
                        // Fewer than there are followers: some turn out to be the same.
                        let union = random.random_range(0..people * 2 / 3);
                        command = with_union(command, &format!("uLin{seed:02}{union:03}"));
                    }
                    let which = if random.random_bool(0.95) { who } else { random.random_range(0..2) } % 2;
                    let receipt = persistent(&*gateways[which], command.clone()).await;
                    if random.random_bool(0.03) {
                        let again = persistent(&*gateways[1 - which], command).await;
                        assert_eq!((again.fresh, again.event), (false, receipt.event));
                    }
                }
            }
        });

        join_all(workers).await;

        let settled = WORKERS * EVENTS * (seed + 1);
        assert_eq!(database.number("SELECT count(*) FROM event").await, settled as i64, "seed {seed}");
        agrees(&*gateways[0]).await;
    }
}

pub(super) async fn a_person_whom_another_gateway_has_changed_is_read_again(database: Database) {
    let (ours, theirs) = (database.gateway().await, database.gateway().await);
    let mut last = 0;

    for event in 0..60 {
        let gateway = if event % 3 == 0 { &theirs } else { &ours };
        let receipt = settle(&**gateway, touch("oLin0001", &format!("k{event}"))).await;
        assert!(receipt.fresh && receipt.event > last, "{event}: {} after {last}", receipt.event);
        last = receipt.event;
    }

    agrees(&*ours).await;
}

pub(super) async fn a_name_that_another_gateway_has_erased_comes_back_in_clear(database: Database) {
    let (ours, theirs) = (database.gateway().await, database.gateway().await);
    for event in 0..3 {
        settle(&*ours, touch("oLin0001", &format!("k{event}"))).await;
    }

    let left = settle(&*theirs, unfollow("oLin0001", 1)).await;
    assert_eq!(names(&database, "oLin0001").await, 0);
    let back = settle(&*ours, follow("oLin0001", 2)).await;

    assert_eq!(left.person, back.person);
    assert_eq!(names(&database, "oLin0001").await, 1);
    agrees(&*ours).await;
}

/// As when a standby takes over that had not heard of it yet.
pub(super) async fn a_commit_that_the_server_has_forgotten_is_forgotten_here_too(database: Database) {
    const TABLES: [&str; 5] = ["event", "dedupe", "person", "identity", "known_name"];
    let (ours, theirs) = (database.gateway().await, database.gateway().await);
    for event in 0..3 {
        settle(&*ours, touch("oLin0001", &format!("k{event}"))).await;
    }
    for table in TABLES {
        database.execute(&format!("CREATE TABLE standby_{table} AS SELECT * FROM {table}")).await;
    }
    settle(&*ours, touch("oLin0001", "never heard of")).await;

    for table in TABLES {
        let back = format!("TRUNCATE {table}; INSERT INTO {table} SELECT * FROM standby_{table}");
        database.execute(&back).await;
    }
    database.cut_connections().await;
    persistent(&*theirs, touch("oLin0001", "after it")).await;
    persistent(&*ours, touch("oLin0001", "and on")).await;

    agrees(&*theirs).await;
    assert_eq!(database.number("SELECT count(*) FROM event").await, 5);
}
