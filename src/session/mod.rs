//! Port: shared short-lived state. A cache: it may forget, and must never decide correctness.
//!
//! - `memory.rs`: in this process, bounded
//! - `redis/`: Redis, single server or cluster
//! - `breaker.rs`: every call is cut at 50 ms; after five failures in a row the port answers at once for a second
//!
//! To add a backend: implement [`Sessions`], add its URL scheme to [`open`], and instantiate the suite of
//! `tests/contract/sessions/suite.rs` for it.

mod breaker;
mod memory;
mod redis;

pub use breaker::{Breaker, BreakerState};
pub use memory::Memory;
pub use redis::Redis;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::clock::Clock;

/// Opens the sessions that `url` names: `memory:`, `redis://[user:password@]host:port[/db]`, or
/// `redis+cluster://[user:password@]host:port[,host:port...]`. `prefix` goes before every key in Redis, so that
/// several installations can share one. Nothing is connected yet: the gateway starts with Redis down, and finds it
/// when it is back.
///
/// # Errors
/// [`OpenError`] when the URL cannot be understood.
pub async fn open(url: &str, prefix: &str, clock: Arc<dyn Clock>) -> Result<Arc<dyn Sessions>, OpenError> {
    let (scheme, rest) = url.split_once(':').ok_or(OpenError::Scheme)?;
    match scheme {
        "memory" => Ok(Arc::new(Memory::new(clock))),
        "redis" => Ok(Arc::new(Breaker::new(Redis::single(url, prefix)?))),
        "redis+cluster" => {
            let nodes = cluster_nodes(rest.strip_prefix("//").ok_or(OpenError::Cluster)?)?;
            Ok(Arc::new(Breaker::new(Redis::cluster(nodes, prefix)?)))
        }
        _ => Err(OpenError::Scheme),
    }
}

/// One `redis://` URL per node of `[user:password@]host:port,host:port`.
fn cluster_nodes(authority: &str) -> Result<Vec<String>, OpenError> {
    let authority = authority.trim_end_matches('/');
    let (login, hosts) = match authority.rsplit_once('@') {
        Some((login, hosts)) => (format!("{login}@"), hosts),
        None => (String::new(), authority),
    };
    if hosts.contains('/') || hosts.split(',').any(str::is_empty) {
        return Err(OpenError::Cluster);
    }
    Ok(hosts.split(',').map(|host| format!("redis://{login}{host}")).collect())
}

/// Why the sessions cannot be opened. Never contains the URL: it may carry a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Unknown scheme.
    #[error("sessions.url must begin with memory:, redis:// or redis+cluster://")]
    Scheme,
    /// Not a Redis URL.
    #[error("sessions.url must look like redis://[user:password@]host:port[/db]")]
    Redis,
    /// Not a list of nodes.
    #[error("sessions.url must look like redis+cluster://[user:password@]host:port,host:port,...")]
    Cluster,
}

/// Short-lived values by key, shared by all gateways of one brand. All keys carry the configured prefix.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// The value, unless it is absent or its time is over.
    ///
    /// # Errors
    /// [`SessionError`] when the backend did not answer usefully; callers treat it as absent.
    async fn fetch(&self, key: &str) -> Result<Option<Bytes>, SessionError>;

    /// Keeps `value` for `ttl`.
    ///
    /// # Errors
    /// [`SessionError`].
    async fn keep(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), SessionError>;

    /// Keeps `value` for `ttl` unless the key is taken; true when it was kept.
    ///
    /// # Errors
    /// [`SessionError`].
    async fn keep_if_absent(&self, key: &str, value: Bytes, ttl: Duration) -> Result<bool, SessionError>;

    /// Removes the key if it still holds `value` (so that one never removes another gateway's newer value).
    ///
    /// # Errors
    /// [`SessionError`].
    async fn forget_if(&self, key: &str, value: &[u8]) -> Result<(), SessionError>;

    /// Removes the key.
    ///
    /// # Errors
    /// [`SessionError`].
    async fn forget(&self, key: &str) -> Result<(), SessionError>;

    /// Asks the backend for a sign of life.
    ///
    /// # Errors
    /// [`SessionError`] with what is wrong.
    async fn ping(&self) -> Result<(), SessionError>;
}

/// Why a session call was of no use.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SessionError {
    /// No answer within the time that a callback can spare.
    #[error("sessions did not answer within {0:?}")]
    Late(Duration),
    /// The breaker is open: the backend failed five times in a row.
    #[error("sessions are resting after repeated failures")]
    Resting,
    /// The backend refused, or answered nonsense.
    #[error("sessions backend: {0}")]
    Backend(String),
}

impl SessionError {
    /// Label of metrics.
    fn label(&self) -> &'static str {
        match self {
            Self::Late(_) => "late",
            Self::Resting => "resting",
            Self::Backend(_) => "backend",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{OpenError, cluster_nodes, open};
    use crate::clock::SystemClock;
    use std::sync::Arc;

    #[test]
    fn a_cluster_url_names_each_node_with_the_same_login() {
        let nodes = cluster_nodes("app:s%40cret@10.0.0.1:6379,10.0.0.2:6380/").unwrap();

        assert_eq!(nodes, ["redis://app:s%40cret@10.0.0.1:6379", "redis://app:s%40cret@10.0.0.2:6380"]);
    }

    #[test]
    fn a_cluster_url_with_a_hole_in_its_list_is_refused() {
        assert_eq!(cluster_nodes("10.0.0.1:6379,,10.0.0.2:6380"), Err(OpenError::Cluster));
        assert_eq!(cluster_nodes(""), Err(OpenError::Cluster));
        assert_eq!(cluster_nodes("10.0.0.1:6379/3"), Err(OpenError::Cluster));
    }

    #[tokio::test]
    async fn a_url_that_cannot_be_understood_is_refused_without_repeating_its_password() {
        for url in
            ["rediss://u:hunter2@h", "redis://u:hunter2@h:notaport", "hunter2", "redis+cluster:hunter2"]
        {
            let error = open(url, "p:", Arc::new(SystemClock)).await.err().expect(url).to_string();

            assert!(error.starts_with("sessions.url must"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[tokio::test]
    async fn opening_succeeds_while_redis_is_down() {
        for url in ["redis://127.0.0.1:1", "redis+cluster://127.0.0.1:1,127.0.0.1:2"] {
            let sessions = open(url, "p:", Arc::new(SystemClock)).await.expect(url);

            assert!(sessions.fetch("k").await.is_err());
        }
    }
}
