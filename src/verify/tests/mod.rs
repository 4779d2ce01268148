//! The stage as a whole, from a query string and a body to a push or a refusal.
//!
//! - `vectors.rs`: the examples of WeChat's documentation, and more of the kind
//! - `replies.rs`: how the reply to a push is sealed
//! - `replays.rs`: what comes again, at another time, or with its parts in other places
//! - `refusals.rs`: what WeChat never sends
//!
//! To add a case: [`Wire`] has an account and its verifier, `plain_query` and `safe_query` sign as WeChat does.

use std::sync::Arc;

use bytes::Bytes;
use secrecy::SecretString;

use super::*;
use crate::account::{AccountKind, Format, Lang};
use crate::clock::{Entropy, SECOND};
use crate::ids::AppId;

mod refusals;
mod replays;
mod replies;
mod vectors;

const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const OTHER_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const NOW: UnixMs = 1_760_000_000 * SECOND;
const FOLLOW: &str = "<xml><ToUserName><![CDATA[gh_0000000000aa]]></ToUserName>\n\
    <FromUserName><![CDATA[oQ3vT6kX0m1Zc9RrUe2bWn5yHs8A]]></FromUserName>\n<CreateTime>1760000000</CreateTime>\n\
    <MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[subscribe]]></Event>\n<EventKey><![CDATA[]]></EventKey>\n</xml>";

/// The account `brand` with these secrets.
pub(super) fn account(mode: Mode, tokens: &[&str], aes_keys: &[&str]) -> Account {
    let secrets = |texts: &[&str]| texts.iter().map(|text| SecretString::from(*text)).collect();
    Account {
        name: "brand".into(),
        app_id: AppId::parse("wx00000000000000aa").unwrap(),
        kind: AccountKind::OfficialAccount,
        original_id: "gh_0000000000aa".into(),
        secret: SecretString::from("00000000000000000000000000000aaa"),
        tokens: secrets(tokens),
        aes_keys: secrets(aes_keys),
        mode,
        format: Format::Xml,
        lang: Lang::Zh,
    }
}

#[derive(Debug)]
struct Counting;

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.iter_mut().zip(0..).for_each(|(byte, n)| *byte = n);
    }
}

/// One account with its verifier, and WeChat's side of the wire.
struct Wire {
    account: Arc<Account>,
    verifier: Verifier,
}

impl Wire {
    fn of(account: Account) -> Self {
        let verifier = Verifier::new(Settings::default(), [&account]).unwrap();
        Self { account: Arc::new(account), verifier }
    }

    fn in_mode(mode: Mode) -> Self {
        Self::of(account(mode, &["localtoken"], &[KEY]))
    }

    fn send(&self, query: &str, body: impl Into<Bytes>) -> Result<Push, Refusal> {
        let query = Query::parse(query)?;
        self.verifier.verify(Delivery::new(Arc::clone(&self.account), query, body.into(), NOW))
    }

    fn echo(&self, query: &str) -> Result<String, Refusal> {
        self.verifier.echo(&self.account, &Query::parse(query)?, NOW)
    }
}

fn forbidden(reason: ForbiddenReason) -> Option<Refusal> {
    Some(Refusal::Forbidden(reason))
}

fn plain_query(token: &str, timestamp: &str, nonce: &str) -> String {
    let signature = Signature::over([token, timestamp, nonce]).to_hex();
    format!("signature={signature}&timestamp={timestamp}&nonce={nonce}&openid=oQ3vT6kX0m1Zc9RrUe2bWn5yHs8A")
}

/// The query of an encrypted push, with both signatures.
fn safe_query(token: &str, timestamp: &str, nonce: &str, encrypted: &str) -> String {
    let signature = Signature::over([token, timestamp, nonce, encrypted]).to_hex();
    format!("{}&encrypt_type=aes&msg_signature={signature}", plain_query(token, timestamp, nonce))
}

fn encrypted(key: &str, message: &str) -> String {
    envelope::Cipher::new(key).unwrap().seal(message.as_bytes(), "wx00000000000000aa", [b'r'; 16])
}

fn safe_body(encrypted: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[gh_0000000000aa]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    )
}

#[test]
fn neither_a_delivery_nor_a_push_shows_its_body() {
    let wire = Wire::in_mode(Mode::Plain);
    let query = Query::parse(&plain_query("localtoken", "1760000000", "123")).unwrap();
    let delivery = Delivery::new(Arc::clone(&wire.account), query, FOLLOW.into(), NOW);

    let before = format!("{delivery:?}");
    let after = format!("{:?}", wire.verifier.verify(delivery).unwrap());

    for shown in [before, after] {
        assert!(!shown.contains("oQ3v") && !shown.contains("subscribe"), "{shown}");
    }
}
