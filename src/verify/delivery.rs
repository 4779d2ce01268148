//! What arrived, before anybody has looked at it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::Query;
use crate::account::Account;
use crate::clock::UnixMs;

/// An HTTP request to `/wechat/{account}` whose sender is unknown. Its body cannot be read: give it to
/// [`Verifier::verify`](super::Verifier::verify).
#[must_use = "a delivery that is not verified is a push that WeChat will repeat"]
pub struct Delivery {
    pub(super) account: Arc<Account>,
    pub(super) query: Query,
    pub(super) body: Bytes,
    pub(super) received_at: UnixMs,
}

impl Delivery {
    /// What arrived for `account` at `received_at`, unix ms.
    pub fn new(account: Arc<Account>, query: Query, body: Bytes, received_at: UnixMs) -> Self {
        Self { account, query, body, received_at }
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("account", &self.account.name)
            .field("bytes", &self.body.len())
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}
