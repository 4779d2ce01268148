//! What WeChat does not allow an account: tokens from other addresses, tokens by a frozen secret, APIs.

use mock_wechat::{MockWechat, testkit::Account, world::standing::Standing};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Http, json_of};

/// Both ways to a token, with these credentials.
async fn tokens(http: &Http, app_id: &str, secret: &str, grant_type: &str) -> [Value; 2] {
    let query = format!("grant_type={grant_type}&appid={app_id}&secret={secret}");
    let body = json!({"grant_type": grant_type, "appid": app_id, "secret": secret});
    // Proxies' headers say nothing of who calls.
    let asked = |request: reqwest::RequestBuilder| request.header("X-Forwarded-For", "203.0.113.7").send();
    let token = asked(http.request(Method::GET, &format!("/cgi-bin/token?{query}")));
    let stable = asked(http.request(Method::POST, "/cgi-bin/stable_token").body(body.to_string()));
    [json_of(token.await.unwrap()).await, json_of(stable.await.unwrap()).await]
}

async fn put(http: &Http, account: &str, change: Value) -> Value {
    let put = http.request(Method::PUT, &format!("/_mock/accounts/{account}")).body(change.to_string());
    json_of(put.send().await.unwrap()).await
}

async fn token(http: &Http, account: &Account) -> Value {
    let [token, stable] = tokens(http, account.app_id(), account.secret(), "client_credential").await;
    assert_eq!(token.get("errcode"), stable.get("errcode"), "{token} {stable}");
    token
}

#[tokio::test]
async fn tokens_are_for_addresses_of_the_white_list() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    for (list, listed) in [
        (&[][..], true),
        (&["127.0.0.1"], true),
        (&["198.51.100.1", "127.0.0.0/8"], true),
        (&["203.0.113.7"], false),
        (&["::1"], false),
    ] {
        put(&http, "brand", json!({"ip_whitelist": list})).await;

        let token = token(&http, &brand).await;

        assert_eq!(token["access_token"].is_string(), listed, "{list:?}: {token}");
        if !listed {
            let errmsg = token["errmsg"].as_str().unwrap();
            let (words, rid) = errmsg.split_once(" rid: ").unwrap();
            assert_eq!(token["errcode"], 40164);
            assert_eq!(words, "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist");
            assert_eq!(rid.len(), 26, "{errmsg}");
        }
    }
}

#[tokio::test]
async fn the_white_list_is_for_tokens_only_and_those_that_were_fetched_stay_good() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let shop = wechat.mini_program("shop").without_callback().await;
    let js_code = wechat.person("lin").logs_in(&shop).await;
    let token = http.stable_token(&shop).await;
    shop.change().ip_whitelist(&["203.0.113.7"]).await;

    let ips = http.get(&format!("/cgi-bin/getcallbackip?access_token={token}")).await;
    let session = format!(
        "/sns/jscode2session?appid={}&secret={}&js_code={js_code}&grant_type=authorization_code",
        shop.app_id(),
        shop.secret()
    );

    assert!(ips["ip_list"].is_array(), "{ips}");
    assert!(http.get(&session).await["openid"].is_string());
}

#[tokio::test]
async fn the_address_is_looked_at_behind_the_credentials_and_the_secret_s_state_behind_that() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    put(&http, "brand", json!({"ip_whitelist": ["203.0.113.7"], "secret_frozen": true})).await;
    let (app_id, secret, grant_type) = (brand.app_id(), brand.secret(), "client_credential");
    for (app_id, secret, grant_type, errcode) in [
        ("wx0000000000000000", secret, grant_type, 40013),
        (app_id, "wrong", grant_type, 40125),
        (app_id, secret, "other", 40002),
        (app_id, secret, grant_type, 40164),
    ] {
        for answer in tokens(&http, app_id, secret, grant_type).await {
            assert_eq!(answer["errcode"], errcode, "{answer}");
        }
    }
    put(&http, "brand", json!({"ip_whitelist": [], "quotas": {"/cgi-bin/token": {"daily": 0}, "/cgi-bin/stable_token": {"daily": 0}}})).await;
    assert_eq!(token(&http, &brand).await["errcode"], 40243);
    put(&http, "brand", json!({"secret_frozen": false})).await;
    assert_eq!(token(&http, &brand).await["errcode"], 45009);
}

#[tokio::test]
async fn a_third_party_platform_has_a_white_list_too() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let agency = wechat.third_party_platform("agency").ip_whitelist(&["203.0.113.7"]).await;
    let ask = async |secret: &str| {
        let body = json!({
            "component_appid": agency.app_id(), "component_appsecret": secret, "component_verify_ticket": "old",
        });
        http.post("/cgi-bin/component/api_component_token", body).await
    };

    assert_eq!(ask("wrong").await["errcode"], 40125);
    let refused = ask(agency.secret()).await;
    assert_eq!(refused["errcode"], 61004, "{refused}");
    assert!(refused["errmsg"].as_str().unwrap().starts_with("access clientip is not registered"));
    agency.change().ip_whitelist(&["127.0.0.1"]).await;
    assert_eq!(ask(agency.secret()).await["errcode"], 61006, "the ticket is looked at next");
}

#[tokio::test]
async fn what_an_account_is_not_allowed_answers_by_its_code_before_anything_is_read() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let token = http.stable_token(&brand).await;
    let create = async |token: &str| {
        http.post(&format!("/cgi-bin/qrcode/create?access_token={token}"), json!({})).await["errcode"].clone()
    };
    let list = async || http.get(&format!("/cgi-bin/user/get?access_token={token}")).await;
    assert_eq!(list().await["total"], 0);

    brand.change().unauthorized(&["/cgi-bin/qrcode/create"]).await;
    assert_eq!((create(&token).await, create("garbage").await), (json!(48001), json!(40001)));
    assert_eq!(list().await["total"], 0, "the other APIs answer");
    for (standing, errcode, words) in [
        (
            Standing::Irregular,
            48004,
            "api forbidden for irregularities, view detail on mp.weixin.qq.com rid: ",
        ),
        (Standing::Limited, 50002, "user limited rid: "),
    ] {
        brand.change().standing(standing).await;
        let refused = list().await;
        assert_eq!(refused["errcode"], errcode, "{refused}");
        assert!(refused["errmsg"].as_str().unwrap().starts_with(words), "{refused}");
    }
    brand.change().await;
    assert_eq!(list().await["total"], 0, "all is well again");
}

#[tokio::test]
async fn an_unverified_subscription_account_sends_no_message_menus() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let lin = wechat.person("lin");
    lin.follows(&brand).await;
    let token = http.stable_token(&brand).await;
    let menu = json!({"touser": lin.open_id(&brand), "msgtype": "msgmenu",
        "msgmenu": {"head_content": "?", "list": [{"id": "101", "content": "满意"}], "tail_content": ""}});
    let send = async || {
        let path = format!("/cgi-bin/message/custom/send?access_token={token}");
        http.post(&path, menu.clone()).await["errcode"].clone()
    };
    for (verified, service_type, errcode) in
        [(false, "subscription", 40200), (true, "subscription", 0), (false, "service", 0)]
    {
        put(&http, "brand", json!({"verified": verified, "service_type": service_type})).await;
        assert_eq!(send().await, errcode, "{verified} {service_type}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_what_can() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    for (change, needle) in [
        (json!({"ip_whitelist": ["localhost"]}), "203.0.113.0/24"),
        (json!({"ip_whitelist": ["127.0.0.1/33"]}), "203.0.113.0/24"),
        (json!({"unauthorized": ["qrcode/create"]}), "/cgi-bin/qrcode/create"),
        (json!({"standing": "bad"}), "irregular"),
    ] {
        let refused = put(&http, "brand", change.clone()).await;
        assert!(refused["error"].as_str().unwrap().contains(needle), "{change}: {refused}");
    }
}
