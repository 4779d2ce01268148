//! The control API, over HTTP as another language uses it.

use mock_wechat::MockWechat;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Http, json_of},
    receiver::Receiver,
};

async fn mock() -> (MockWechat, Http) {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    (wechat, http)
}

async fn put(http: &Http, path: &str, body: Value) -> Value {
    json_of(http.request(Method::PUT, path).body(body.to_string()).send().await.unwrap()).await
}

#[tokio::test]
async fn the_local_world_exists_at_start() {
    let (_wechat, http) = mock().await;
    let brand = http.get("/_mock/accounts/brand").await;
    assert_eq!(brand["app_id"], "wx00000000000000aa");
    assert_eq!(brand["callback"], "http://127.0.0.1:8080/wechat/brand");
    assert_eq!((&brand["mode"], &brand["format"]), (&json!("safe"), &json!("xml")));
    let shop = http.get("/_mock/accounts/wx00000000000000bb").await;
    assert_eq!((&shop["name"], &shop["format"]), (&json!("shop"), &json!("json")));
    assert_eq!((&shop["token"], &shop["open_platform"]), (&json!("localtoken"), &json!("brand-group")));
}

#[tokio::test]
async fn a_person_has_the_same_ids_everywhere() {
    let (wechat, http) = mock().await;
    let created = http.post("/_mock/people/lin", json!({})).await;
    let brand = wechat.official_account("brand").await;
    assert_eq!(created["open_ids"]["wx00000000000000aa"], json!(wechat.person("lin").open_id(&brand)));
    assert_eq!(created["union_id"]["brand-group"], json!(wechat.person("lin").union_id("brand-group")));
    assert_eq!(http.get("/_mock/people/lin").await, created);
    assert!(http.get("/_mock/people/mei").await["error"].as_str().unwrap().contains("POST"));
}

#[tokio::test]
async fn a_follow_returns_its_deliveries_and_what_was_shown() {
    let (wechat, http) = mock().await;
    let receiver = Receiver::answering("nonsense").await;
    wechat.official_account("brand").callback(&receiver.url).await;

    let done = http.post("/_mock/people/lin/follow", json!({"account": "brand", "scene": "store-12"})).await;

    let delivery = &done["deliveries"][0];
    assert_eq!((&delivery["attempt"], &delivery["status"]), (&json!(1), &json!(200)));
    assert!(delivery["request"]["plaintext"].as_str().unwrap().contains("qrscene_store-12"));
    assert_eq!(delivery["response"]["body"], "nonsense");
    assert_eq!(delivery["verdict"]["ok"], false);
    assert_eq!(done["shown"][0]["from"], "wechat");
    let chat = http.get("/_mock/people/lin/chat?account=brand").await;
    assert_eq!(chat["messages"], done["shown"]);
    assert_eq!(chat["windows"][0]["left"], 3);
}

#[tokio::test]
async fn every_verb_works_over_http() {
    let (wechat, http) = mock().await;
    wechat.official_account("brand").without_callback().await;
    wechat.mini_program("shop").without_callback().await;
    for (verb, arguments) in [
        ("follow", json!({"account": "brand"})),
        ("scan", json!({"account": "brand", "scene": 7})),
        ("click", json!({"account": "brand", "key": "POINTS"})),
        ("view", json!({"account": "brand", "url": "https://example.com/membership"})),
        ("text", json!({"account": "brand", "content": "hi"})),
        ("location", json!({"account": "brand", "latitude": 31.2, "longitude": 121.4})),
        ("enter", json!({"account": "shop", "session_from": "mall"})),
        ("login", json!({"account": "wx00000000000000bb"})),
        ("phone", json!({"account": "shop"})),
        ("pay", json!({"account": "brand", "fen": 12_900, "out_trade_no": "order-1"})),
        ("refund", json!({"account": "brand", "out_trade_no": "order-1", "fen": 900})),
        ("unfollow", json!({"account": "brand"})),
    ] {
        let done = http.post(&format!("/_mock/people/lin/{verb}"), arguments).await;
        assert_eq!(done["deliveries"], json!([]), "{verb}: {done}");
        let key = match verb {
            "login" => "js_code",
            "phone" => "code",
            "pay" => "transaction_id",
            "refund" => "fen",
            _ => "shown",
        };
        assert!(done.get(key).is_some(), "{verb}: {done}");
    }
    let kinds: Vec<Value> = http.get("/_mock/people/lin/chat?account=brand").await["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["type"].clone())
        .collect();
    assert_eq!(kinds, ["text", "location", "payment", "refund"]);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_the_reason() {
    let (_wechat, http) = mock().await;
    for (path, body, needle) in [
        ("/_mock/people/lin/dance", json!({"account": "brand"}), "expected one of `follow`"),
        ("/_mock/people/lin/follow", json!({}), "account is missing"),
        ("/_mock/people/lin/follow", json!({"account": "nobody"}), "no account \"nobody\""),
        ("/_mock/people/lin/follow", json!({"account": "shop"}), "takes an Official Account"),
        ("/_mock/people/lin/follow", json!({"account": "brand", "scen": "x"}), "unknown field `scen`"),
        ("/_mock/people/lin/click", json!({"account": "brand", "key": "x"}), "follow first"),
        ("/_mock/people/lin/login", json!({"account": "brand"}), "takes a mini-program"),
        ("/_mock/people/lin/scan", json!({"account": "brand", "ticket": "x"}), "no QR code"),
        ("/_mock/people/lin/scan", json!({"account": "brand", "scene": ""}), "1 to 64 characters"),
        (
            "/_mock/people/lin/follow",
            json!({"account": "brand", "scene": "x".repeat(65)}),
            "1 to 64 characters",
        ),
        ("/_mock/people/lin/follow", json!({"account": "brand", "scene": 0}), "from 1 to 4294967295"),
        ("/_mock/people/lin/pay", json!({"account": "brand", "fen": -1}), "pay.fen: invalid value"),
        (
            "/_mock/people/lin/location",
            json!({"account": "brand", "latitude": "x"}),
            "location.latitude: invalid",
        ),
        ("/_mock/people/%20", json!({}), "blank"),
        ("/_mock/people/%20/follow", json!({"account": "brand"}), "blank"),
        ("/_mock/people", json!({"count": 1, "follow": ["shop"]}), "no followers"),
        ("/_mock/clock", json!({"advance": "soon"}), "2h"),
        ("/_mock/faults", json!({"on": "x", "do": "hang"}), "push"),
        ("/_mock/faults", json!({"on": "/cgi-bin/token?x=1", "do": "hang"}), "path of a call"),
        (
            "/_mock/faults",
            json!({"on": "push", "do": "control_characters"}),
            "control_characters can befall calls",
        ),
        ("/_mock/faults", json!({"on": "push", "do": "explode"}), "do: unknown variant"),
        ("/_mock/nothing/here", json!({}), "no POST /_mock/nothing/here"),
        ("/_mock/health", json!({}), "no POST /_mock/health"),
    ] {
        let request = http.request(Method::POST, path).body(body.to_string());
        let response = request.send().await.unwrap();
        assert!(response.status().is_client_error(), "{path}");
        let error = json_of(response).await;
        assert!(error["error"].as_str().unwrap().contains(needle), "{path} {body}: {error}");
    }
}

#[tokio::test]
async fn whoever_has_no_callback_is_told_that_nothing_was_pushed() {
    let (wechat, http) = mock().await;
    wechat.official_account("brand").without_callback().await;
    let act =
        async |verb: &str| http.post(&format!("/_mock/people/lin/{verb}"), json!({"account": "brand"})).await;

    let (followed, again) = (act("follow").await, act("follow").await);

    let note = followed["note"].as_str().unwrap();
    assert!(note.contains("brand has no callback; PUT /_mock/accounts/brand"), "{note}");
    assert!(again["note"].as_str().unwrap().contains("follows brand already"), "{again}");
}

#[tokio::test]
async fn pages_of_other_sites_move_nothing() {
    let (_wechat, http) = mock().await;
    let post = |site: &'static str| {
        http.request(Method::POST, "/_mock/people/lin").header("sec-fetch-site", site).send()
    };

    assert_eq!(post("cross-site").await.unwrap().status(), 403);
    assert_eq!(http.get("/_mock/people").await["people"], json!([]));
    assert_eq!(post("same-site").await.unwrap().status(), 200, "the developer's own page on another port");
}

#[tokio::test]
async fn an_empty_text_is_not_sent() {
    let (wechat, http) = mock().await;
    let brand = wechat.official_account("brand").without_callback().await;
    wechat.person("lin").follows(&brand).await;

    let empty = http.post("/_mock/people/lin/text", json!({"account": "brand", "content": ""})).await;

    assert!(empty["error"].as_str().unwrap().contains("empty text"), "{empty}");
    assert_eq!(http.get("/_mock/people/lin/chat?account=brand").await["messages"], json!([]));
}

#[tokio::test]
async fn an_account_is_created_changed_and_removed() {
    let (_wechat, http) = mock().await;
    let path = "/_mock/accounts/wx0123456789abcdef";
    let created =
        put(&http, path, json!({"name": "club", "kind": "mini_program", "open_platform": null})).await;
    assert_eq!((&created["name"], &created["open_platform"]), (&json!("club"), &Value::Null));

    let changed =
        put(&http, "/_mock/accounts/club", json!({"mode": "plain", "push": {"deliveries": 2}})).await;
    assert_eq!((&changed["mode"], &changed["kind"]), (&json!("plain"), &json!("mini_program")));
    assert_eq!((&changed["push"]["deliveries"], &changed["push"]["timeout_ms"]), (&json!(2), &json!(5000)));

    for (body, needle) in [
        (json!({"mode": "loud"}), "mode: unknown variant"),
        (json!({"push": {"deliveries": "2"}}), "push.deliveries: invalid type"),
        (json!({"tokn": "x"}), "unknown field"),
        (json!({"token": "a b"}), "letters and digits"),
        (json!({"mode": "safe", "encoding_aes_key": "short"}), "43"),
        (json!({"callback": "ftp://x"}), "http://"),
        (json!({"name": "brand"}), "wx00000000000000aa"),
        (json!({"app_id": "wx0000000000000000"}), "cannot be changed"),
    ] {
        let error = put(&http, path, body).await;
        assert!(error["error"].as_str().unwrap().contains(needle), "{error}");
    }
    assert_eq!(http.request(Method::DELETE, path).send().await.unwrap().status(), 204);
    assert!(http.get(path).await["error"].as_str().unwrap().contains("PUT"));
}

#[tokio::test]
async fn the_journal_of_calls_is_filtered_and_waited_upon() {
    let (wechat, http) = mock().await;
    let brand = wechat.official_account("brand").await;
    let waiting = {
        let http = Http::to(&wechat);
        tokio::spawn(async move { http.get("/_mock/calls?path=/cgi-bin/stable_token&wait=30s").await })
    };
    http.get("/cgi-bin/user/get").await;
    http.stable_token(&brand).await;

    let found = waiting.await.unwrap();

    assert_eq!(found["calls"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!((&found["calls"][0]["account"], &found["dropped"]), (&json!("brand"), &json!(0)));
    assert_eq!(http.get("/_mock/calls?errcode=41001").await["calls"].as_array().unwrap().len(), 1);
    assert_eq!(http.get("/_mock/calls?path=/cgi-bin/nope&wait=10ms").await["calls"], json!([]));
    assert!(http.get("/_mock/calls?pth=x").await["error"].as_str().unwrap().contains("pth"));
}

#[tokio::test]
async fn the_journal_of_deliveries_is_filtered() {
    let (wechat, http) = mock().await;
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").callback(&receiver.url).await;
    wechat.person("lin").follows(&brand).await;
    wechat.person("mei").follows(&brand).await;
    wechat.person("mei").clicks(&brand, "POINTS").await;

    let count = async |query: &str| {
        http.get(&format!("/_mock/deliveries?{query}")).await["deliveries"].as_array().unwrap().len()
    };

    assert_eq!(count("").await, 3);
    assert_eq!(count("person=mei").await, 2);
    assert_eq!(count("event=click&account=brand&ok=true").await, 1);
    assert_eq!(count("ok=false").await, 0);
    assert_eq!(count("count=3&wait=5s").await, 3);
}

#[tokio::test]
async fn raw_events_may_be_text_or_an_object() {
    let (wechat, http) = mock().await;
    let receiver = Receiver::answering("success").await;
    let shop = wechat.mini_program("shop").callback(&receiver.url).await;

    http.post(
        "/_mock/events/raw",
        json!({"account": "shop", "body": {"Event": "debug_demo", "debug_str": "hi"}}),
    )
    .await;
    let done = http.post("/_mock/events/raw", json!({"account": "shop", "body": "not even JSON"})).await;

    assert_eq!(done["deliveries"][0]["event"], "raw");
    let received = receiver.received();
    assert_eq!(received[0].message(&shop).find("Event"), Some("debug_demo"));
    assert_eq!(received[1].plaintext(&shop), "not even JSON");
}

#[tokio::test]
async fn many_people_are_made_at_once_and_nothing_is_pushed() {
    let (wechat, http) = mock().await;
    let many = json!({"count": 500, "prefix": "load", "start": 10, "follow": ["brand"]});

    let made = http.post("/_mock/people", many).await;

    let people = made["people"].as_array().unwrap();
    assert_eq!((people.len(), &people[0]["name"]), (500, &json!("load-10")));
    assert!(wechat.deliveries().is_empty());
    let brand = wechat.official_account("brand").await;
    let token = http.stable_token(&brand).await;
    let id = people[499]["open_ids"][brand.app_id()].as_str().unwrap();
    let info = http.get(&format!("/cgi-bin/user/info?access_token={token}&openid={id}")).await;
    assert_eq!((&info["subscribe"], &info["unionid"]), (&json!(1), &people[499]["union_id"]["brand-group"]));
}

#[tokio::test]
async fn the_clock_is_set_and_reset_takes_everything_back() {
    let (wechat, http) = mock().await;
    let set = http.post("/_mock/clock", json!({"set": "2030-01-02T03:04:05Z"})).await;
    assert!(set["now"].as_str().unwrap().starts_with("2030-01-02T03:04:0"), "{set}");
    let later = http.post("/_mock/clock", json!({"advance": "2h"})).await;
    assert!(later["now"].as_str().unwrap().starts_with("2030-01-02T05:04:0"), "{later}");
    put(&http, "/_mock/accounts/brand", json!({"mode": "plain", "callback": null})).await;
    http.post("/_mock/people/lin/follow", json!({"account": "brand"})).await;
    http.post("/_mock/faults", json!({"on": "push", "do": "hang"})).await;

    http.post("/_mock/reset", json!({})).await;

    assert_eq!(http.get("/_mock/clock").await["ahead_ms"], 0);
    assert_eq!(http.get("/_mock/accounts/brand").await["mode"], "safe");
    assert_eq!(http.get("/_mock/people").await["people"], json!([]));
    assert_eq!(http.get("/_mock/faults").await["faults"], json!([]));
    assert!(wechat.deliveries().is_empty());
}

#[tokio::test]
async fn live_tokens_are_ended_on_request() {
    let (wechat, http) = mock().await;
    let brand = wechat.official_account("brand").await;
    for (how, code) in [("supersede", 40001), ("expire", 42001)] {
        let token = http.stable_token(&brand).await;
        let ended = http.post("/_mock/accounts/brand/tokens", json!({"do": how})).await;
        assert_eq!(ended["ended"], 1);
        assert_eq!(http.get(&format!("/cgi-bin/user/get?access_token={token}")).await["errcode"], code);
        assert_ne!(http.stable_token(&brand).await, token);
    }
}
