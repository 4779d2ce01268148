//! What the account's server asks of WeChat.

use mock_wechat::{MockWechat, testkit::Account};
use serde_json::Value;

pub(crate) struct Api {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Api {
    /// With a token of the account.
    pub(crate) async fn of(wechat: &MockWechat, account: &Account) -> Self {
        let query =
            format!("grant_type=client_credential&appid={}&secret={}", account.app_id(), account.secret());
        let client = crate::client();
        let answer = client.get(format!("{}/cgi-bin/token?{query}", wechat.url())).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap().to_owned();
        Self { client, url: wechat.url(), token }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.client.get(self.to(path)).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        self.client.post(self.to(path)).body(body.to_string()).send().await.unwrap().json().await.unwrap()
    }

    /// Uploads a file; its `media_id`.
    pub(crate) async fn upload(&self, kind: &str, file: &[u8]) -> String {
        let head = "--cut\r\nContent-Disposition: form-data; name=\"media\"; filename=\"file\"\r\n\r\n";
        let body = [head.as_bytes(), file, b"\r\n--cut--\r\n"].concat();
        let request = self.client.post(self.to(&format!("/cgi-bin/media/upload?type={kind}")));
        let request = request.header("content-type", "multipart/form-data; boundary=cut").body(body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let id = answer["media_id"].as_str().or_else(|| answer["thumb_media_id"].as_str());
        id.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    fn to(&self, path: &str) -> String {
        let separator = if path.contains('?') { '&' } else { '?' };
        format!("{}{path}{separator}access_token={}", self.url, self.token)
    }
}
