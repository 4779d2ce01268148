//! Faults, for calls and pushes.

use std::time::{Duration, Instant};

use mock_wechat::{
    Fault, MockWechat,
    testkit::Account,
    wire::{
        envelope::AesKey,
        fields::Fields,
        signature::{msg_signature, signature},
    },
    world::account::PushRules,
};
use reqwest::Method;
use serde_json::json;

use crate::{
    client::Http,
    receiver::{Received, Receiver},
};

const PATH: &str = "/cgi-bin/user/get";

fn fault(json: serde_json::Value) -> Fault {
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn a_call_answers_the_errcode_asked_for_as_often_as_asked() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    wechat.fault(fault(json!({"on": PATH, "do": "errcode", "value": -1, "times": 2})));

    let codes =
        [http.get(PATH).await, http.get(PATH).await, http.get(PATH).await].map(|a| a["errcode"].clone());

    assert_eq!(codes, [json!(-1), json!(-1), json!(41001)]);
    assert_eq!(http.get("/_mock/faults").await["faults"][0]["happened"], 2);
}

#[tokio::test]
async fn a_call_is_delayed_hung_reset_cut_or_answered_with_a_page() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);

    wechat.fault(fault(json!({"on": PATH, "do": "delay", "value": "80ms"})));
    let started = Instant::now();
    assert_eq!(http.get(PATH).await["errcode"], 41001);
    assert!(started.elapsed() >= Duration::from_millis(80));

    wechat.fault(fault(json!({"on": PATH, "do": "hang"})));
    let hung = http.request(Method::GET, PATH).timeout(Duration::from_millis(100)).send().await;
    assert!(hung.unwrap_err().is_timeout());

    wechat.fault(fault(json!({"on": PATH, "do": "reset"})));
    let error = http.request(Method::GET, PATH).send().await.unwrap_err();
    assert!(format!("{error:?}").contains("ConnectionReset"), "{error:?}");

    wechat.fault(fault(json!({"on": PATH, "do": "truncate"})));
    let cut = http.request(Method::GET, PATH).send().await.unwrap();
    assert_eq!(cut.status(), 200);
    assert!(cut.bytes().await.is_err(), "half a body is no body");

    wechat.fault(fault(json!({"on": PATH, "do": "status", "value": 502})));
    let page = http.request(Method::GET, PATH).send().await.unwrap();
    assert_eq!(
        (page.status().as_u16(), page.headers()["content-type"].as_bytes()),
        (502, b"text/html".as_slice())
    );

    let happened: Vec<_> = wechat.calls_to(PATH).iter().map(|c| (c.status, c.faults.len())).collect();
    assert_eq!(happened, [(200, 1), (0, 1), (0, 1), (200, 1), (502, 1)]);
}

async fn brand(wechat: &MockWechat, receiver: &Receiver) -> Account {
    let rules = PushRules { deliveries: 1, ..PushRules::default() };
    wechat.official_account("brand").callback(&receiver.url).push_rules(rules).await
}

#[tokio::test]
async fn a_push_is_doubled_and_only_one_answer_is_shown() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("nonsense").await;
    let brand = brand(&wechat, &receiver).await;
    wechat.fault(fault(json!({"on": "push", "do": "duplicate", "value": 2})));

    let chat = wechat.person("lin").follows(&brand).await;

    assert_eq!(receiver.received().len(), 3);
    assert_eq!(chat.deliveries().iter().map(|d| d.duplicate).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(chat.messages().len(), 1);
}

#[tokio::test]
async fn a_push_is_overtaken_by_the_next_one() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = brand(&wechat, &receiver).await;
    wechat.fault(fault(json!({"on": "push", "do": "reorder", "event": "subscribe"})));
    let lin = wechat.person("lin");

    let (early, late) = (lin.clone(), lin.clone());
    let (first, second) = (brand.clone(), brand.clone());
    let following = tokio::spawn(async move { early.follows(&first).await });
    // The act takes place at once, only its push waits.
    while !wechat.person("lin").chat(&brand).follows() {
        tokio::task::yield_now().await;
    }
    late.unfollows(&second).await;
    following.await.unwrap();

    let events: Vec<_> = wechat.deliveries().iter().map(|d| d.event.clone()).collect();
    assert_eq!(events, ["unsubscribe", "subscribe"]);
}

#[tokio::test]
async fn a_push_is_spoiled_in_signature_or_appid() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = brand(&wechat, &receiver).await;
    let lin = wechat.person("lin");
    wechat.fault(fault(json!({"on": "push", "do": "bad_signature", "event": "subscribe"})));
    wechat.fault(fault(json!({"on": "push", "do": "wrong_appid", "event": "unsubscribe"})));

    lin.follows(&brand).await;
    lin.unfollows(&brand).await;

    let [forged, foreign] = &receiver.received()[..] else { panic!("two pushes") };
    let signed = |push: &Received| {
        let (query, outer) = (&push.query, Fields::parse(&push.body).unwrap());
        let encrypt = outer.find("Encrypt").unwrap().to_owned();
        let plain = signature(brand.token(), &query.timestamp, &query.nonce) == query.signature;
        let whole = msg_signature(brand.token(), &query.timestamp, &query.nonce, &encrypt);
        let opened = AesKey::parse(brand.encoding_aes_key()).unwrap().decrypt(&encrypt).unwrap();
        (plain, Some(whole) == query.msg_signature, opened.app_id)
    };
    assert_eq!(signed(forged), (false, false, brand.app_id().to_owned()));
    assert_eq!(signed(foreign), (true, true, "wxffffffffffffffff".to_owned()));
}

#[tokio::test]
async fn a_push_is_halved_stalled_or_cut_on_its_way() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = brand(&wechat, &receiver).await;
    let lin = wechat.person("lin");

    wechat.fault(fault(json!({"on": "push", "do": "truncate"})));
    let chat = lin.follows(&brand).await;
    let sent = &chat.deliveries()[0].request.body;
    assert_eq!(receiver.received()[0].body, sent[..sent.len() / 2]);

    wechat.fault(fault(json!({"on": "push", "do": "reset"})));
    let chat = lin.clicks(&brand, "POINTS").await;
    assert!(
        chat.deliveries()[0].verdict.reason.contains("no complete answer:"),
        "{:?}",
        chat.deliveries()[0]
    );

    let rules = PushRules { timeout_ms: 100, deliveries: 1, ..PushRules::default() };
    let brand = brand.change().push_rules(rules).await;
    wechat.fault(fault(json!({"on": "push", "do": "hang"})));
    let chat = lin.clicks(&brand, "POINTS").await;
    assert!(chat.deliveries()[0].verdict.reason.contains("within 100 ms"));
    assert_eq!(receiver.received().len(), 1, "the other two never came whole");
}

#[tokio::test]
async fn a_push_is_repeated_after_it_was_answered() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").plain_mode().callback(&receiver.url).await;
    wechat.fault(fault(json!({"on": "push", "do": "repeat", "value": 2})));

    let chat = wechat.person("lin").follows(&brand).await;

    assert_eq!(receiver.received().len(), 3);
    let bodies: Vec<String> = receiver.received().into_iter().map(|got| got.body).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    let copies: Vec<bool> = chat.deliveries().iter().map(|delivery| delivery.duplicate).collect();
    assert_eq!(copies, [false, true, true]);
}

#[tokio::test]
async fn an_answer_has_control_characters_in_its_first_text() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let lin = wechat.person("lin");
    lin.follows(&brand).await;
    let token = http.stable_token(&brand).await;
    wechat.fault(fault(json!({"on": "/cgi-bin/user/info", "do": "control_characters"})));
    let path = format!("/cgi-bin/user/info?access_token={token}&openid={}", lin.open_id(&brand));

    let spoilt = http.get(&path).await;
    let whole = http.get(&path).await;

    let spoilt = spoilt.as_str().expect("no JSON that a strict reader takes");
    assert!(spoilt.contains("\u{1}\u{1f}\\ ") && spoilt.contains(&lin.open_id(&brand)), "{spoilt:?}");
    assert_eq!(whole["openid"], lin.open_id(&brand));
}
