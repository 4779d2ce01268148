//! Third-party platforms: tickets, tokens, authorisations, and what they do in the name of accounts.

use std::time::Duration;

use aes::Aes256;
use base64::{
    Engine, alphabet,
    engine::{GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use cbc::cipher::{Array, BlockModeDecrypt, KeyIvInit};
use mock_wechat::{MockWechat, testkit::Account, wire::fields::Fields};
use reqwest::{Method, redirect::Policy};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::{
    client::{Http, json_of},
    receiver::{Received, Receiver, text_reply},
};

const APP_ID: &str = "wx00000000000000cc";
const TOKEN: &str = "componenttoken";
const AES_KEY: &str = "ComponentKeyComponentKeyComponentKeyCompone";

struct Setting {
    wechat: MockWechat,
    http: Http,
    brand: Account,
    /// Where tickets and authorisations go.
    events: Receiver,
    secret: String,
}

/// A third-party platform made by the control API, and an account that has not authorised it.
async fn setting() -> Setting {
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

async fn put(http: &Http, body: Value) -> Value {
    let path = format!("/_mock/accounts/{APP_ID}");
    json_of(http.request(Method::PUT, &path).body(body.to_string()).send().await.unwrap()).await
}

impl Setting {
    async fn start_tickets(&self) -> Value {
        let body = json!({"component_appid": APP_ID, "component_secret": self.secret});
        self.http.post("/cgi-bin/component/api_start_push_ticket", body).await
    }

    /// What the platform was told, once it was told that much.
    async fn told(&self, count: usize) -> Vec<Fields> {
        let path = format!("/_mock/deliveries?account=agency&wait=5s&count={count}");
        let delivered = self.http.get(&path).await;
        assert_eq!(delivered["deliveries"].as_array().unwrap().len(), count, "{delivered}");
        self.events.received().iter().map(|received| Fields::parse(&opened(received)).unwrap()).collect()
    }

    async fn ticket(&self) -> String {
        let given = self.http.post("/_mock/components/agency/ticket", json!({})).await;
        given["component_verify_ticket"].as_str().unwrap().to_owned()
    }

    async fn token_for(&self, ticket: &str) -> Value {
        let body = json!({
            "component_appid": APP_ID, "component_appsecret": self.secret, "component_verify_ticket": ticket,
        });
        self.http.post("/cgi-bin/component/api_component_token", body).await
    }

    async fn component_token(&self) -> String {
        let issued = self.token_for(&self.ticket().await).await;
        issued["component_access_token"].as_str().unwrap().to_owned()
    }

    /// A call in the platform's own name; `component_appid` is added.
    async fn call(&self, token: &str, api: &str, mut body: Value) -> Value {
        body["component_appid"] = APP_ID.into();
        self.http.post(&format!("/cgi-bin/component/{api}?component_access_token={token}"), body).await
    }

    async fn authorized(&self, token: &str, body: Value) -> Value {
        let given = self.http.post("/_mock/components/agency/authorize", body).await;
        self.call(token, "api_query_auth", json!({"authorization_code": given["auth_code"]})).await
    }

    async fn followers(&self, token: &Value) -> Value {
        self.http.get(&format!("/cgi-bin/user/get?access_token={}", token.as_str().unwrap())).await
    }
}

/// The event in clear, verified and decrypted by WeChat's document alone and none of the mock's own code.
fn opened(received: &Received) -> String {
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

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

#[tokio::test]
async fn an_encrypted_ticket_comes_at_the_start_and_every_ten_minutes_of_the_mock_s_clock() {
    let s = setting().await;

    assert_eq!(s.start_tickets().await["errcode"], 0);
    let first = s.told(1).await;
    s.wechat.advance(Duration::from_secs(500));
    let quiet = s.http.get("/_mock/deliveries?account=agency").await;
    s.wechat.advance(Duration::from_secs(100));
    let both = s.told(2).await;

    assert_eq!(quiet["deliveries"].as_array().unwrap().len(), 1);
    let [first, second] = [&first[0], &both[1]];
    assert_eq!(
        (first.find("AppId"), first.find("InfoType")),
        (Some(APP_ID), Some("component_verify_ticket"))
    );
    assert!(first.find("ToUserName").is_none() && first.find("MsgType").is_none());
    let [old, new] = [first, second].map(|told| told.find("ComponentVerifyTicket").unwrap());
    assert!(old.starts_with("ticket@@@") && new.starts_with("ticket@@@") && old != new);
    assert!(
        s.token_for(old).await["component_access_token"].is_string(),
        "an older one is good for 12 hours"
    );
    s.wechat.advance(Duration::from_secs(12 * 3600));
    assert_eq!(s.token_for(old).await["errcode"], 61005);
}

#[tokio::test]
async fn an_event_wants_success_for_an_answer() {
    let s = setting().await;
    let sloppy = Receiver::answering("<xml></xml>").await;
    put(&s.http, json!({"callback": sloppy.url})).await;

    let given = s.http.post("/_mock/components/agency/ticket", json!({})).await;

    let verdict = &given["deliveries"][0]["verdict"];
    assert_eq!(verdict["ok"], false);
    assert!(verdict["reason"].as_str().unwrap().contains("success"), "{verdict}");
}

#[tokio::test]
async fn a_token_takes_appid_secret_and_ticket_in_that_order() {
    let s = setting().await;
    let ticket = s.ticket().await;
    for (body, errcode) in [
        (json!({}), 41018),
        (json!({"component_appid": "wx0000000000000000"}), 40013),
        (json!({"component_appid": s.brand.app_id(), "component_appsecret": s.brand.secret()}), 40013),
        (json!({"component_appid": APP_ID}), 41019),
        (json!({"component_appid": APP_ID, "component_appsecret": "wrong"}), 40125),
        (json!({"component_appid": APP_ID, "component_appsecret": s.secret}), 41020),
        (
            json!({"component_appid": APP_ID, "component_appsecret": s.secret, "component_verify_ticket": "x"}),
            61006,
        ),
    ] {
        let answer = s.http.post("/cgi-bin/component/api_component_token", body.clone()).await;
        assert_eq!(answer["errcode"], errcode, "{body}");
    }

    let issued = s.token_for(&ticket).await;

    assert_eq!(issued["expires_in"], 7200);
    assert!(issued.get("errcode").is_none(), "{issued}");
    let plain = format!("/cgi-bin/token?grant_type=client_credential&appid={APP_ID}&secret={}", s.secret);
    assert_eq!(s.http.get(&plain).await["errcode"], 61024);
}

#[tokio::test]
async fn component_calls_want_a_live_token_of_the_platform_itself() {
    let s = setting().await;
    let token = s.component_token().await;
    let brands = s.http.stable_token(&s.brand).await;
    let body = json!({"component_appid": APP_ID});
    let path = "/cgi-bin/component/api_create_preauthcode";

    assert_eq!(s.http.post(path, body.clone()).await["errcode"], 41021);
    let with = async |token: &str| s.call(token, "api_create_preauthcode", json!({})).await;
    assert_eq!(with("nonsense").await["errcode"], 40001);
    assert_eq!(with(&brands).await["errcode"], 61014);
    let code = with(&token).await;
    assert_eq!(code["expires_in"], 600);
    assert!(code["pre_auth_code"].as_str().unwrap().starts_with("preauthcode@@@"), "{code}");
    let newer = s.http.post(&format!("{path}?access_token={token}"), body).await;
    assert!(newer["pre_auth_code"].is_string(), "the newer documents call the token access_token: {newer}");
    let other = json!({"component_appid": "wx00000000000000dd"});
    let other = s.http.post(&format!("{path}?component_access_token={token}"), other).await;
    assert_eq!(other["errcode"], 61011);
    assert_eq!(s.followers(&token.clone().into()).await["errcode"], 61015);
    s.wechat.advance(Duration::from_secs(7200));
    assert_eq!(with(&token).await["errcode"], 42006);
}

#[tokio::test]
async fn an_account_authorises_on_the_page_and_the_platform_is_told_and_acts_for_it() {
    let s = setting().await;
    let token = s.component_token().await;
    let code = s.call(&token, "api_create_preauthcode", json!({})).await;
    let pre_auth_code = code["pre_auth_code"].as_str().unwrap();
    let page = |more: &str| {
        format!(
            "{}/cgi-bin/componentloginpage?component_appid={APP_ID}&pre_auth_code={pre_auth_code}\
             &redirect_uri=https%3A%2F%2Fagency.example.com%2Fback%3Fa%3D1&auth_type=1{more}",
            s.wechat.url()
        )
    };
    let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();

    let shown = browser.get(page("")).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("authorize-brand") && !shown.contains("authorize-shop"), "{shown}");
    let answer = browser.get(page("&account=brand&function=1&function=2")).send().await.unwrap();

    assert_eq!(answer.status(), 302);
    let to = answer.headers()["location"].to_str().unwrap();
    assert!(to.starts_with("https://agency.example.com/back?a=1&auth_code=queryauthcode%40%40%40"), "{to}");
    assert!(to.ends_with("&expires_in=3600"), "{to}");
    let told = &s.told(2).await[1];
    assert_eq!(told.find("InfoType"), Some("authorized"));
    assert_eq!(told.find("AuthorizerAppid"), Some(s.brand.app_id()));
    assert_eq!(told.find("PreAuthCode"), Some(pre_auth_code));
    let auth_code = told.find("AuthorizationCode").unwrap();
    let query = json!({"authorization_code": auth_code});
    let granted = s.call(&token, "api_query_auth", query.clone()).await;
    let info = &granted["authorization_info"];
    assert_eq!((&info["authorizer_appid"], &info["expires_in"]), (&json!(s.brand.app_id()), &json!(7200)));
    let both = json!([{"funcscope_category": {"id": 1}}, {"funcscope_category": {"id": 2}}]);
    assert_eq!(info["func_info"], both);
    assert_eq!(s.followers(&info["authorizer_access_token"]).await["total"], 0);
    let menu =
        format!("/cgi-bin/menu/get?access_token={}", info["authorizer_access_token"].as_str().unwrap());
    assert_eq!(s.http.get(&menu).await["errcode"], 61007);
    assert_eq!(s.call(&token, "api_query_auth", query).await["errcode"], 61010, "good once");
    let made_up = s.call(&token, "api_query_auth", json!({"authorization_code": "made up"})).await;
    assert_eq!(made_up["errcode"], 61009);

    s.wechat.advance(Duration::from_secs(600));
    let late = browser.get(page("&account=brand")).send().await.unwrap();
    assert!(late.status() == 200 && late.text().await.unwrap().contains("pre_auth_code"));
}

#[tokio::test]
async fn a_refresh_token_gives_new_tokens_until_the_account_withdraws() {
    let s = setting().await;
    let token = s.component_token().await;
    let granted = s.authorized(&token, json!({"account": "brand"})).await;
    let info = &granted["authorization_info"];
    let refresh = async |given: &Value| {
        let body = json!({"authorizer_appid": s.brand.app_id(), "authorizer_refresh_token": given});
        s.call(&token, "api_authorizer_token", body).await
    };

    assert_eq!(refresh(&json!("wrong")).await["errcode"], 61023);
    let renewed = refresh(&info["authorizer_refresh_token"]).await;
    assert_eq!(renewed["authorizer_refresh_token"], info["authorizer_refresh_token"]);
    let own = s.http.stable_token(&s.brand).await;
    s.wechat.advance(Duration::from_secs(301));
    assert_eq!(s.followers(&info["authorizer_access_token"]).await["errcode"], 40001, "superseded");
    assert_eq!(s.followers(&renewed["authorizer_access_token"]).await["total"], 0);
    assert_eq!(s.followers(&own.into()).await["total"], 0, "the account's own line is another one");

    let same = s.http.post("/_mock/components/agency/authorize", json!({"account": "brand"})).await;
    assert_eq!(same["deliveries"], json!([]), "nothing changed");
    let fewer = json!({"account": "brand", "functions": [2]});
    s.http.post("/_mock/components/agency/authorize", fewer).await;
    s.http.post("/_mock/components/agency/unauthorize", json!({"account": "brand"})).await;
    assert_eq!(s.followers(&renewed["authorizer_access_token"]).await["errcode"], 61003);
    assert_eq!(refresh(&info["authorizer_refresh_token"]).await["errcode"], 61003);
    let kinds: Vec<String> = s
        .events
        .received()
        .iter()
        .map(|got| between(&opened(got), "<InfoType><![CDATA[", "]]>").into())
        .collect();
    assert_eq!(kinds[1..], ["authorized", "updateauthorized", "unauthorized"]);
}

#[tokio::test]
async fn authorizers_are_listed_described_and_switched() {
    let s = setting().await;
    let token = s.component_token().await;
    let shop = s.wechat.mini_program("shop").without_callback().await;
    s.authorized(&token, json!({"account": "brand"})).await;
    let granted = s.authorized(&token, json!({"account": "shop", "functions": [18, 19]})).await;

    let list = s.call(&token, "api_get_authorizer_list", json!({"offset": 1, "count": 500})).await;
    assert_eq!((&list["total_count"], list["list"].as_array().unwrap().len()), (&json!(2), 1));
    let of = |app_id: &str| json!({"authorizer_appid": app_id});
    let brand = s.call(&token, "api_get_authorizer_info", of(s.brand.app_id())).await;
    assert_eq!(brand["authorizer_info"]["user_name"], s.brand.original_id());
    assert_eq!(brand["authorizer_info"]["service_type_info"]["id"], 2);
    let mini = s.call(&token, "api_get_authorizer_info", of(shop.app_id())).await;
    assert!(mini["authorizer_info"]["MiniProgramInfo"].is_object(), "{mini}");
    assert_eq!(mini["authorization_info"]["func_info"].as_array().unwrap().len(), 2);

    let option = |name: &str, value: Option<&str>| {
        let mut body = json!({"authorizer_appid": s.brand.app_id(), "option_name": name});
        value.into_iter().for_each(|value| body["option_value"] = value.into());
        body
    };
    let set = |name, value| s.call(&token, "api_set_authorizer_option", option(name, Some(value)));
    assert_eq!(set("location_report", "1").await["errcode"], 0);
    assert_eq!(set("location_report", "7").await["errcode"], 61013);
    assert_eq!(set("weather", "1").await["errcode"], 61012);
    let read = s.call(&token, "api_get_authorizer_option", option("location_report", None)).await;
    assert_eq!(read["option_value"], "1");
    let own = granted["authorization_info"]["authorizer_access_token"].as_str().unwrap();
    let own = format!("/cgi-bin/component/get_authorizer_option?access_token={own}");
    assert_eq!(s.http.post(&own, json!({"option_name": "voice_recognize"})).await["option_value"], "0");
}

#[tokio::test]
async fn the_users_of_accounts_log_in_in_the_platform_s_name() {
    let s = setting().await;
    let token = s.component_token().await;
    s.wechat.mini_program("shop").without_callback().await;
    let login = async || {
        let given = s.http.post("/_mock/people/lin/login", json!({"account": "shop"})).await;
        let code = given["js_code"].as_str().unwrap();
        s.http
            .get(&format!(
                "/sns/component/jscode2session?appid=wx00000000000000bb&js_code={code}&grant_type=authorization_code\
                 &component_appid={APP_ID}&component_access_token={token}"
            ))
            .await
    };
    assert_eq!(login().await["errcode"], 61003);
    s.authorized(&token, json!({"account": "shop"})).await;
    s.authorized(&token, json!({"account": "brand"})).await;

    let session = login().await;
    assert!(session["session_key"].is_string() && session["unionid"].is_string(), "{session}");

    let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let page = format!(
        "{}/connect/oauth2/authorize?appid={}&redirect_uri=https%3A%2F%2Fa.example.com%2F&response_type=code\
         &scope=snsapi_base&state=s&component_appid={APP_ID}&person=lin",
        s.wechat.url(),
        s.brand.app_id()
    );
    let answer = browser.get(page).send().await.unwrap();
    let to = answer.headers()["location"].to_str().unwrap();
    let code = between(to, "code=", "&");
    let granted = s
        .http
        .get(&format!(
            "/sns/oauth2/component/access_token?appid={}&code={code}&grant_type=authorization_code\
             &component_appid={APP_ID}&component_access_token={token}",
            s.brand.app_id()
        ))
        .await;
    assert_eq!(granted["openid"], s.wechat.person("lin").open_id(&s.brand));
    let refreshed = s
        .http
        .get(&format!(
            "/sns/oauth2/component/refresh_token?appid={}&grant_type=refresh_token&component_appid={APP_ID}\
             &component_access_token={token}&refresh_token={}",
            s.brand.app_id(),
            granted["refresh_token"].as_str().unwrap()
        ))
        .await;
    assert_eq!(refreshed["openid"], granted["openid"]);
}

#[tokio::test]
async fn messages_go_through_the_platform_with_its_keys_and_its_sealed_answer_is_shown() {
    let s = setting().await;
    let token = s.component_token().await;
    let lin = s.wechat.person("lin");
    let (open_id, original_id) = (lin.open_id(&s.brand), s.brand.original_id().to_owned());
    let agency = s.wechat.third_party_platform("agency").await;
    let reply = text_reply(&open_id, &original_id, "您好");
    let messages = Receiver::answering(&crate::receiver::sealed(&agency, APP_ID, &reply)).await;
    let address = messages.url.replace("/wechat?", "/wechat?account=$APPID$&");
    put(&s.http, json!({"message_callback": address})).await;
    lin.follows(&s.brand).await;
    assert!(messages.received().is_empty(), "not authorised yet");
    s.authorized(&token, json!({"account": "brand"})).await;

    let chat = lin.texts(&s.brand, "在吗").await;

    chat.is_answered_well().shows_text_containing("您好");
    let url = &chat.deliveries()[0].request.url;
    assert!(url.contains(&format!("account={}&", s.brand.app_id())), "{url}");
    let message = messages.received()[0].message(&agency);
    assert_eq!(message.find("ToUserName"), Some(original_id.as_str()));
    s.http.post("/_mock/components/agency/unauthorize", json!({"account": "brand"})).await;
    lin.texts(&s.brand, "还在吗").await;
    assert_eq!(messages.received().len(), 1, "back to the account's own server, of which it has none");
}
