//! Port: WeChat's HTTP API, or mock-wechat. Outcomes are typed, and nothing is retried without a bound.
//!
//! - `wechat.rs`: [`WeChat`]: each question of [`Platform`] as WeChat wants it asked
//! - `token/`: one access token per account, shared by all gateways, renewed once at a time
//! - `api.rs`: one API, and whether it may be asked twice
//! - `call.rs`: one call of one API: what its answer means, and when to ask again
//! - `stops.rs`: quotas that are used up and rights that an account does not have
//! - `errcode.rs`: WeChat's error codes and what each asks us to do
//! - `client.rs`: the only user of the HTTP client: caps, timeouts, no redirects, no URL in any error
//! - `json.rs`: JSON as WeChat writes it
//!
//! To add a question: a method of [`Platform`], an `Api` constant in `wechat.rs` (does asking twice do it twice?), and
//! a case in `tests/platform`.

mod api;
mod call;
mod client;
pub mod errcode;
#[cfg(test)]
pub(crate) mod fake;
mod json;
mod probe;
mod stops;
mod token;
mod wechat;

pub use wechat::{Settings, SettingsError, WeChat};

use async_trait::async_trait;

use crate::account::Account;
use crate::ids::{OpenId, UnionId};
use crate::ledger::Message;

/// What the gateway asks of WeChat.
#[async_trait]
pub trait Platform: Send + Sync {
    /// `user/info/batchget` for up to 100 OpenIDs of one account (`user/info` for a single one); answers in the same order.
    ///
    /// # Errors
    /// [`PlatformError`].
    async fn user_info(&self, account: &Account, open_ids: &[OpenId])
    -> Result<Vec<UserInfo>, PlatformError>;

    /// `message/custom/send`. [`PlatformError::Unknown`] means that WeChat may have it.
    ///
    /// # Errors
    /// [`PlatformError`].
    async fn send(&self, account: &Account, to: &OpenId, message: &Message) -> Result<(), PlatformError>;

    /// Obtains an access token if none is held; for `check` and readiness. Milliseconds until it must be renewed.
    ///
    /// # Errors
    /// [`PlatformError`].
    async fn token_life(&self, account: &Account) -> Result<i64, PlatformError>;
}

/// What `user/info` says that still means something (nickname and avatar are no longer given).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserInfo {
    /// Follows the account at this moment.
    pub subscribed: bool,
    /// Present when the account is bound to an open-platform account; also seen for non-followers.
    pub union_id: Option<UnionId>,
}

/// Why WeChat did not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PlatformError {
    /// Worth another try later: network, 5xx, -1, quota per minute, daily quota.
    #[error("WeChat cannot be asked now: {0}")]
    Transient(String),
    /// Sent, and no answer came: WeChat may have acted on it.
    #[error("WeChat may or may not have acted: {0}")]
    Unknown(String),
    /// WeChat refuses for good; repeating changes nothing.
    #[error("WeChat refuses with {code}: {hint}")]
    Refused {
        /// WeChat's `errcode`.
        code: i64,
        /// What to do about it.
        hint: &'static str,
    },
}
