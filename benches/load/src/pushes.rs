//! Signed, unique pushes, as whole HTTP requests.

use std::fmt::Write as _;

use mock_wechat::wire::envelope::AesKey;
use mock_wechat::wire::signature::{msg_signature, signature};
use serde_json::json;

/// The account that every server of the benchmark has.
pub(crate) const APP_ID: &str = "wx00000000000000aa";
/// Its AppSecret.
pub(crate) const SECRET: &str = "00000000000000000000000000000aaa";
/// Its original id.
pub(crate) const ORIGINAL_ID: &str = "gh_0000000000aa";
/// Its token.
pub(crate) const TOKEN: &str = "localtoken";
/// Its EncodingAESKey.
pub(crate) const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// How pushes are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// An Official Account's, in plaintext.
    Plain,
    /// An Official Account's, encrypted.
    Safe,
    /// A mini-program's, in plaintext; XML is what the others are.
    Json,
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A follower scans a QR code: earns, and is told the new total.
    Scan,
    /// Somebody opens the chat of a mini-program: earns, and is told nothing, for no mini-program answers in the response.
    Enter,
    /// Somebody follows.
    Follow,
}

/// Requests of one turn, one behind the other.
#[derive(Default)]
pub(crate) struct Pushes {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Pushes {
    /// The request with this number.
    pub(crate) fn request(&self, number: usize) -> Option<&[u8]> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.bytes[start..end])
    }
}

/// Signs pushes; no two of them are alike.
pub(crate) struct Signer {
    key: AesKey,
    counter: u64,
}

impl Signer {
    pub(crate) fn new() -> Result<Self, Box<dyn std::error::Error>> {
        Ok(Self { key: AesKey::parse(AES_KEY)?, counter: 0 })
    }

    /// One push for each of `people`, sent from `now` on, unix seconds, and so many per second: what WeChat sends in one
    /// second has one `CreateTime`, and no brand gets everything in one.
    pub(crate) fn sign<'a>(
        &mut self,
        kind: Kind,
        mode: Mode,
        now: i64,
        per_second: usize,
        people: impl Iterator<Item = &'a str>,
    ) -> Pushes {
        let mut pushes = Pushes::default();
        for (number, open_id) in people.enumerate() {
            self.request(kind, mode, now + (number / per_second) as i64, open_id, &mut pushes.bytes);
            pushes.ends.push(pushes.bytes.len());
        }
        pushes
    }

    fn request(&mut self, kind: Kind, mode: Mode, now: i64, open_id: &str, out: &mut Vec<u8>) {
        self.counter += 1;
        let (timestamp, nonce) = (now.to_string(), (1_000_000_000 + self.counter).to_string());
        let message = self.message(kind, now, open_id);
        let mut query = format!(
            "signature={}&timestamp={timestamp}&nonce={nonce}&openid={open_id}",
            signature(TOKEN, &timestamp, &nonce)
        );
        let body = match mode {
            Mode::Plain | Mode::Json => message,
            Mode::Safe => {
                let random = format!("{:016x}", self.counter);
                let random = random.as_bytes().first_chunk().unwrap_or(b"0123456789abcdef");
                let encrypted = self.key.encrypt(random, &message, APP_ID);
                let signature = msg_signature(TOKEN, &timestamp, &nonce, &encrypted);
                // Writing to a String cannot fail.
                let _ = write!(query, "&encrypt_type=aes&msg_signature={signature}");
                format!(
                    "<xml><ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName>\
                     <Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
                )
            }
        };
        let content = if mode == Mode::Json { "application/json" } else { "text/xml" };
        let head = format!(
            "POST /wechat/brand?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/4.0\r\nAccept: */*\r\n\
             Pragma: no-cache\r\nContent-Type: {content}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(body.as_bytes());
    }

    fn message(&self, kind: Kind, now: i64, open_id: &str) -> String {
        let event = match kind {
            Kind::Scan => format!(
                "<Event><![CDATA[SCAN]]></Event>\n<EventKey><![CDATA[shelf-{}]]></EventKey>\n<Ticket><![CDATA[\
                 gQH47joAAAAAAAAAASxodHRwOi8vd2VpeGluLnFxLmNvbS9xL2taZ2Z3TVRtNzJXV1Brb3ZhYmJJAAIEZ23sUwMEmm3sUw==\
                 ]]></Ticket>",
                self.counter
            ),
            Kind::Follow => {
                "<Event><![CDATA[subscribe]]></Event>\n<EventKey><![CDATA[]]></EventKey>".to_owned()
            }
            Kind::Enter => {
                return json!({
                    "ToUserName": ORIGINAL_ID,
                    "FromUserName": open_id,
                    "CreateTime": now,
                    "MsgType": "event",
                    "Event": "user_enter_tempsession",
                    "SessionFrom": format!("page-{}", self.counter),
                })
                .to_string();
            }
        };
        format!(
            "<xml><ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName>\n<FromUserName><![CDATA[{open_id}]]></FromUserName>\n\
             <CreateTime>{now}</CreateTime>\n<MsgType><![CDATA[event]]></MsgType>\n{event}\n</xml>"
        )
    }

    /// The plaintext of a reply.
    pub(crate) fn open(&self, mode: Mode, reply: &str) -> Result<String, Box<dyn std::error::Error>> {
        match mode {
            Mode::Plain | Mode::Json => Ok(reply.to_owned()),
            Mode::Safe => {
                let encrypted =
                    reply.split_once("<Encrypt><![CDATA[").and_then(|(_, rest)| rest.split_once("]]>"));
                let (encrypted, _) = encrypted.ok_or("the reply is not encrypted")?;
                Ok(self.key.decrypt(encrypted)?.message)
            }
        }
    }
}

/// The OpenID of the known person with this number.
pub(crate) fn open_id(person: usize) -> String {
    format!("oBench{person:021}A")
}

/// The UnionID of the known person with this number.
pub(crate) fn union_id(person: usize) -> String {
    format!("oUnion{person:022}")
}
