//! Stage 1: a signed delivery becomes a push, or is refused.
//!
//! A [`Delivery`] is what arrived at `/wechat/{account}`: nobody has looked at it yet, and its body cannot be read.
//! [`Verifier::verify`] is the only way to a [`Push`].
//!
//! - `delivery.rs`, `query.rs`: what arrived, and WeChat's parameters in it
//! - `keys.rs`: tokens and EncodingAESKeys of an account, decoded once
//! - `signature.rs`: SHA-1 over sorted parts, compared in constant time
//! - `body.rs`: the outer envelope, `ToUserName` and `Encrypt`
//! - `envelope.rs`: AES-256-CBC with WeChat's padding, both directions, and the AppID at its end
//! - `replay.rs`: the freshness window, and what a signature has already vouched for
//! - `push.rs`: what the next stage gets, and how the reply to it is sealed
//! - `refusal.rs`: why not; outside there are only two answers, 400 and 403
//!
//! To add a check: give it a reason in `refusal.rs`, with its label, and put it into [`Verifier::verify`] after the
//! signature, so that nobody without the token can tell it from the others.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::account::{Account, Mode};
use crate::clock::UnixMs;

use self::body::Outer;
use self::push::Seal;
use self::replay::{Replays, Testimony};
use self::signature::{Signature, Stamp};

pub use self::delivery::Delivery;
pub use self::keys::{KeyError, Keys};
pub use self::push::Push;
pub use self::query::Query;
pub use self::refusal::{ForbiddenReason, MalformedReason, Refusal};

mod body;
mod delivery;
mod envelope;
mod keys;
mod push;
mod query;
mod refusal;
mod replay;
mod signature;
#[cfg(test)]
mod tests;

/// How strict the verifier is about time, and how much it remembers.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How far WeChat's timestamp may lie from our clock, either way.
    pub window: Duration,
    /// How many signatures are remembered, at 20 bytes each. To remember every signature for as long as it is fresh
    /// takes twice the window times the pushes a second; what does not fit is forgotten, oldest first, and counted in
    /// `gateway_replay_evicted_early_total`.
    pub replay_capacity: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { window: Duration::from_secs(300), replay_capacity: 900_000 }
    }
}

/// The gate between the network and everything else. One for all accounts; shared by all threads.
#[derive(Debug)]
pub struct Verifier {
    keys: HashMap<Arc<str>, Arc<Keys>>,
    replays: Replays,
}

impl Verifier {
    /// A verifier for `accounts`, which are told apart by their names.
    ///
    /// # Errors
    /// [`KeyError`] when a token or EncodingAESKey has not the shape that WeChat's console gives it, or is missing.
    pub fn new<'a>(
        settings: Settings,
        accounts: impl IntoIterator<Item = &'a Account>,
    ) -> Result<Self, KeyError> {
        let keys = accounts
            .into_iter()
            .map(|account| Ok((Arc::clone(&account.name), Arc::new(Keys::of(account)?))))
            .collect::<Result<_, KeyError>>()?;
        Ok(Self { keys, replays: Replays::new(settings.window, settings.replay_capacity) })
    }

    /// Answers WeChat's check of the URL: the `echostr` to give back, byte for byte, as `text/plain`.
    ///
    /// In every mode it is the plain `signature` that is checked. WeChat repeats this request whenever an operator saves
    /// the settings or uses the debug tool.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] when WeChat did not sign it, or when there is no `echostr` of at most 64 bytes.
    pub fn echo(&self, account: &Account, query: &Query, now: UnixMs) -> Result<String, Refusal> {
        let keys = self.keys_of(account)?;
        let stamp = Stamp::of(query)?;
        let signature = Signature::of(query.signature.as_deref())?;
        keys.vouching(&signature, &stamp, None)?;
        let echo = match &query.echostr {
            Some(echo) if (1..=64).contains(&echo.len()) => echo,
            _ => return Err(ForbiddenReason::Echo.into()),
        };
        let testimony =
            Testimony { account: &account.name, stamp: &stamp, signature: &signature, body: echo.as_bytes() };
        self.replays.admit(&testimony, now)?;
        Ok(echo.clone())
    }

    /// Checks a delivery against its account's mode, which a request can never choose:
    ///
    /// - plain: `signature`, which says nothing about the body, so that the first body it comes with is the only one;
    /// - compatible and safe: `msg_signature` over the ciphertext, then the AppID inside; plaintext beside the
    ///   ciphertext is never looked at, and `signature` proves nothing.
    ///
    /// A repeat of the same push passes: the store answers it with the stored reply.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for what WeChat would never send, [`Refusal::Forbidden`] for everything else.
    pub fn verify(&self, delivery: Delivery) -> Result<Push, Refusal> {
        let Delivery { account, query, body, received_at } = delivery;
        let keys = self.keys_of(&account)?;
        let stamp = Stamp::of(&query)?;
        let format = body::format(&body)?;
        if account.mode == Mode::Plain {
            let signature = Signature::of(query.signature.as_deref())?;
            keys.vouching(&signature, &stamp, None)?;
            let testimony =
                Testimony { account: &account.name, stamp: &stamp, signature: &signature, body: &body };
            let skew_seconds = self.replays.admit(&testimony, received_at)?;
            return Ok(Push { account, body, format, received_at, skew_seconds, seal: None });
        }

        let signature = Signature::of(query.msg_signature.as_deref())?;
        let outer = Outer::of(&body, format)?;
        let encrypted = outer.encrypt.as_deref().ok_or(ForbiddenReason::Unencrypted)?;
        let token = keys.vouching(&signature, &stamp, Some(encrypted))?;
        if outer.to_user.as_deref().is_some_and(|name| !is_name_of(&account, name)) {
            return Err(ForbiddenReason::Addressee.into());
        }
        let (plaintext, key) = keys.open(encrypted)?;
        let testimony = Testimony {
            account: &account.name,
            stamp: &stamp,
            signature: &signature,
            body: encrypted.as_bytes(),
        };
        let skew_seconds = self.replays.admit(&testimony, received_at)?;
        let format = body::format(&plaintext)?;
        let seal = Some(Seal { keys: Arc::clone(keys), token, key });
        Ok(Push { account, body: plaintext, format, received_at, skew_seconds, seal })
    }

    fn keys_of(&self, account: &Account) -> Result<&Arc<Keys>, Refusal> {
        self.keys.get(&account.name).ok_or(Refusal::Forbidden(ForbiddenReason::UnknownAccount))
    }
}

/// An account is addressed by its original id; a few platform notices use the AppID instead.
fn is_name_of(account: &Account, name: &str) -> bool {
    name == account.original_id.as_ref() || name == account.app_id.as_str()
}
