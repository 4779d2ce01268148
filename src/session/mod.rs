//! Port: shared short-lived state. A cache: it may forget, and must never decide correctness.
//!
//! - `memory.rs`: in this process, bounded
//! - `redis.rs`: Redis, single server or cluster
//! - `breaker.rs`: every call is cut at 50 ms; after five failures in a row the port answers at once for a second
//!
//! To add a backend: implement [`Sessions`], add its URL scheme to [`open`], and instantiate the suite of
//! `tests/contract/sessions.rs` for it.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

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
