//! What all of WeChat's APIs share: the order of checks, errors, limits, request ids.

use std::time::Duration;

use mock_wechat::MockWechat;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{client::Http, world::world};

#[tokio::test]
async fn checks_come_in_wechat_s_order() {
    let w = world().await;
    let shop_token = w.http.stable_token(&w.shop).await;
    let path = "/cgi-bin/user/info/batchget";
    let code = async |query: String, body: &str| {
        w.http.post_text(&format!("{path}{query}"), body).await["errcode"].as_i64().unwrap()
    };
    assert_eq!(code(String::new(), "").await, 41001);
    assert_eq!(code("?access_token=nonsense".into(), "").await, 40001);
    assert_eq!(code(format!("?access_token={shop_token}"), "").await, 48001);
    assert_eq!(code(format!("?access_token={}", w.token), "").await, 44002);
    assert_eq!(code(format!("?access_token={}", w.token), "{").await, 47001);
    assert_eq!(code(format!("?access_token={}", w.token), "{}").await, 40031);
    let foreign =
        json!({"user_list": [{"openid": w.lin_id()}, {"openid": w.lin.open_id(&w.shop)}]}).to_string();
    assert_eq!(code(format!("?access_token={}", w.token), &foreign).await, 40003);
    let get = w.http.get(&format!("{path}?access_token={}", w.token)).await;
    assert_eq!(get["errcode"], 43002);
}

#[tokio::test]
async fn errors_carry_a_rid_and_each_family_its_content_type() {
    let w = world().await;
    let cgi = w.http.request(Method::GET, "/cgi-bin/user/info").send().await.unwrap();
    assert_eq!(cgi.status(), 200);
    assert_eq!(cgi.headers()["content-type"], "application/json; encoding=utf-8");
    let text = cgi.text().await.unwrap();
    assert!(text.starts_with(r#"{"errcode":41001,"errmsg":"access_token missing rid: "#), "{text}");

    let sns = w.http.request(Method::GET, "/sns/jscode2session?appid=wx1&secret=x").send().await.unwrap();
    assert_eq!(sns.headers()["content-type"], "text/plain");
    let text = sns.text().await.unwrap();
    assert!(text.starts_with(r#"{"errcode":40013,"errmsg":"invalid appid, rid: "#), "{text}");
}

#[tokio::test]
async fn an_api_that_is_not_modelled_is_named_and_counted() {
    let w = world().await;
    let answer = w.http.get("/cgi-bin/menu/teleport?access_token=x").await;
    assert_eq!(answer["errcode"], 40066);
    assert!(answer["errmsg"].as_str().unwrap().contains("GET /cgi-bin/menu/teleport"));
    assert_eq!(w.http.get("/_mock/health").await["unmodelled"]["GET /cgi-bin/menu/teleport"], 1);
}

#[tokio::test]
async fn daily_and_minutely_limits_hold_until_their_time_is_over_or_they_are_cleared() {
    let w = world().await;
    let limits = json!({"quotas": {"/cgi-bin/user/get": {"daily": 3, "per_minute": 2}}}).to_string();
    w.http.request(Method::PUT, "/_mock/accounts/brand").body(limits).send().await.unwrap();
    // Early in a minute of Beijing's afternoon.
    w.http.post("/_mock/clock", json!({"set": "2030-01-02T08:00:10Z"})).await;
    let token = w.http.stable_token(&w.brand).await;
    let get =
        async || w.http.get(&format!("/cgi-bin/user/get?access_token={token}")).await["errcode"].clone();
    let post =
        async |path: &str, body: Value| w.http.post(&format!("{path}?access_token={token}"), body).await;

    assert_eq!([get().await, get().await, get().await], [Value::Null, Value::Null, json!(45011)]);
    w.wechat.advance(Duration::from_secs(60));
    assert_eq!([get().await, get().await], [Value::Null, json!(45009)]);
    let shown = post("/cgi-bin/openapi/quota/get", json!({"cgi_path": "/cgi-bin/user/get"})).await;
    assert_eq!(shown["quota"], json!({"daily_limit": 3, "used": 3, "remain": 0}));
    assert_eq!(shown["rate_limit"], json!({"call_count": 2, "refresh_second": 60}));
    for (path, code) in [("cgi-bin/user/get", 76003), ("/cgi-bin/user/teleport", 76021)] {
        assert_eq!(post("/cgi-bin/openapi/quota/get", json!({"cgi_path": path})).await["errcode"], code);
    }

    assert_eq!(post("/cgi-bin/clear_quota", json!({"appid": w.brand.app_id()})).await["errcode"], 0);
    assert_eq!(get().await, Value::Null);
}

#[tokio::test]
async fn a_failed_call_is_found_by_its_rid() {
    let w = world().await;
    let failed = w.http.get(&format!("/cgi-bin/user/info?access_token={}&openid=nobody", w.token)).await;
    let rid = failed["errmsg"].as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
    let ask = async |token: &str, rid: &str| {
        let path = format!("/cgi-bin/openapi/rid/get?access_token={token}");
        w.http.post(&path, json!({"rid": rid})).await
    };

    let found = ask(&w.token, &rid).await;

    assert!(found["request"]["request_url"].as_str().unwrap().contains("openid=nobody"), "{found}");
    assert_eq!(found["request"]["response_body"], failed.to_string());
    assert_eq!(ask(&w.token, "0-0-0").await["errcode"], 76001);
    let shop_token = w.http.stable_token(&w.shop).await;
    assert_eq!(ask(&shop_token, &rid).await["errcode"], 76002, "another account's");
}

#[tokio::test]
async fn long_texts_have_short_keys_for_a_time() {
    let w = world().await;
    let post =
        async |path: &str, body: Value| w.http.post(&format!("{path}?access_token={}", w.token), body).await;
    let made = post("/cgi-bin/shorten/gen", json!({"long_data": "loooong", "expire_seconds": 60})).await;
    let key = json!({"short_key": made["short_key"]});

    assert_eq!(made["short_key"].as_str().unwrap().len(), 15);
    assert_eq!(post("/cgi-bin/shorten/fetch", key.clone()).await["long_data"], "loooong");
    w.wechat.advance(Duration::from_secs(60));
    assert_eq!(post("/cgi-bin/shorten/fetch", key).await["errcode"], 40097);
}

#[tokio::test]
async fn a_base_url_that_ends_in_a_slash_is_hinted_at() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);

    let answer = http.request(Method::GET, "//cgi-bin/token").send().await.unwrap();

    assert_eq!(answer.status(), 404);
    assert!(answer.text().await.unwrap().contains("does the base URL end in a slash?"));
}
