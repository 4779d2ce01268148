//! A push that WeChat vouches for, and the way back to it.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::keys::Keys;
use crate::account::{Account, Format};
use crate::clock::{Entropy, SECOND, UnixMs};

/// A push from WeChat to one of our accounts. Only [`Verifier::verify`](super::Verifier::verify) makes one.
pub struct Push {
    /// The account it was sent to.
    pub account: Arc<Account>,
    /// The message: XML or JSON, in plaintext.
    pub body: Bytes,
    /// What the body's first character says it is.
    pub format: Format,
    /// When it arrived, unix ms.
    pub received_at: UnixMs,
    /// Our clock minus WeChat's timestamp, in seconds; for the clock skew gauge.
    pub skew_seconds: i64,
    /// The token and key that it came with; `None` in plain mode.
    pub(super) seal: Option<Seal>,
}

/// Which of the account's secrets a reply has to be sealed with.
pub(super) struct Seal {
    pub(super) keys: Arc<Keys>,
    pub(super) token: usize,
    pub(super) key: usize,
}

impl Push {
    /// The body of the HTTP answer that carries `reply`: encrypted and signed with the very secrets that the push came
    /// with, in its format. In plain mode, and where the reply is `success` or empty, it is the reply itself.
    #[must_use]
    pub fn seal(&self, reply: &str, now: UnixMs, entropy: &dyn Entropy) -> String {
        let Some(seal) = self.seal.as_ref().filter(|_| !reply.is_empty() && reply != "success") else {
            return reply.to_owned();
        };
        let mut bytes = [0; 24];
        entropy.fill(&mut bytes);
        let [random @ .., a, b, c, d, e, f, g, h] = bytes;
        // As WeChat's own: ten digits without a leading zero.
        let nonce =
            (1_000_000_000 + u64::from_le_bytes([a, b, c, d, e, f, g, h]) % 9_000_000_000).to_string();
        let timestamp = now.div_euclid(SECOND).to_string();
        let encrypted = seal.keys.encrypt(seal.key, reply, random);
        let signature = seal.keys.sign(seal.token, &timestamp, &nonce, &encrypted).to_hex();
        match self.format {
            Format::Xml => format!(
                "<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>\
                 <TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
            ),
            Format::Json => format!(
                r#"{{"Encrypt":"{encrypted}","MsgSignature":"{signature}","TimeStamp":{timestamp},"Nonce":"{nonce}"}}"#
            ),
        }
    }
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Push")
            .field("account", &self.account.name)
            .field("bytes", &self.body.len())
            .field("format", &self.format)
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}
