//! One push on its way: sealed as WeChat does, then spoiled as an attacker would.

use super::bench::Bench;
use crate::{
    push::{self, Push},
    wire::signature::{msg_signature, signature},
    world::account::{Format, Mode},
};

/// What goes over the wire, and the push that it is, or pretends to be.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub(super) push: Push,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    pub(super) content_type: &'static str,
    /// Nothing was done to it since it was sealed.
    pub(super) genuine: bool,
}

/// What a signature is made from besides the token.
#[derive(Debug, Clone)]
pub(super) struct Stamp {
    pub(super) timestamp: String,
    pub(super) nonce: String,
}

impl Stamp {
    /// Now, with a nonce that never was.
    pub(super) fn fresh(bench: &Bench) -> Self {
        Self::at(bench, bench.now())
    }

    pub(super) fn at(bench: &Bench, seconds: i64) -> Self {
        Self { timestamp: seconds.to_string(), nonce: bench.platform.sequence.nonce() }
    }
}

impl Letter {
    /// As WeChat sends it now.
    pub(super) fn of(bench: &Bench, push: Push) -> Self {
        Self::stamped(bench, push, &Stamp::fresh(bench))
    }

    /// As WeChat sends it, signed at another time or over another nonce.
    pub(super) fn stamped(bench: &Bench, push: Push, stamp: &Stamp) -> Self {
        let account = bench.account();
        let text = push.plaintext.clone();
        match (account.mode, bench.key()) {
            (Mode::Plain, _) | (_, Err(_)) => Self::in_clear(bench, push, stamp, text),
            (_, Ok(key)) => {
                let random = bench.platform.sequence.random16();
                let encrypt = key.encrypt(&random, &text, &account.app_id);
                Self::sealed(bench, push, stamp, &encrypt)
            }
        }
    }

    /// Any body with a good signature of plain mode.
    pub(super) fn in_clear(bench: &Bench, push: Push, stamp: &Stamp, body: impl Into<Vec<u8>>) -> Self {
        let mut query = signed(&bench.account().token, stamp);
        query.extend(push.person.iter().map(|sender| ("openid", sender.open_id.clone())));
        let content_type = content_type(bench.account().format);
        Self { push, query, body: body.into(), content_type, genuine: true }
    }

    /// Any ciphertext with good signatures, in the account's envelope.
    pub(super) fn sealed(bench: &Bench, push: Push, stamp: &Stamp, encrypt: &str) -> Self {
        let account = bench.account();
        let body = push::envelope(account, account.mode, &push.plaintext, encrypt.to_owned());
        let mut letter = Self::in_clear(bench, push, stamp, body);
        let covered = msg_signature(&account.token, &stamp.timestamp, &stamp.nonce, encrypt);
        letter.query.push(("encrypt_type", "aes".to_owned()));
        letter.query.push(("msg_signature", covered));
        letter
    }

    /// With another value for a parameter, which is added where it is missing.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.retain(|(other, _)| *other != name);
        self.query.push((name, value.into()));
        self.genuine = false;
        self
    }

    /// With a parameter more, though it is there already.
    pub(super) fn twice(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self.genuine = false;
        self
    }

    pub(super) fn without(mut self, names: &[&str]) -> Self {
        self.query.retain(|(name, _)| !names.contains(name));
        self.genuine = false;
        self
    }

    /// With another body under the same signature.
    pub(super) fn saying(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.genuine = false;
        self
    }

    /// To be answered as if it were this push.
    pub(super) fn pretending(self, push: Push) -> Self {
        Self { push, ..self }
    }

    /// The stamp it claims, exchanged for another that gives the same signatures.
    pub(super) fn restamped(self, stamp: &Stamp) -> Self {
        self.with("timestamp", &stamp.timestamp).with("nonce", &stamp.nonce)
    }
}

/// The parameters of a plain signature.
pub(super) fn signed(token: &str, stamp: &Stamp) -> Vec<(&'static str, String)> {
    vec![
        ("signature", signature(token, &stamp.timestamp, &stamp.nonce)),
        ("timestamp", stamp.timestamp.clone()),
        ("nonce", stamp.nonce.clone()),
    ]
}

fn content_type(format: Format) -> &'static str {
    match format {
        Format::Xml => "text/xml",
        Format::Json => "application/json",
    }
}
