//! What is still to be done, handed out.

use super::{Database, settle, touch};

pub(super) async fn an_errand_that_nobody_owes_is_not_handed_out(database: Database) {
    let store = database.gateway().await;
    settle(&*store, touch("oLin0001", "k1")).await;

    let tasks = store.claim(i64::MAX / 2, 10, 1_000).await.unwrap();

    assert!(tasks.is_empty());
}
