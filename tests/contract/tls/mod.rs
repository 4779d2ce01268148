//! TLS on the way to a real PostgreSQL and a real Redis, with certificates made here.
//!
//! - `authority.rs`: who signs certificates: good ones, and every kind of bad one
//! - `postgres.rs`, `redis.rs`: what is let through, and what is said of what is not
//! - `check.rs`: what `wechat-gateway check` says, where the platform's authorities are ours
//! - `postgres_server.rs`, `redis_server.rs`: the servers, as child processes
//!
//! To add a kind of bad certificate: make it in `authority.rs`, show it in `postgres.rs` and `redis.rs`.

mod authority;
mod check;
mod postgres;
mod postgres_server;
mod redis;
mod redis_server;
