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

/// For [`probe`], when nobody waits for an answer.
const PROBE: Duration = Duration::from_secs(5);

/// Opens the sessions that `url` names: `memory:`, `redis://[user:password@]host:port[/db]`, or
/// `redis+cluster://[user:password@]host:port[,host:port...]`; with TLS `rediss://...` and `rediss+cluster://...`, to which
/// `?sslrootcert=FILE` may add the authorities of their certificates. `prefix` goes before every key in Redis, so that
/// several installations can share one. Nothing is connected yet: the gateway starts with Redis down, and finds it
/// when it is back.
///
/// # Errors
/// [`OpenError`] when the URL cannot be understood.
pub async fn open(url: &str, prefix: &str, clock: Arc<dyn Clock>) -> Result<Arc<dyn Sessions>, OpenError> {
    match redis(url, prefix)? {
        Some(redis) => Ok(Arc::new(Breaker::new(redis))),
        None => Ok(Arc::new(Memory::new(clock))),
    }
}

/// Says whether the sessions that `url` names are of use: connects with all the patience that a callback does not have, so
/// that what is wrong is told and not only that it took too long, and then asks as a callback does.
///
/// # Errors
/// [`SessionError`] with what is wrong.
pub async fn probe(url: &str, prefix: &str) -> Result<(), SessionError> {
    let Some(redis) = redis(url, prefix).map_err(|error| SessionError::Backend(error.to_string()))? else {
        return Ok(());
    };
    tokio::time::timeout(PROBE, redis.ping()).await.unwrap_or(Err(SessionError::Late(PROBE)))?;
    Breaker::new(redis).ping().await
}

/// The Redis that `url` names, if it names one and not this process's memory.
fn redis(url: &str, prefix: &str) -> Result<Option<Redis>, OpenError> {
    let (scheme, rest) = url.split_once(':').ok_or(OpenError::Scheme)?;
    match scheme {
        "memory" => Ok(None),
        "redis" | "rediss" => Redis::single(url, prefix).map(Some),
        "redis+cluster" | "rediss+cluster" => {
            let nodes = rest.strip_prefix("//").ok_or(OpenError::Cluster)?;
            Redis::cluster(cluster_nodes(scheme.trim_end_matches("+cluster"), nodes)?, prefix).map(Some)
        }
        _ => Err(OpenError::Scheme),
    }
}

/// One URL per node of `[user:password@]host:port,host:port[?query]`.
fn cluster_nodes(scheme: &str, authority: &str) -> Result<Vec<String>, OpenError> {
    let (authority, query) = authority.find('?').map_or((authority, ""), |at| authority.split_at(at));
    let authority = authority.trim_end_matches('/');
    let (login, hosts) = match authority.rsplit_once('@') {
        Some((login, hosts)) => (format!("{login}@"), hosts),
        None => (String::new(), authority),
    };
    if hosts.contains('/') || hosts.split(',').any(str::is_empty) {
        return Err(OpenError::Cluster);
    }
    Ok(hosts.split(',').map(|host| format!("{scheme}://{login}{host}{query}")).collect())
}

/// Why the sessions cannot be opened. Never contains the URL: it may carry a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Unknown scheme.
    #[error(
        "sessions.url must begin with memory:, redis:// or redis+cluster://, or for TLS rediss:// or rediss+cluster://"
    )]
    Scheme,
    /// Not a Redis URL.
    #[error("sessions.url must look like redis://[user:password@]host:port[/db], or rediss://... for TLS")]
    Redis,
    /// Not a list of nodes.
    #[error(
        "sessions.url must look like redis+cluster://[user:password@]host:port,host:port,..., or rediss+cluster://... for TLS"
    )]
    Cluster,
    /// `#insecure`, above all.
    #[error(
        "sessions.url must have no #: certificates are always verified, #insecure or not; for authorities of your own add \
         ?sslrootcert=FILE (in a password # is %23)"
    )]
    Fragment,
    /// What it says about TLS.
    #[error("sessions.url: {0}")]
    Security(String),
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
        let nodes = cluster_nodes("redis", "app:s%40cret@10.0.0.1:6379,10.0.0.2:6380/").unwrap();

        assert_eq!(nodes, ["redis://app:s%40cret@10.0.0.1:6379", "redis://app:s%40cret@10.0.0.2:6380"]);
    }

    #[test]
    fn a_cluster_url_says_of_each_node_whom_its_certificate_must_come_from() {
        let nodes = cluster_nodes("rediss", "a:1,b:2/?sslrootcert=/etc/a@b.pem").unwrap();

        assert_eq!(nodes, ["rediss://a:1?sslrootcert=/etc/a@b.pem", "rediss://b:2?sslrootcert=/etc/a@b.pem"]);
    }

    #[test]
    fn a_cluster_url_with_a_hole_in_its_list_is_refused() {
        assert_eq!(cluster_nodes("redis", "10.0.0.1:6379,,10.0.0.2:6380"), Err(OpenError::Cluster));
        assert_eq!(cluster_nodes("redis", ""), Err(OpenError::Cluster));
        assert_eq!(cluster_nodes("redis", "10.0.0.1:6379/3"), Err(OpenError::Cluster));
    }

    #[tokio::test]
    async fn a_url_that_cannot_be_understood_is_refused_without_repeating_its_password() {
        for url in [
            "redis://u:hunter2@h:notaport",
            "rediss://u:hunter2@h:notaport?sslrootcert=/nowhere/ca.pem",
            "rediss://u:hunter2@h#insecure",
            "rediss://u:hunter2@h:6380/0?sslmode=hunter2#insecure",
            "rediss+cluster://u:hunter2@h:6379,g:6379#insecure",
            "rediss://u:hunter2@h?sslmode=hunter2",
            "rediss://u:6379?sslhunter2@h",
            "rediss://u:6379?hunter2@h",
            "redis://u:hun?hunter2=2@h",
            "redis+cluster://u:a?hunter2&b@h:6379",
            "rediss://u:hunter2@h?slrootcert=/etc/ca.pem",
            "redis://u:hunter2@h?tls=true",
            "redis://u:hunter2@h?sslrootcert=/etc/ca.pem",
            "tls://u:hunter2@h",
            "hunter2",
            "redis+cluster:hunter2",
        ] {
            let error = open(url, "p:", Arc::new(SystemClock)).await.err().expect(url).to_string();

            assert!(error.starts_with("sessions.url"), "{error}");
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
