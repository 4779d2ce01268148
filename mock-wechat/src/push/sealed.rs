//! One attempt's URL and body, in the account's mode and format.

use super::message::Push;
use crate::{
    ids::Sequence,
    wire::{
        envelope::AesKey,
        fields::Fields,
        signature::{msg_signature, signature},
    },
    world::account::{Account, Format, Kind, Mode},
};

/// What goes over the wire.
#[derive(Debug, Clone)]
pub(super) struct Sealed {
    pub(super) url: String,
    pub(super) body: String,
    pub(super) content_type: &'static str,
    /// Of WeChat Pay's notifications.
    pub(super) headers: Vec<(&'static str, String)>,
}

/// What a fault spoils.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spoiled {
    pub(super) signature: bool,
    pub(super) app_id: bool,
}

impl Sealed {
    /// Signs, and encrypts where the mode asks for it. `signature` is sent in safe mode too, as WeChat does.
    pub(super) fn of(push: &Push, callback: &str, now: i64, sequence: &Sequence, spoiled: Spoiled) -> Self {
        let (account, keys) = (&push.registered.account, push.keys());
        let (timestamp, nonce) = (now.to_string(), sequence.nonce());
        let token = if spoiled.signature { "not the token" } else { keys.account.token.as_str() };
        let mut query = vec![
            ("signature", signature(token, &timestamp, &nonce)),
            ("timestamp", timestamp),
            ("nonce", nonce),
        ];
        if let Some(sender) = &push.person {
            query.push(("openid", sender.open_id.clone()));
        }
        let body = match (push.mode(), &keys.aes_key) {
            (Mode::Plain, _) | (_, None) => push.plaintext.clone(),
            (mode, Some(key)) => {
                let app_id = if spoiled.app_id { "wxffffffffffffffff" } else { keys.account.app_id.as_str() };
                let encrypt = seal(key, sequence, &push.plaintext, app_id);
                query.push(("encrypt_type", "aes".into()));
                query.push(("msg_signature", msg_signature(token, &query[1].1, &query[2].1, &encrypt)));
                envelope(account, mode, &push.plaintext, encrypt)
            }
        };
        Self {
            url: with_query(callback, &query),
            body,
            content_type: content_type(account.format),
            headers: Vec::new(),
        }
    }

    /// What went over the wire before, as it was.
    pub(super) fn again(push: &Push, url: &str, body: &str) -> Self {
        let content_type = content_type(push.registered.account.format);
        Self { url: url.to_owned(), body: body.to_owned(), content_type, headers: Vec::new() }
    }
}

fn content_type(format: Format) -> &'static str {
    match format {
        Format::Xml => "text/xml",
        Format::Json => "application/json",
    }
}

fn seal(key: &AesKey, sequence: &Sequence, plaintext: &str, app_id: &str) -> String {
    key.encrypt(&sequence.random16(), plaintext, app_id)
}

/// A ciphertext in the body that the mode and the format ask for.
pub(crate) fn envelope(account: &Account, mode: Mode, plaintext: &str, encrypt: String) -> String {
    if mode == Mode::Compatible {
        return beside(account.format, plaintext, &encrypt);
    }
    // What a third-party platform is told about itself is not to an account.
    let (name, id) = match account.kind {
        Kind::Component => ("AppId", &account.app_id),
        _ => ("ToUserName", &account.original_id),
    };
    match account.format {
        // On one line, as published.
        Format::Xml => {
            format!("<xml><{name}><![CDATA[{id}]]></{name}><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>")
        }
        Format::Json => {
            Fields::new().text("ToUserName", &account.original_id).text("Encrypt", encrypt).to_json()
        }
    }
}

/// The message with its ciphertext as one more field. A raw event that has no end to put it before stands as it is.
fn beside(format: Format, plaintext: &str, encrypt: &str) -> String {
    let (end, field) = match format {
        Format::Xml => ("</xml>", format!("<Encrypt><![CDATA[{encrypt}]]></Encrypt>\n")),
        Format::Json => ("}", format!("\"Encrypt\":\"{encrypt}\"")),
    };
    match plaintext.trim_end().strip_suffix(end) {
        Some(head) if format == Format::Json && !head.trim_end().ends_with('{') => {
            format!("{head},{field}{end}")
        }
        Some(head) => format!("{head}{field}{end}"),
        None => plaintext.to_owned(),
    }
}

/// The callback with parameters behind those that it may have already.
fn with_query(callback: &str, query: &[(&str, String)]) -> String {
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let separator = if callback.contains('?') { '&' } else { '?' };
    format!("{callback}{separator}{}", pairs.join("&"))
}
