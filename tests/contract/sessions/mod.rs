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
