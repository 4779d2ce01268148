//! What is between WeChat and its accounts: open-platform accounts, suspended servers, verified addresses, codes.

use mock_wechat::{MockWechat, wire::userdata, world::account::PushRules};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Http, json_of},
    receiver::{Answer, Receiver},
};

#[tokio::test]
async fn an_account_that_moves_to_another_open_platform_gives_other_union_ids() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let lin = wechat.person("lin");
    lin.follows(&brand).await;
    let token = http.stable_token(&brand).await;
    let open = async |what: &str, body: Value| {
        http.post(&format!("/cgi-bin/open/{what}?access_token={token}"), body).await
    };
    let union_id = async || {
        let openid = lin.open_id(&brand);
        http.get(&format!("/cgi-bin/user/info?access_token={token}&openid={openid}")).await["unionid"].clone()
    };
    let first = union_id().await;
    let open_app_id = open("get", json!({"appid": brand.app_id()})).await["open_appid"].clone();
    let own = json!({"appid": brand.app_id(), "open_appid": open_app_id});

    assert_eq!(open("create", own.clone()).await["errcode"], 89000);
    assert_eq!(open("unbind", own.clone()).await["errcode"], 0);
    assert_eq!(open("get", own.clone()).await["errcode"], 89002);
    assert_eq!(union_id().await, Value::Null);
    let made = open("create", own.clone()).await;
    assert_ne!(made["open_appid"], open_app_id);
    assert_ne!(union_id().await, first);

    assert_eq!(open("unbind", json!({"open_appid": made["open_appid"]})).await["errcode"], 0);
    assert_eq!(open("bind", own).await["errcode"], 0);
    assert_eq!(union_id().await, first, "back where it was");
}

#[tokio::test]
async fn a_server_that_fails_often_is_left_alone_for_a_minute_and_loses_what_happens() {
    let wechat = MockWechat::start().await;
    let receiver =
        Receiver::start(|n, _| if n < 2 { Answer::Status(500) } else { Answer::Body("success".into()) })
            .await;
    let rules = PushRules { deliveries: 1, mark_fail: 2, ..PushRules::default() };
    let brand = wechat.official_account("brand").callback(&receiver.url).push_rules(rules).await;
    let lin = wechat.person("lin");
    lin.follows(&brand).await;
    lin.texts(&brand, "one").await;

    let lost = lin.texts(&brand, "two").await;

    assert_eq!(lost.deliveries()[0].attempt, 0);
    assert!(lost.deliveries()[0].verdict.reason.contains("MarkFail"));
    lost.shows_fault_line();
    wechat.advance(std::time::Duration::from_secs(60));
    lin.texts(&brand, "three").await.is_answered_well();
    assert_eq!(receiver.received().len(), 3);
}

#[tokio::test]
async fn a_callback_is_verified_when_it_is_set() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let echo = Receiver::start(|_, got| Answer::Body(got.query.echostr.clone().unwrap_or_default())).await;
    let deaf = Receiver::answering("success").await;
    let put = async |callback: &str| {
        let body = json!({"callback": callback}).to_string();
        json_of(http.request(Method::PUT, "/_mock/accounts/brand").body(body).send().await.unwrap()).await
    };

    assert_eq!(put(&echo.url).await["verification"]["ok"], true);
    let refused = put(&deaf.url).await;

    assert_eq!((&refused["verification"]["ok"], &refused["callback"]), (&json!(false), &json!(deaf.url)));
    let unchanged = http.request(Method::PUT, "/_mock/accounts/brand").body("{}").send().await.unwrap();
    assert!(json_of(unchanged).await.get("verification").is_none());
}

#[tokio::test]
async fn a_mini_program_s_code_is_a_picture_or_an_error() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let shop = wechat.mini_program("shop").without_callback().await;
    let token = http.stable_token(&shop).await;
    let path = format!("/wxa/getwxacodeunlimit?access_token={token}");
    let code =
        async |body: Value| http.request(Method::POST, &path).body(body.to_string()).send().await.unwrap();

    let jpeg = code(json!({"scene": "a=1", "page": "pages/index/index"})).await;
    assert_eq!(jpeg.headers()["content-type"], "image/jpeg");
    let png = code(json!({"scene": "a=1", "is_hyaline": true, "line_color": {"r": "7"}})).await;
    assert!(png.bytes().await.unwrap().starts_with(b"\x89PNG"));
    for (body, errcode) in [
        (json!({"scene": "中文"}), 40129),
        (json!({"scene": "x".repeat(33)}), 40129),
        (json!({"scene": "a", "page": "/pages/index"}), 41030),
    ] {
        assert_eq!(json_of(code(body.clone()).await).await["errcode"], errcode, "{body}");
    }
    for path in ["/wxa/getwxacode", "/cgi-bin/wxaapp/createwxaqrcode"] {
        let path = format!("{path}?access_token={token}");
        let body = json!({"path": "pages/index/index?id=7"}).to_string();
        let answer = http.request(Method::POST, &path).body(body).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "image/jpeg");
        assert_eq!(http.post(&path, json!({"path": ""})).await["errcode"], 40159);
    }
}

#[tokio::test]
async fn encrypted_user_data_opens_with_the_session_key_of_the_latest_login() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let shop = wechat.mini_program("shop").without_callback().await;
    let ask = || http.post("/_mock/people/lin/user_data", json!({"account": "shop"}));
    assert!(ask().await["error"].as_str().unwrap().contains("jscode2session"));
    let js_code = http.post("/_mock/people/lin/login", json!({"account": "shop"})).await["js_code"].clone();
    let session = http
        .get(&format!(
            "/sns/jscode2session?appid={}&secret={}&js_code={}&grant_type=authorization_code",
            shop.app_id(),
            shop.secret(),
            js_code.as_str().unwrap()
        ))
        .await;
    let key = session["session_key"].as_str().unwrap();

    let handed = ask().await;

    let text = |name: &str| handed[name].as_str().unwrap();
    let opened = userdata::decrypt(key, text("iv"), text("encryptedData")).unwrap();
    let opened: Value = serde_json::from_str(&opened).unwrap();
    assert_eq!((&opened["openId"], &opened["unionId"]), (&session["openid"], &session["unionid"]));
    assert_eq!(opened["watermark"]["appid"], shop.app_id());
    assert_eq!(handed["signature"], userdata::raw_data_signature(text("rawData"), key));
}

#[tokio::test]
async fn logins_and_web_oauth_have_limits_by_the_minute() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let shop = wechat.mini_program("shop").without_callback().await;
    let login = async |name: &str| {
        let given = http.post(&format!("/_mock/people/{name}/login"), json!({"account": "shop"})).await;
        http.get(&format!(
            "/sns/jscode2session?appid={}&secret={}&js_code={}&grant_type=authorization_code",
            shop.app_id(),
            shop.secret(),
            given["js_code"].as_str().unwrap()
        ))
        .await["errcode"]
            .clone()
    };
    // The beginning of a minute, which the test does not outlast.
    http.post("/_mock/clock", json!({"set": "2030-01-02T03:04:00Z"})).await;
    for _ in 0..100 {
        assert_eq!(login("lin").await, Value::Null);
    }
    assert_eq!(login("lin").await, 45011);
    assert_eq!(login("mei").await, Value::Null, "by person");

    let change = json!({"quotas": {"/sns/oauth2/access_token": {"per_minute": 0}}}).to_string();
    http.request(Method::PUT, "/_mock/accounts/brand").body(change).send().await.unwrap();
    let brand = wechat.official_account("brand").await;
    let query =
        format!("appid={}&secret={}&code=x&grant_type=authorization_code", brand.app_id(), brand.secret());
    assert_eq!(http.get(&format!("/sns/oauth2/access_token?{query}")).await["errcode"], 45011);
}
