//! What the store does when its database does not.

use std::time::{Duration, Instant};

use futures::future::join_all;
use wechat_gateway::store::{PersonRef, Settled, StoreError, migrate, open, verify};

use super::database::deps;
use super::{APP, Database, settle, touch};

pub(super) async fn a_locked_database_refuses_within_half_a_second_and_writes_nothing(database: Database) {
    let store = database.gateway().await;
    settle(&*store, touch("oLin0001", "k0")).await;
    let lock = database.lock().await;

    let asked = join_all((0..300).map(|i| {
        let store = &store;
        async move {
            let started = Instant::now();
            let refused = store.settle(touch(&format!("oLin{i:04}"), &format!("k{i}"))).await;
            (refused, started.elapsed())
        }
    }));
    let answers = asked.await;

    for (refused, took) in answers {
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        assert!(took < Duration::from_millis(500), "{took:?}");
    }
    database.unlock(lock).await;
    assert_eq!(store.log(0, 1_000).await.unwrap().len(), 1);
    assert_eq!(database.number("SELECT count(*) FROM person").await, 1);
    // Free again, the same commands are settled.
    let settled =
        join_all((0..300).map(|i| settle(&*store, touch(&format!("oLin{i:04}"), &format!("k{i}"))))).await;
    assert_eq!(settled.iter().filter(|receipt| receipt.fresh).count(), 299);
}

pub(super) async fn a_caller_that_goes_away_changes_nothing(database: Database) {
    let store = database.gateway().await;
    for i in 0..50 {
        let key = format!("k{i}");
        // The command is in the queue; polled once, and dropped.
        let mut asking = store.settle(touch("oLin0001", &key));
        assert!(futures::poll!(&mut asking).is_pending());
        drop(asking);
    }

    let again = join_all((0..50).map(|i| settle(&*store, touch("oLin0001", &format!("k{i}"))))).await;

    let mut events: Vec<_> = again.iter().map(|receipt| receipt.event).collect();
    events.sort_unstable();
    events.dedup();
    assert_eq!(events.len(), 50);
    assert_eq!(store.log(0, 1_000).await.unwrap().len(), 50);
}

pub(super) async fn cut_connections_lose_and_double_nothing(database: Database) {
    let store = database.gateway().await;
    let persistent = |i: usize| {
        let store = &store;
        async move {
            // As WeChat does: whatever was refused is sent again.
            let mut refused = Vec::new();
            while refused.len() < 100 {
                match store.settle(touch(&format!("oLin{:04}", i % 20), &format!("k{i}"))).await {
                    Ok(settled) => return settled,
                    Err(StoreError::Unavailable(why)) => refused.push(why),
                    Err(error) => panic!("{error}"),
                }
                tokio::task::yield_now().await;
            }
            panic!("refused a hundred times: {refused:?}");
        }
    };

    for round in 0..10 {
        let sending = join_all((0..50).map(|i| persistent(round * 50 + i)));
        let ((), settled) = futures::join!(database.cut_connections(), sending);
        assert!(settled.iter().all(|settled| matches!(settled, Settled::Done(_))));
    }

    assert_eq!(store.log(0, 1_000).await.unwrap().len(), 500);
    for i in 0..500 {
        assert!(!settle(&*store, touch(&format!("oLin{:04}", i % 20), &format!("k{i}"))).await.fresh, "{i}");
    }
    let report = verify(&*store, &|_, _| {}).await.unwrap();
    assert!(report.differences.is_empty(), "{report:?}");
}

pub(super) async fn a_command_that_cannot_be_stored_leaves_the_others_alone(database: Database) {
    let store = database.gateway().await;
    let commands = (0..50).map(|i| {
        let mut command = touch(&format!("oLin{i:04}"), &format!("k{i}"));
        if i == 25 {
            // SQLite keeps it, PostgreSQL has no such text.
            command.kind = "x.\0".into();
        }
        command
    });

    let settled = join_all(commands.map(|command| store.settle(command))).await;

    for (i, settled) in settled.iter().enumerate() {
        assert!(settled.is_ok() || i == 25, "{i}: {settled:?}");
    }
    assert_eq!(
        store.log(0, 100).await.unwrap().len(),
        settled.iter().filter(|settled| settled.is_ok()).count()
    );
}

pub(super) async fn a_person_who_cannot_be_read_leaves_the_others_alone(database: Database) {
    let store = database.gateway().await;
    let lin = settle(&*store, touch("oLin0007", "k")).await.person;
    let no = store.person(PersonRef::Id(lin)).await.unwrap().unwrap().no;
    database.edit_state(no, |state| state.truncate(20)).await;

    let settled =
        join_all((0..20).map(|i| store.settle(touch(&format!("oLin{i:04}"), &format!("k{i}"))))).await;

    for (i, settled) in settled.iter().enumerate() {
        match settled {
            Ok(_) => assert_ne!(i, 7),
            Err(StoreError::Corrupt { table, row, column, .. }) => {
                assert_eq!((i, *table, *row, *column), (7, "person", no, "state"));
            }
            Err(error) => panic!("{i}: {error}"),
        }
    }
}

pub(super) async fn a_link_to_nobody_leaves_the_others_alone(database: Database) {
    let store = database.gateway().await;
    database
        .execute(&format!("INSERT INTO identity (app_id, open_id, person) VALUES ('{APP}', 'oLin0007', 99)"))
        .await;

    let settled =
        join_all((0..20).map(|i| store.settle(touch(&format!("oLin{i:04}"), &format!("k{i}"))))).await;

    for (i, settled) in settled.iter().enumerate() {
        match settled {
            Ok(_) => assert_ne!(i, 7),
            Err(StoreError::Corrupt { table, row, .. }) => assert_eq!((i, *table, *row), (7, "person", 99)),
            Err(error) => panic!("{i}: {error}"),
        }
    }
}

pub(super) async fn a_repeat_of_an_event_that_is_gone_leaves_the_others_alone(database: Database) {
    let store = database.gateway().await;
    let gone = settle(&*store, touch("oLin0007", "k7")).await.event;
    settle(&*store, touch("oLin0007", "later")).await;
    database.execute(&format!("DELETE FROM event WHERE id = {gone}")).await;

    let settled =
        join_all((0..20).map(|i| store.settle(touch(&format!("oLin{i:04}"), &format!("k{i}"))))).await;

    for (i, settled) in settled.iter().enumerate() {
        match settled {
            Ok(_) => assert_ne!(i, 7),
            Err(StoreError::Corrupt { table, row, .. }) => assert_eq!((i, *table, *row), (7, "event", gone)),
            Err(error) => panic!("{i}: {error}"),
        }
    }
}

pub(super) async fn tables_of_another_version_are_refused(database: Database) {
    drop(database.gateway().await);

    assert!(database.refusal_of_version(1).await.contains("before the first release"));
    assert!(database.refusal_of_version(99).await.contains("run the newer wechat-gateway"));
}

pub(super) async fn a_server_that_takes_no_writes_is_not_ready(database: Database) {
    assert!(database.gateway().await.ready().await.is_ok());

    let store = open(&database.read_only(), deps()).await.unwrap();

    let refused = store.settle(touch("oLin0001", "k1")).await;
    assert!(matches!(&refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    let ready = store.ready().await;
    assert!(matches!(&ready, Err(StoreError::Unavailable(why)) if why.contains("read-only")), "{ready:?}");
    // What is there can still be read.
    assert!(store.log(0, 1).await.unwrap().is_empty());
}

pub(super) async fn a_server_that_is_slow_to_answer_is_waited_for_at_the_start(database: Database) {
    // Longer than a callback could wait for a connection.
    let url = database.slow_to_answer(Duration::from_millis(600)).await;

    migrate(&url).await.unwrap();
    let store = open(&url, deps()).await.unwrap();

    let refused = store.settle(touch("oLin0001", "k1")).await.unwrap_err().to_string();
    assert!(refused.contains("PostgreSQL gave no connection within 300ms; check"), "{refused}");
}
