//! What the store does when its database does not.

use std::time::{Duration, Instant};

use futures::future::join_all;
use wechat_gateway::store::StoreError;

use super::{Database, settle, touch};

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
        // Polled once, so that the command is in the queue, and dropped.
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
