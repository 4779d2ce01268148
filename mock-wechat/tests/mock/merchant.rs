//! A merchant's server: keeps WeChat Pay's notifications and answers what the test says.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use base64::{Engine, engine::general_purpose::STANDARD};
use mock_wechat::{MockWechat, testkit::Account, wire::pay};
use reqwest::Method;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::client::Http;

const API_V3_KEY: &str = "0123456789abcdef0123456789ABCDEF";

/// What arrived.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Notified {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

type Answers = dyn Fn(usize, &Notified) -> u16 + Send + Sync;

/// A running server.
#[derive(Clone)]
pub(crate) struct Merchant {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

struct Inner {
    received: Mutex<Vec<Notified>>,
    arrived: watch::Sender<usize>,
    /// Whether what arrives is answered.
    open: watch::Sender<bool>,
    answers: Box<Answers>,
}

impl Merchant {
    /// Answers each notification with that status; the number counts from 0.
    pub(crate) async fn answering(answers: impl Fn(usize, &Notified) -> u16 + Send + Sync + 'static) -> Self {
        let inner = Arc::new(Inner {
            received: Mutex::default(),
            arrived: watch::Sender::new(0),
            open: watch::Sender::new(true),
            answers: Box::new(answers),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/pay", listener.local_addr().unwrap());
        let router = Router::new().route("/pay", post(notified)).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, inner }
    }

    /// Takes what is signed, and refuses all else.
    pub(crate) async fn verifying() -> Self {
        Self::answering(|_, notified| if notified.is_signed() { 204 } else { 401 }).await
    }

    pub(crate) fn received(&self) -> Vec<Notified> {
        self.inner.received.lock().unwrap().clone()
    }

    /// Holds back all answers, or lets them go.
    pub(crate) fn open(&self, open: bool) {
        self.inner.open.send_replace(open);
    }

    /// Waits until that many notifications arrived, answered or not.
    pub(crate) async fn has_received(&self, count: usize) {
        self.inner.arrived.subscribe().wait_for(|arrived| *arrived >= count).await.unwrap();
    }

    /// The mini-program `shop`, whose merchant it is.
    pub(crate) async fn shop(&self, wechat: &MockWechat) -> Account {
        let change =
            json!({"pay_notify_url": self.url, "api_v3_key": API_V3_KEY, "callback": null}).to_string();
        let put = Http::to(wechat).request(Method::PUT, "/_mock/accounts/shop").body(change);
        assert_eq!(put.send().await.unwrap().status(), 200);
        wechat.mini_program("shop").await
    }
}

async fn notified(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let notified = Notified { headers, body };
    let number = {
        let mut all = inner.received.lock().unwrap();
        all.push(notified.clone());
        all.len() - 1
    };
    inner.arrived.send_replace(number + 1);
    inner.open.subscribe().wait_for(|open| *open).await.unwrap();
    StatusCode::from_u16((inner.answers)(number, &notified)).unwrap()
}

impl Notified {
    /// Whether the signature is WeChat Pay's, over this body.
    pub(crate) fn is_signed(&self) -> bool {
        let pem: String = pay::PUBLIC_KEY.lines().filter(|line| !line.starts_with('-')).collect();
        let spki = STANDARD.decode(pem).unwrap();
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &spki[24..]);
        let head = format!("{}\n{}\n", self.header("wechatpay-timestamp"), self.header("wechatpay-nonce"));
        let message = [head.as_bytes(), &self.body, b"\n"].concat();
        let Ok(signature) = STANDARD.decode(self.header("wechatpay-signature")) else { return false };
        self.header("wechatpay-serial") == pay::SERIAL && key.verify(&message, &signature).is_ok()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// What was sealed in it.
    pub(crate) fn opened(&self) -> Value {
        let resource = &self.json()["resource"];
        let text = |name: &str| resource[name].as_str().unwrap();
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, API_V3_KEY.as_bytes()).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(text("nonce").as_bytes()).unwrap();
        let mut sealed = STANDARD.decode(text("ciphertext")).unwrap();
        let aad = Aad::from(text("associated_data").as_bytes());
        serde_json::from_slice(key.open_in_place(nonce, aad, &mut sealed).unwrap()).unwrap()
    }
}
