//! An account's server as small as can be: keeps what it got, answers what the test says.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use mock_wechat::{
    testkit::Account,
    wire::{
        envelope::AesKey,
        fields::Fields,
        signature::{msg_signature, signature},
    },
};
use serde::Deserialize;

/// What arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) query: PushQuery,
    pub(crate) body: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PushQuery {
    pub(crate) signature: String,
    pub(crate) timestamp: String,
    pub(crate) nonce: String,
    pub(crate) openid: Option<String>,
    pub(crate) encrypt_type: Option<String>,
    pub(crate) msg_signature: Option<String>,
    pub(crate) echostr: Option<String>,
}

/// What is answered.
pub(crate) enum Answer {
    Body(String),
    Status(u16),
    /// Never anything.
    Silence,
}

type Behaviour = dyn Fn(usize, &Received) -> Answer + Send + Sync;

/// A running receiver.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

struct Inner {
    received: Mutex<Vec<Received>>,
    behaviour: Box<Behaviour>,
}

impl Receiver {
    /// Answers each push by what the test says; the number counts from 0.
    pub(crate) async fn start(
        behaviour: impl Fn(usize, &Received) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let inner = Arc::new(Inner { received: Mutex::default(), behaviour: Box::new(behaviour) });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/wechat?site=1", listener.local_addr().unwrap());
        let router = Router::new().route("/wechat", post(push).get(verify)).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, inner }
    }

    pub(crate) async fn answering(body: &str) -> Self {
        let body = body.to_owned();
        Self::start(move |_, _| Answer::Body(body.clone())).await
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }
}

impl Received {
    /// The message in clear: verified as an account in its mode has to.
    pub(crate) fn message(&self, account: &Account) -> Fields {
        Fields::parse(&self.plaintext(account)).unwrap()
    }

    pub(crate) fn plaintext(&self, account: &Account) -> String {
        let PushQuery { timestamp, nonce, .. } = &self.query;
        assert_eq!(self.query.signature, signature(account.token(), timestamp, nonce));
        let Some(given) = &self.query.msg_signature else { return self.body.clone() };
        assert_eq!(self.query.encrypt_type.as_deref(), Some("aes"));
        let outer = Fields::parse(&self.body).unwrap();
        let encrypt = outer.find("Encrypt").unwrap();
        assert_eq!(*given, msg_signature(account.token(), timestamp, nonce, encrypt));
        let opened = AesKey::parse(account.encoding_aes_key()).unwrap().decrypt(encrypt).unwrap();
        assert_eq!(opened.app_id, account.app_id());
        opened.message
    }
}

/// A text reply in clear XML.
pub(crate) fn text_reply(to: &str, from: &str, content: &str) -> String {
    Fields::new()
        .text("ToUserName", to)
        .text("FromUserName", from)
        .number("CreateTime", 1_760_000_001)
        .text("MsgType", "text")
        .text("Content", content)
        .to_xml()
}

/// Any reply, sealed for safe mode.
pub(crate) fn sealed(account: &Account, app_id: &str, plaintext: &str) -> String {
    let key = AesKey::parse(account.encoding_aes_key()).unwrap();
    let encrypt = key.encrypt(b"0123456789abcdef", plaintext, app_id);
    Fields::new()
        .text("MsgSignature", msg_signature(account.token(), "1760000001", "17", &encrypt))
        .text("Encrypt", encrypt)
        .number("TimeStamp", 1_760_000_001)
        .text("Nonce", "17")
        .to_xml()
}

async fn push(State(inner): State<Arc<Inner>>, Query(query): Query<PushQuery>, body: Bytes) -> Response {
    let received = Received { query, body: String::from_utf8(body.to_vec()).unwrap() };
    let number = {
        let mut all = inner.received.lock().unwrap();
        all.push(received.clone());
        all.len() - 1
    };
    match (inner.behaviour)(number, &received) {
        Answer::Body(body) => body.into_response(),
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Silence => std::future::pending().await,
    }
}

async fn verify(State(inner): State<Arc<Inner>>, Query(query): Query<PushQuery>) -> Response {
    let received = Received { query, body: String::new() };
    match (inner.behaviour)(0, &received) {
        Answer::Body(body) => body.into_response(),
        _ => StatusCode::FORBIDDEN.into_response(),
    }
}
