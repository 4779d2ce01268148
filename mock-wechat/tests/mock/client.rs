//! A client of the mock's HTTP side, as an SDK or a script is.

use mock_wechat::{MockWechat, testkit::Account};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) struct Http {
    base: String,
    client: Client,
}

impl Http {
    pub(crate) fn to(wechat: &MockWechat) -> Self {
        Self { base: wechat.url(), client: client() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        json_of(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.post_text(path, &body.to_string()).await
    }

    /// Without any content type, as several SDKs do.
    pub(crate) async fn post_text(&self, path: &str, body: &str) -> Value {
        json_of(self.request(Method::POST, path).body(body.to_owned()).send().await.unwrap()).await
    }

    pub(crate) async fn stable_token(&self, account: &Account) -> String {
        let body = json!({
            "grant_type": "client_credential",
            "appid": account.app_id(),
            "secret": account.secret(),
        });
        self.post("/cgi-bin/stable_token", body).await["access_token"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).build().unwrap()
}

pub(crate) async fn json_of(response: Response) -> Value {
    let text = response.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}
