//! The world that most tests of the API begin with.

use mock_wechat::{
    MockWechat,
    testkit::{Account, Person},
};
use serde_json::{Value, json};

use crate::client::Http;

/// The local world, with a token of `brand`.
pub(crate) struct World {
    pub(crate) wechat: MockWechat,
    pub(crate) http: Http,
    pub(crate) brand: Account,
    pub(crate) shop: Account,
    pub(crate) lin: Person,
    pub(crate) token: String,
}

pub(crate) async fn world() -> World {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let shop = wechat.mini_program("shop").without_callback().await;
    let lin = wechat.person("lin");
    let token = http.stable_token(&brand).await;
    World { wechat, http, brand, shop, lin, token }
}

impl World {
    pub(crate) async fn info(&self) -> Value {
        self.http
            .get(&format!("/cgi-bin/user/info?access_token={}&openid={}", self.token, self.lin_id()))
            .await
    }

    pub(crate) fn lin_id(&self) -> String {
        self.lin.open_id(&self.brand)
    }

    pub(crate) async fn send(&self, message: Value) -> Value {
        self.http.post(&format!("/cgi-bin/message/custom/send?access_token={}", self.token), message).await
    }

    pub(crate) fn text(&self) -> Value {
        json!({"touser": self.lin_id(), "msgtype": "text", "text": {"content": "hello"}})
    }
}

/// The keys of an object, sorted.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}
