//! A cluster that loses a primary, and one that is told to change it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use wechat_gateway::clock::SystemClock;
use wechat_gateway::session::{self, Sessions};

use super::redis_server::RedisCluster;
use crate::wait::until;

const MINUTE: Duration = Duration::from_secs(60);
/// What is promised for the whole of a failover.
const RECOVERED: Duration = Duration::from_secs(15);

/// Keys of every primary.
async fn all_work(sessions: &dyn Sessions) -> bool {
    for n in 0..30 {
        let key = format!("k{n}");
        let kept = sessions.keep(&key, Bytes::from_static(b"v"), MINUTE).await;
        if kept.is_err() || !sessions.fetch(&key).await.is_ok_and(|value| value.is_some()) {
            return false;
        }
    }
    true
}

#[tokio::test]
async fn a_cluster_whose_primary_is_killed_works_again_and_never_holds_a_caller_up() {
    let mut cluster = RedisCluster::start();
    let sessions = session::open(&cluster.url(), "p:", Arc::new(SystemClock)).await.unwrap();
    until(RECOVERED, "the cluster works", || all_work(&*sessions)).await;

    cluster.a_primary().kill();

    until(RECOVERED, "the cluster works without its primary", || async {
        let begun = Instant::now();
        let _ = sessions.fetch("k1").await;
        assert!(begun.elapsed() < Duration::from_secs(1), "one call took {:?}", begun.elapsed());
        all_work(&*sessions).await
    })
    .await;
}

#[tokio::test]
async fn a_cluster_that_changes_its_primary_keeps_what_it_has() {
    let cluster = RedisCluster::start();
    let sessions = session::open(&cluster.url(), "p:", Arc::new(SystemClock)).await.unwrap();
    until(RECOVERED, "the cluster works", || all_work(&*sessions)).await;

    assert_eq!(cluster.replicas()[0].cli(&["cluster", "failover"]), "OK");

    until(RECOVERED, "the change is over", || all_work(&*sessions)).await;
    assert_eq!(sessions.fetch("k0").await.unwrap().unwrap(), "v");
}
