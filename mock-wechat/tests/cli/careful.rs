//! A receiver for the examination: careful in everything, or with one fault planted.
//!
//! It is written from WeChat's documents as anybody's would be, with the mock's own signatures and envelopes.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::post,
};
use futures::StreamExt as _;
use mock_wechat::{
    wire::{
        envelope::AesKey,
        fields::Fields,
        signature::{msg_signature, signature},
    },
    world::account::Kind,
};
use tokio::time::timeout;

use crate::program::KEY;

/// As in the mock's own world.
pub(crate) const TOKEN: &str = "localtoken";
pub(crate) const APP_ID: &str = "wx00000000000000aa";

/// What is done wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    /// Echoes whatever it is asked to, as HTML.
    EchoesUnverified,
    /// Puts quotes around the echostr.
    QuotesEcho,
    NoSignature,
    /// Remembers timestamp and nonce in the place of the signature.
    ReplaysByStamp,
    NoReplayMemory,
    NoWindow,
    /// Answers a retry with `success`.
    DropsRetries,
    /// Keeps the sender where every request can see it.
    SharesSender,
    SwapsNames,
    RefusesUnknown,
    AcceptsPlaintext,
    ChecksSignatureOnly,
    IgnoresAppId,
    PadsBy16,
    AllowsDtd,
    FetchesEntities,
    NoBodyTimeout,
    /// Waits anew with every byte.
    WaitsForEachByte,
    NoBodyLimit,
    FailsOnGarbage,
    UnescapedReply,
    /// Answers 404 to all but texts and follows.
    KnowsTwoKinds,
    /// Takes all that a person does in one second for one event.
    OneEventASecond,
    /// Reads the first of two parameters with the same name.
    TakesFirstParameter,
    /// Replies to the query's openid.
    TrustsQuery,
    /// Replies to the sender beside the ciphertext.
    TrustsOutside,
    /// Acknowledges what it cannot open.
    AcknowledgesUnopened,
    /// Says how far it came in opening an envelope.
    TellsWhy,
    /// Reads the first root and does not look at its name.
    AnyRoot,
    /// Is busy with deep documents.
    LaboursOnDepth,
    /// Takes its time over pictures.
    Slow,
}

pub(crate) struct Receiver {
    pub(crate) url: String,
}

struct Desk {
    safe: bool,
    mini_program: bool,
    faults: HashSet<Fault>,
    /// Signature (or stamp) and the body that it came with.
    seen: Mutex<HashMap<String, Vec<u8>>>,
    replies: Mutex<HashMap<String, String>>,
    last_sender: Mutex<String>,
}

impl Receiver {
    pub(crate) async fn start(safe: bool, faults: &[Fault]) -> Self {
        Self::of(Kind::OfficialAccount, safe, faults).await
    }

    pub(crate) async fn of(kind: Kind, safe: bool, faults: &[Fault]) -> Self {
        let desk = Arc::new(Desk {
            safe,
            mini_program: kind == Kind::MiniProgram,
            faults: faults.iter().copied().collect(),
            seen: Mutex::default(),
            replies: Mutex::default(),
            last_sender: Mutex::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wechat", listener.local_addr().unwrap());
        let router = Router::new().route("/wechat", post(push).get(echo)).with_state(desk);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url }
    }
}

/// Why nothing was done.
type Refused = StatusCode;

async fn echo(State(desk): State<Arc<Desk>>, uri: Uri) -> Result<Response, Refused> {
    let query = query(&uri, false);
    let value = |name: &str| query.as_ref().and_then(|q| q.get(name)).cloned().unwrap_or_default();
    let echo = value("echostr").replace("%3C", "<").replace("%3E", ">");
    if desk.has(Fault::EchoesUnverified) {
        return Ok(([(header::CONTENT_TYPE, "text/html")], echo).into_response());
    }
    if signature(TOKEN, &value("timestamp"), &value("nonce")) != value("signature") {
        return Err(StatusCode::FORBIDDEN);
    }
    if desk.has(Fault::QuotesEcho) {
        return Ok(format!("\"{echo}\"").into_response());
    }
    let head = [(header::CONTENT_TYPE, "text/plain"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Ok((head, echo).into_response())
}

async fn push(State(desk): State<Arc<Desk>>, uri: Uri, body: Body) -> Result<Response, Refused> {
    let body = desk.read(body).await?;
    let query = query(&uri, desk.has(Fault::TakesFirstParameter)).ok_or(StatusCode::BAD_REQUEST)?;
    let text = desk.open(&query, &body)?;
    if text == "success" {
        return Ok(text.into_response());
    }
    let mut message = desk.parse(&text).await?;
    let outside = Fields::parse(&String::from_utf8_lossy(&body)).ok();
    let claimed = match (desk.has(Fault::TrustsQuery), desk.has(Fault::TrustsOutside)) {
        (true, _) => query.get("openid").cloned(),
        (_, true) => outside.and_then(|fields| Some(fields.find("FromUserName")?.to_owned())),
        _ => None,
    };
    if let Some(sender) = claimed {
        message = message.without("FromUserName").text("FromUserName", sender);
    }
    Ok(desk.reply(&message).await?.into_response())
}

impl Desk {
    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    async fn read(&self, body: Body) -> Result<Vec<u8>, Refused> {
        let limit = if self.has(Fault::NoBodyLimit) { usize::MAX } else { 1 << 18 };
        if self.has(Fault::WaitsForEachByte) {
            return by_the_byte(body).await;
        }
        let patience = if self.has(Fault::NoBodyTimeout) { 60 } else { 1 };
        match timeout(Duration::from_secs(patience), to_bytes(body, limit)).await {
            Ok(Ok(bytes)) => Ok(bytes.to_vec()),
            Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
            Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
        }
    }

    /// The message in clear, once everything about it is in order.
    fn open(&self, query: &HashMap<String, String>, body: &[u8]) -> Result<String, Refused> {
        let value = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let (timestamp, nonce) = (value("timestamp"), value("nonce"));
        if !self.has(Fault::NoWindow) && !self.has(Fault::NoSignature) {
            let seconds: i64 = timestamp.parse().map_err(|_| StatusCode::FORBIDDEN)?;
            if timestamp.len() != 10 || (now() - seconds).abs() > 300 {
                return Err(StatusCode::FORBIDDEN);
            }
        }
        let text = String::from_utf8(body.to_vec()).map_err(|_| self.garbage())?;
        let clear = !self.safe
            || (self.has(Fault::AcceptsPlaintext)
                && value("encrypt_type") != "aes"
                && !text.contains("<Encrypt>"));
        if clear {
            if !self.has(Fault::NoSignature) && signature(TOKEN, timestamp, nonce) != value("signature") {
                return Err(StatusCode::FORBIDDEN);
            }
            self.remember(value("signature"), timestamp, nonce, body)?;
            return Ok(text);
        }
        let outer = self.strict(&text)?;
        let encrypt = outer.find("Encrypt").ok_or(StatusCode::FORBIDDEN)?;
        let (given, expected) = match self.has(Fault::ChecksSignatureOnly) {
            true => (value("signature"), signature(TOKEN, timestamp, nonce)),
            false => (value("msg_signature"), msg_signature(TOKEN, timestamp, nonce, encrypt)),
        };
        if !self.has(Fault::NoSignature) && given != expected {
            return Err(StatusCode::FORBIDDEN);
        }
        self.remember(given, timestamp, nonce, body)?;
        let opened = match AesKey::parse(KEY).unwrap().decrypt(encrypt) {
            Ok(opened) => opened,
            Err(_) if self.has(Fault::AcknowledgesUnopened) => return Ok("success".to_owned()),
            Err(_) if self.has(Fault::TellsWhy) && encrypt.len() < 8 => return Err(StatusCode::BAD_REQUEST),
            Err(_) => return Err(StatusCode::FORBIDDEN),
        };
        if opened.app_id != APP_ID && !self.has(Fault::IgnoresAppId) {
            return Err(StatusCode::FORBIDDEN);
        }
        let pad = 32 - (20 + opened.message.len() + opened.app_id.len()) % 32;
        if self.has(Fault::PadsBy16) && pad > 16 {
            return Err(StatusCode::FORBIDDEN);
        }
        Ok(opened.message)
    }

    fn remember(&self, given: &str, timestamp: &str, nonce: &str, body: &[u8]) -> Result<(), Refused> {
        if self.has(Fault::NoReplayMemory) || self.has(Fault::NoSignature) {
            return Ok(());
        }
        let (key, what) = match self.has(Fault::ReplaysByStamp) {
            true => (format!("{timestamp} {nonce}"), body.to_vec()),
            false => (given.to_owned(), [timestamp.as_bytes(), b" ", nonce.as_bytes(), b" ", body].concat()),
        };
        let mut seen = self.seen.lock().unwrap();
        let known = seen.entry(key).or_insert_with(|| what.clone());
        if *known == what { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
    }

    /// The mock's reader refuses documents with a DTD, other roots and second ones; it has no limit of depth.
    async fn parse(&self, text: &str) -> Result<Fields, Refused> {
        if self.has(Fault::FetchesEntities)
            && let Some(url) = text.split("SYSTEM \"http://").nth(1).and_then(|rest| rest.split('/').next())
        {
            let _ = tokio::net::TcpStream::connect(url).await;
        }
        if self.has(Fault::AllowsDtd) && text.starts_with("<!DOCTYPE") {
            let (_, body) = text.split_at(text.find("<xml>").unwrap_or(0));
            return Fields::parse_xml(&body.replace("&e;", "").replace("&l6;", ""))
                .map_err(|_| self.garbage());
        }
        if self.has(Fault::LaboursOnDepth) && !shallow(text) {
            tokio::time::sleep(Duration::from_millis(2_100)).await;
        }
        if self.has(Fault::AnyRoot) {
            let root = text.replace("<html>", "<xml>").replace("</html>", "</xml>");
            let end = root.find("</xml>").map_or(root.len(), |end| end + "</xml>".len());
            return self.strict(&root[..end]);
        }
        self.strict(text)
    }

    fn strict(&self, text: &str) -> Result<Fields, Refused> {
        let message = Fields::parse(text).ok().filter(|_| shallow(text));
        message.ok_or_else(|| self.garbage())
    }

    fn garbage(&self) -> Refused {
        match self.has(Fault::FailsOnGarbage) {
            true => StatusCode::INTERNAL_SERVER_ERROR,
            false => StatusCode::BAD_REQUEST,
        }
    }

    async fn reply(&self, message: &Fields) -> Result<String, Refused> {
        let find = |name: &str| message.find(name).unwrap_or_default().to_owned();
        let (sender, account, kind, event) =
            (find("FromUserName"), find("ToUserName"), find("MsgType"), find("Event"));
        if sender.is_empty() || kind.is_empty() {
            return Err(StatusCode::BAD_REQUEST);
        }
        if self.has(Fault::RefusesUnknown) && (event.contains("tomorrow") || kind.contains("tomorrow")) {
            return Err(StatusCode::BAD_REQUEST);
        }
        if self.has(Fault::KnowsTwoKinds) && kind != "text" && event != "subscribe" {
            return Err(StatusCode::NOT_FOUND);
        }
        if self.has(Fault::Slow) && kind == "image" {
            tokio::time::sleep(Duration::from_millis(2_600)).await;
        }
        let second = format!("{sender} {}", find("CreateTime"));
        if self.has(Fault::OneEventASecond)
            && kind == "event"
            && let Some(reply) = self.replies.lock().unwrap().get(&second)
        {
            return Ok(reply.clone());
        }
        // A mini-program's replies are not delivered.
        if self.mini_program || (kind != "text" && event != "subscribe") {
            return Ok("success".to_owned());
        }
        let key = [&sender, &find("CreateTime"), &find("MsgId"), &event, &find("EventKey")]
            .map(String::as_str)
            .join(" ");
        if let Some(reply) = self.replies.lock().unwrap().get(&key) {
            return Ok(if self.has(Fault::DropsRetries) { "success".to_owned() } else { reply.clone() });
        }
        let sender = match self.has(Fault::SharesSender) {
            true => self.shared(sender).await,
            false => sender,
        };
        let content = match kind.as_str() {
            "text" => format!("you said: {}", find("Content")),
            _ => "Welcome!".to_owned(),
        };
        let reply = self.render(&sender, &account, content);
        self.replies.lock().unwrap().insert(second, reply.clone());
        Ok(self.replies.lock().unwrap().entry(key).or_insert(reply).clone())
    }

    /// What a field of a singleton becomes when requests overlap.
    async fn shared(&self, sender: String) -> String {
        *self.last_sender.lock().unwrap() = sender;
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.last_sender.lock().unwrap().clone()
    }

    fn render(&self, sender: &str, account: &str, content: String) -> String {
        let (to, from) = if self.has(Fault::SwapsNames) { (account, sender) } else { (sender, account) };
        let reply = Fields::new()
            .text("ToUserName", to)
            .text("FromUserName", from)
            .number("CreateTime", now())
            .text("MsgType", "text");
        let reply = match self.has(Fault::UnescapedReply) {
            true => reply.number("Content", content),
            false => reply.text("Content", content),
        };
        let reply = reply.to_xml();
        if !self.safe {
            return reply;
        }
        let encrypt = AesKey::parse(KEY).unwrap().encrypt(b"0123456789abcdef", &reply, APP_ID);
        Fields::new()
            .text("MsgSignature", msg_signature(TOKEN, "1760000001", "17", &encrypt))
            .text("Encrypt", encrypt)
            .number("TimeStamp", 1_760_000_001)
            .text("Nonce", "17")
            .to_xml()
    }
}

async fn by_the_byte(body: Body) -> Result<Vec<u8>, Refused> {
    let (mut stream, mut read) = (body.into_data_stream(), Vec::new());
    while let Some(more) =
        timeout(Duration::from_secs(1), stream.next()).await.map_err(|_| StatusCode::REQUEST_TIMEOUT)?
    {
        read.extend(more.map_err(|_| StatusCode::BAD_REQUEST)?);
        if read.len() > 1 << 18 {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
    }
    Ok(read)
}

/// Real messages have four levels.
fn shallow(text: &str) -> bool {
    text.matches("<a>").count() < 100 && text.matches('[').count() < 100
}

/// Each parameter once, or nothing.
fn query(uri: &Uri, first: bool) -> Option<HashMap<String, String>> {
    let mut query = HashMap::new();
    for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        if first && query.contains_key(name) {
            continue;
        }
        if query.insert(name.to_owned(), value.to_owned()).is_some() {
            return None;
        }
    }
    Some(query)
}

#[expect(clippy::disallowed_methods, reason = "a receiver has a clock of its own")]
fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}
