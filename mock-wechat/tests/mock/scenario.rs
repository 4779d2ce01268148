//! Worlds from a file, and seeds: what there is at start and after a reset.

use mock_wechat::{Beginning, MockWechat, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Http, json_of};

const TEA: &str = r#"
    seed = 5
    clock = "2030-01-02T03:00:00Z"
    [[accounts]]
    name = "tea"
    mode = "plain"
    menu = [{ name = "积分", type = "click", key = "POINTS" }]
    qr_codes = ["door"]
    [[people]]
    name = "mei"
    follows = ["tea"]
    [[faults]]
    on = "/cgi-bin/user/get"
    do = "errcode"
    value = 45009
    times = 1
"#;

async fn tea() -> (MockWechat, Http) {
    let scenario = Some(Scenario::parse(TEA).unwrap());
    let wechat = MockWechat::start_with(Beginning { scenario, seed: None }).await;
    let http = Http::to(&wechat);
    (wechat, http)
}

/// Everything that the control API tells of the world.
async fn everything(http: &Http) -> Value {
    let mut told = Vec::new();
    for path in ["/_mock/accounts", "/_mock/people", "/_mock/people/mei", "/_mock/faults"] {
        told.push(http.get(path).await);
    }
    json!(told)
}

#[tokio::test]
async fn a_reset_returns_to_the_scenario() {
    let (wechat, http) = tea().await;
    let at_start = everything(&http).await;
    assert_eq!(at_start[2]["follows"], json!(["tea"]));
    assert_eq!((&at_start[3]["seed"], &at_start[3]["faults"][0]["value"]), (&json!(5), &json!(45009)));
    http.post("/_mock/people/mei/unfollow", json!({"account": "tea"})).await;
    http.post("/_mock/people/lin/follow", json!({"account": "tea", "scene": "door"})).await;
    http.post("/_mock/faults", json!({"on": "push", "do": "hang", "times": 9})).await;
    http.post("/_mock/clock", json!({"advance": "3d"})).await;
    let put = http.request(Method::PUT, "/_mock/faults").body(json!({"seed": 6}).to_string());
    assert_eq!(json_of(put.send().await.unwrap()).await, json!({"seed": 6}));
    let account = http.request(Method::DELETE, "/_mock/accounts/tea").send().await.unwrap();
    assert_eq!(account.status(), 204);

    http.post("/_mock/reset", json!({})).await;

    let mut now = everything(&http).await;
    // Faults are numbered on, so that nobody removes another one than they meant.
    now[3]["faults"][0]["id"] = at_start[3]["faults"][0]["id"].clone();
    assert_eq!(now, at_start);
    let clock = http.get("/_mock/clock").await;
    assert!(clock["now"].as_str().unwrap().starts_with("2030-01-02T03:00:0"), "{clock}");
    assert!(wechat.calls().is_empty());
}

#[tokio::test]
async fn two_mocks_of_one_scenario_give_the_same_ids() {
    let ids = async || {
        let (wechat, http) = tea().await;
        let tea = wechat.official_account("tea").await;
        let scanned = http.post("/_mock/people/lin/follow", json!({"account": "tea", "scene": "door"})).await;
        assert_eq!(scanned["deliveries"], json!([]), "it has no callback");
        let token = http.stable_token(&tea).await;
        let code =
            json!({"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "door"}}});
        let code = http.post(&format!("/cgi-bin/qrcode/create?access_token={token}"), code).await;
        json!([http.get("/_mock/people/lin").await, http.get("/_mock/accounts/tea").await, token, code])
    };

    let (one, other) = (ids().await, ids().await);

    assert_eq!(one, other);
    assert!(one[3]["ticket"].as_str().unwrap().starts_with("gQ"), "{one}");
}

#[tokio::test]
async fn the_same_seed_gives_the_same_faults() {
    let errcodes = async |seed: u64| {
        let wechat = MockWechat::start_with(Beginning { scenario: None, seed: Some(seed) }).await;
        let http = Http::to(&wechat);
        let fault = json!({"on": "/cgi-bin/user/get", "do": "errcode", "value": -1, "probability": 0.5});
        http.post("/_mock/faults", fault).await;
        let mut codes = Vec::new();
        for _ in 0..40 {
            codes.push(http.get("/cgi-bin/user/get").await["errcode"].as_i64().unwrap());
        }
        codes
    };

    let (seven, again, eight) = (errcodes(7).await, errcodes(7).await, errcodes(8).await);

    assert_eq!(seven, again);
    assert_ne!(seven, eight);
    assert!(seven.contains(&-1) && seven.contains(&41001), "{seven:?}");
}

#[tokio::test]
async fn a_seed_that_is_set_later_begins_anew() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let fault = json!({"on": "/cgi-bin/user/get", "do": "errcode", "value": -1, "probability": 0.5});
    http.post("/_mock/faults", fault).await;
    let mut rounds = Vec::new();
    for _ in 0..2 {
        wechat.seed(11);
        let mut codes = Vec::new();
        for _ in 0..40 {
            codes.push(http.get("/cgi-bin/user/get").await["errcode"].as_i64().unwrap());
        }
        rounds.push(codes);
    }

    assert_eq!(rounds[0], rounds[1]);
    assert_eq!(http.get("/_mock/faults").await["seed"], 11);
}
