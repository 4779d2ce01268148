//! WeChat Pay's notifications, as a merchant receives them.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use base64::{Engine, engine::general_purpose::STANDARD};
use mock_wechat::{MockWechat, testkit::Account, wire::pay};
use reqwest::Method;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
};
use serde_json::{Value, json};

use crate::client::Http;

const API_V3_KEY: &str = "0123456789abcdef0123456789ABCDEF";

type Received = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A merchant's server that verifies, or that believes everything.
async fn merchant(verifies: bool) -> (String, Received) {
    let received = Received::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/pay", listener.local_addr().unwrap());
    let notified = move |State(received): State<Received>, headers: HeaderMap, body: Bytes| async move {
        let good = !verifies || is_signed(&headers, &body);
        received.lock().unwrap().push((headers, body));
        if good { StatusCode::NO_CONTENT } else { StatusCode::UNAUTHORIZED }
    };
    let router = Router::new().route("/pay", post(notified)).with_state(received.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, received)
}

fn is_signed(headers: &HeaderMap, body: &[u8]) -> bool {
    let header = |name: &str| headers[name].to_str().unwrap();
    let pem: String = pay::PUBLIC_KEY.lines().filter(|line| !line.starts_with('-')).collect();
    let spki = STANDARD.decode(pem).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &spki[24..]);
    let head = format!("{}\n{}\n", header("wechatpay-timestamp"), header("wechatpay-nonce"));
    let message = [head.as_bytes(), body, b"\n"].concat();
    let Ok(signature) = STANDARD.decode(header("wechatpay-signature")) else { return false };
    header("wechatpay-serial") == pay::SERIAL && key.verify(&message, &signature).is_ok()
}

fn opened(notification: &Value) -> Value {
    let resource = &notification["resource"];
    let text = |name: &str| resource[name].as_str().unwrap();
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, API_V3_KEY.as_bytes()).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(text("nonce").as_bytes()).unwrap();
    let mut sealed = STANDARD.decode(text("ciphertext")).unwrap();
    let aad = Aad::from(text("associated_data").as_bytes());
    serde_json::from_slice(key.open_in_place(nonce, aad, &mut sealed).unwrap()).unwrap()
}

async fn shop(wechat: &MockWechat, url: &str) -> Account {
    let change = json!({"pay_notify_url": url, "api_v3_key": API_V3_KEY, "callback": null}).to_string();
    let put = Http::to(wechat).request(Method::PUT, "/_mock/accounts/shop").body(change);
    assert_eq!(put.send().await.unwrap().status(), 200);
    wechat.mini_program("shop").await
}

#[tokio::test]
async fn a_payment_and_its_refund_are_notified_signed_and_sealed() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let (url, received) = merchant(true).await;
    let shop = shop(&wechat, &url).await;

    let order = json!({"account": "shop", "fen": 12_900, "out_trade_no": "order-1"});
    let paid = http.post("/_mock/people/lin/pay", order).await;
    let refund = json!({"account": "shop", "out_trade_no": "order-1", "fen": 900});
    let back = http.post("/_mock/people/lin/refund", refund).await;

    assert_eq!(paid["deliveries"][0]["verdict"]["ok"], true, "{paid}");
    assert_eq!(back["deliveries"][0]["verdict"]["ok"], true, "{back}");
    let bodies: Vec<Value> =
        received.lock().unwrap().iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect();
    assert_eq!(bodies[0]["event_type"], "TRANSACTION.SUCCESS");
    let transaction = opened(&bodies[0]);
    assert_eq!(transaction["payer"]["openid"], wechat.person("lin").open_id(&shop));
    assert_eq!(transaction["amount"]["total"], 12_900);
    assert!(transaction["success_time"].as_str().unwrap().ends_with("+08:00"), "{transaction}");
    assert!(transaction.get("unionid").is_none());
    assert_eq!(bodies[1]["event_type"], "REFUND.SUCCESS");
    let refund = opened(&bodies[1]);
    assert_eq!((&refund["amount"]["refund"], &refund["amount"]["total"]), (&json!(900), &json!(12_900)));
    assert_eq!(refund["transaction_id"], transaction["transaction_id"]);
}

#[tokio::test]
async fn a_probe_must_be_refused() {
    for verifies in [true, false] {
        let wechat = MockWechat::start().await;
        let (url, received) = merchant(verifies).await;
        shop(&wechat, &url).await;

        let order = json!({"account": "shop", "fen": 1, "probe": true});
        let done = Http::to(&wechat).post("/_mock/people/lin/pay", order).await;

        let probe = &done["deliveries"][0];
        assert_eq!(
            (&probe["event"], &probe["verdict"]["ok"]),
            (&json!("SIGNTEST"), &json!(verifies)),
            "{probe}"
        );
        let signature = received.lock().unwrap()[0].0["wechatpay-signature"].clone();
        assert!(signature.to_str().unwrap().starts_with("WECHATPAY/SIGNTEST/"));
        assert_eq!(done["deliveries"][1]["verdict"]["ok"], true);
    }
}

#[tokio::test]
async fn a_refused_notification_comes_again_under_the_same_id() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let (url, received) = merchant(true).await;
    shop(&wechat, &url).await;
    let fault = json!({"on": "push", "do": "bad_signature", "event": "TRANSACTION.SUCCESS"});
    http.post("/_mock/faults", fault).await;

    let done = http.post("/_mock/people/lin/pay", json!({"account": "shop", "fen": 1})).await;

    assert_eq!(done["deliveries"].as_array().unwrap().len(), 3, "{done}");
    let ids: Vec<Value> = received
        .lock()
        .unwrap()
        .iter()
        .map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap()["id"].clone())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn the_union_id_of_a_payer_is_told_for_five_minutes() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let shop = wechat.mini_program("shop").without_callback().await;
    let lin = wechat.person("lin");
    let order = json!({"account": "shop", "fen": 1, "out_trade_no": "order-1"});
    let paid = http.post("/_mock/people/lin/pay", order).await;
    let token = http.stable_token(&shop).await;
    let ask = async |order: String| {
        let openid = lin.open_id(&shop);
        http.get(&format!("/wxa/getpaidunionid?access_token={token}&openid={openid}&{order}")).await
    };
    let transaction = format!("transaction_id={}", paid["transaction_id"].as_str().unwrap());

    assert_eq!(ask(transaction.clone()).await["unionid"], json!(lin.union_id("brand-group")));
    assert_eq!(ask("mch_id=1900000001&out_trade_no=order-1".into()).await["errcode"], 0);
    assert_eq!(ask("transaction_id=4200".into()).await["errcode"], 89300);
    wechat.advance(std::time::Duration::from_secs(300));
    assert_eq!(ask(transaction).await["errcode"], 89300);
}

#[tokio::test]
async fn a_notification_is_sent_again_as_it_was_signed_anew_and_edited() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let (url, received) = merchant(true).await;
    shop(&wechat, &url).await;
    let order = json!({"account": "shop", "fen": 12_900, "out_trade_no": "order-1"});
    let paid = http.post("/_mock/people/lin/pay", order).await;
    let id = paid["deliveries"][0]["id"].to_string();
    let form = async |path: &str, fields: &[(&str, &str)]| {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = http.request(Method::POST, &format!("/_mock/page/wire/{path}"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(request.body(body.join("&")).send().await.unwrap().status(), 200);
    };

    form("again", &[("id", &id), ("how", "same")]).await;
    form("again", &[("id", &id), ("how", "signed")]).await;
    form("raw", &[("id", &id), ("account", "shop"), ("body", "{\"out_trade_no\":\"edited\"}")]).await;

    let received = received.lock().unwrap().clone();
    let [first, same, anew, edited] = &received[..] else { panic!("{} arrived", received.len()) };
    let signature = |(headers, _): &(HeaderMap, Bytes)| headers["wechatpay-signature"].clone();
    assert!(received.iter().all(|(headers, body)| is_signed(headers, body)));
    assert_eq!((&first.1, signature(first)), (&same.1, signature(same)));
    assert!(first.1 == anew.1 && signature(first) != signature(anew));
    assert_eq!(opened(&serde_json::from_slice(&edited.1).unwrap()), json!({"out_trade_no": "edited"}));
    let curl = http.request(Method::GET, &format!("/_mock/page/wire/push/{id}")).send().await.unwrap();
    assert!(curl.text().await.unwrap().contains("-H 'Wechatpay-Signature: "));
}
