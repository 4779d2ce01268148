//! One suite per port, run against every implementation, real servers included; and the way to those servers.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod sessions;
mod store;
mod tls;
mod wait;
