//! Access tokens: both lines of them, how long they live, what is checked first.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::world;

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn a_token_is_superseded_after_five_minutes_and_expires_after_two_hours() {
    let w = world().await;
    let get = format!(
        "/cgi-bin/token?grant_type=client_credential&appid={}&secret={}",
        w.brand.app_id(),
        w.brand.secret()
    );
    let mint = async || w.http.get(&get).await["access_token"].as_str().unwrap().to_owned();
    let check = async |token: &str| {
        w.http.get(&format!("/cgi-bin/user/get?access_token={token}")).await["errcode"].as_i64().unwrap_or(0)
    };
    let first = mint().await;
    let second = mint().await;
    assert_eq!((check(&first).await, check(&second).await), (0, 0));

    w.wechat.advance(Duration::from_secs(300));
    assert_eq!((check(&first).await, check(&second).await), (40001, 0));
    w.wechat.advance(Duration::from_secs(6900));
    assert_eq!(check(&second).await, 42001);
    assert_eq!(check(&w.token).await, 42001, "the stable one is as old");
}

#[tokio::test]
async fn the_stable_token_is_the_same_with_less_time() {
    let w = world().await;
    let body = json!({
        "grant_type": "client_credential", "appid": w.brand.app_id(), "secret": w.brand.secret(),
    });
    w.wechat.advance(Duration::from_secs(1000));

    let again = w.http.post("/cgi-bin/stable_token", body).await;

    assert_eq!(keys(&again), ["access_token", "expires_in"]);
    assert_eq!(again["access_token"], json!(w.token));
    assert!((6198..=6200).contains(&again["expires_in"].as_i64().unwrap()), "{again}");
}

#[tokio::test]
async fn token_errors_are_checked_appid_first() {
    let w = world().await;
    let code = async |query: &str| w.http.get(&format!("/cgi-bin/token?{query}")).await["errcode"].clone();
    assert_eq!(code("").await, 41002);
    assert_eq!(code("appid=wx1").await, 40013);
    assert_eq!(code("appid=brand").await, 40013, "a name is not an AppID");
    assert_eq!(code("appid=wx00000000000000aa").await, 41004);
    assert_eq!(code("appid=wx00000000000000aa&secret=x").await, 40125);
    assert_eq!(code(&format!("appid=wx00000000000000aa&secret={}", w.brand.secret())).await, 40002);
}
