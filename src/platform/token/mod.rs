//! The access token of each account: one at a time, shared by all gateways, renewed before its time.
//!
//! `stable_token` without `force_refresh` gives every caller the same token until five minutes before its end, and then
//! the next one while the old one still works. So a gateway that cannot reach the others through Sessions may ask
//! WeChat on its own and gets the right token all the same; the lock only saves calls. Nothing here ever forces a
//! refresh: that would kill the token in everyone's hands, and is granted 20 times a day.
//!
//! - `desk.rs`: one account's token in this process: who holds it, who is renewing it, who must wait
//! - `renewal.rs`: getting the next one, from another gateway or from WeChat

mod desk;
mod renewal;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::SecretString;

use self::desk::Desk;
use self::renewal::Renewal;
use super::PlatformError;
use crate::account::Account;
use crate::clock::{Entropy, UnixMs};
use crate::ids::AppId;
use crate::session::Sessions;

use super::call::Line;

/// An access token in use.
pub(super) struct Token {
    pub(super) value: SecretString,
    /// When WeChat gave it, to this gateway or another; unix ms.
    obtained_at: UnixMs,
    /// When to look for the next one, unix ms.
    pub(super) renew_at: UnixMs,
    /// Its end, unix ms.
    expires_at: UnixMs,
    /// WeChat gave it again although it had been rejected.
    insisted: bool,
}

/// The tokens of all accounts.
pub(super) struct Tokens {
    desks: Mutex<HashMap<AppId, Arc<Desk>>>,
    line: Arc<Line>,
    sessions: Arc<dyn Sessions>,
    entropy: Arc<dyn Entropy>,
}

impl Tokens {
    pub(super) fn new(line: Arc<Line>, sessions: Arc<dyn Sessions>, entropy: Arc<dyn Entropy>) -> Self {
        Self { desks: Mutex::default(), line, sessions, entropy }
    }

    /// The token to use now. Callers that come while it is being renewed share the one renewal, which goes on when they
    /// give up waiting.
    pub(super) async fn current(&self, account: &Account) -> Result<Arc<Token>, PlatformError> {
        self.desk(account).current().await
    }

    /// WeChat has rejected `token`: nobody shall use it again. Any newer one stays.
    pub(super) fn reject(&self, account: &Account, token: &Arc<Token>) {
        self.desk(account).reject(token);
    }

    /// How long ago WeChat gave the token in use.
    pub(super) fn age(&self, app_id: &AppId) -> Option<Duration> {
        let desk = self.desks.lock().unwrap_or_else(PoisonError::into_inner).get(app_id)?.clone();
        let age = self.line.clock.now() - desk.held()?.obtained_at;
        Some(Duration::from_millis(age.max(0).unsigned_abs()))
    }

    fn desk(&self, account: &Account) -> Arc<Desk> {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        let desk = desks.entry(account.app_id.clone()).or_insert_with(|| {
            Arc::new(Desk::new(Renewal {
                app_id: account.app_id.clone(),
                secret: account.secret.clone(),
                line: self.line.clone(),
                sessions: self.sessions.clone(),
                entropy: self.entropy.clone(),
            }))
        });
        desk.clone()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}
