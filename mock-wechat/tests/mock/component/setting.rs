//! A third-party platform and an account that has not authorised it.

use aes::Aes256;
use base64::{
    Engine, alphabet,
    engine::{GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use cbc::cipher::{Array, BlockModeDecrypt, KeyIvInit};
use mock_wechat::{MockWechat, testkit::Account, wire::fields::Fields};
use reqwest::Method;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::{
    client::{Http, json_of},
    receiver::{Received, Receiver},
};

pub(crate) const APP_ID: &str = "wx00000000000000cc";
pub(crate) const TOKEN: &str = "componenttoken";
pub(crate) const AES_KEY: &str = "ComponentKeyComponentKeyComponentKeyCompone";

pub(crate) struct Setting {
    pub(crate) wechat: MockWechat,
    pub(crate) http: Http,
    pub(crate) brand: Account,
    /// Where tickets and authorisations go.
    pub(crate) events: Receiver,
    pub(crate) secret: String,
}

/// A third-party platform made by the control API, and an account that has not authorised it.
pub(crate) async fn setting() -> Setting {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let events = Receiver::answering("success").await;
    let made = put(
        &http,
        json!({
            "kind": "component", "name": "agency", "token": TOKEN, "encoding_aes_key": AES_KEY, "callback": events.url,
        }),
    )
    .await;
    assert!(made.get("verification").is_none(), "{made}");
    let secret = made["secret"].as_str().unwrap().to_owned();
    Setting { wechat, http, brand, events, secret }
}

pub(crate) async fn put(http: &Http, body: Value) -> Value {
    let path = format!("/_mock/accounts/{APP_ID}");
    json_of(http.request(Method::PUT, &path).body(body.to_string()).send().await.unwrap()).await
}

impl Setting {
    pub(crate) async fn start_tickets(&self) -> Value {
        let body = json!({"component_appid": APP_ID, "component_secret": self.secret});
        self.http.post("/cgi-bin/component/api_start_push_ticket", body).await
    }

    /// What the platform was told, once it was told that much.
    pub(crate) async fn told(&self, count: usize) -> Vec<Fields> {
        let path = format!("/_mock/deliveries?account=agency&wait=5s&count={count}");
        let delivered = self.http.get(&path).await;
        assert_eq!(delivered["deliveries"].as_array().unwrap().len(), count, "{delivered}");
        self.events.received().iter().map(|received| Fields::parse(&opened(received)).unwrap()).collect()
    }

    pub(crate) async fn ticket(&self) -> String {
        let given = self.http.post("/_mock/components/agency/ticket", json!({})).await;
        given["component_verify_ticket"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn token_for(&self, ticket: &str) -> Value {
        let body = json!({
            "component_appid": APP_ID, "component_appsecret": self.secret, "component_verify_ticket": ticket,
        });
        self.http.post("/cgi-bin/component/api_component_token", body).await
    }

    pub(crate) async fn component_token(&self) -> String {
        let issued = self.token_for(&self.ticket().await).await;
        issued["component_access_token"].as_str().unwrap().to_owned()
    }

    /// A call in the platform's own name; `component_appid` is added.
    pub(crate) async fn call(&self, token: &str, api: &str, mut body: Value) -> Value {
        body["component_appid"] = APP_ID.into();
        self.http.post(&format!("/cgi-bin/component/{api}?component_access_token={token}"), body).await
    }

    pub(crate) async fn authorized(&self, token: &str, body: Value) -> Value {
        let given = self.http.post("/_mock/components/agency/authorize", body).await;
        self.call(token, "api_query_auth", json!({"authorization_code": given["auth_code"]})).await
    }

    pub(crate) async fn followers(&self, token: &Value) -> Value {
        self.http.get(&format!("/cgi-bin/user/get?access_token={}", token.as_str().unwrap())).await
    }
}

/// The event in clear, verified and decrypted by WeChat's document alone and none of the mock's own code.
pub(crate) fn opened(received: &Received) -> String {
    let query = &received.query;
    assert_eq!((query.openid.as_deref(), query.encrypt_type.as_deref()), (None, Some("aes")));
    let encrypt = between(&received.body, "<Encrypt><![CDATA[", "]]></Encrypt>");
    assert_eq!(
        received.body,
        format!("<xml><AppId><![CDATA[{APP_ID}]]></AppId><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>")
    );
    let mut signed = [TOKEN, &query.timestamp, &query.nonce, encrypt];
    signed.sort_unstable();
    let digest = Sha1::digest(signed.concat());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(query.msg_signature.as_deref(), Some(hex.as_str()));

    let lenient = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    let key = GeneralPurpose::new(&alphabet::STANDARD, lenient).decode(format!("{AES_KEY}=")).unwrap();
    let key: [u8; 32] = key.try_into().unwrap();
    let iv: [u8; 16] = key[..16].try_into().unwrap();
    let mut plain = STANDARD.decode(encrypt).unwrap();
    let mut cipher = cbc::Decryptor::<Aes256>::new(&key.into(), &iv.into());
    cipher.decrypt_blocks(Array::slice_as_chunks_mut(&mut plain).0);
    let pad = usize::from(*plain.last().unwrap());
    assert!((1..=32).contains(&pad) && plain.len().is_multiple_of(32));
    plain.truncate(plain.len() - pad);
    let length = usize::try_from(u32::from_be_bytes(plain[16..20].try_into().unwrap())).unwrap();
    assert_eq!(plain[20 + length..], *APP_ID.as_bytes());
    String::from_utf8(plain[20..20 + length].to_vec()).unwrap()
}

pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}
