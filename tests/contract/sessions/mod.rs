//! The `Sessions` port.
//!
//! - `suite.rs`: what every implementation promises, on memory, one Redis and a Redis Cluster
//! - `faults.rs`: a real Redis that is down, frozen, emptied, locked, full, demoted
//! - `nonsense.rs`: a Redis that answers what no Redis answers
//! - `cluster.rs`: failover
//! - `redis_server.rs`: `redis-server` as a child process
//!
//! To add an implementation: a `Bench` in `suite.rs`, and a module of its tests there.

mod cluster;
mod faults;
mod nonsense;
pub(crate) mod redis_server;
mod suite;

use std::future::Future;
use std::time::{Duration, Instant};

/// Asks again until the answer is yes.
pub(crate) async fn until<F: Future<Output = bool>>(limit: Duration, what: &str, mut ask: impl FnMut() -> F) {
    let begun = Instant::now();
    while !ask().await {
        assert!(begun.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
