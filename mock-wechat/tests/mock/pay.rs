//! WeChat Pay's notifications, as a merchant receives them.

use mock_wechat::MockWechat;
use reqwest::Method;
use serde_json::json;

use crate::{
    client::Http,
    merchant::{Merchant, Notified},
};

#[tokio::test]
async fn a_payment_and_its_refund_are_notified_signed_and_sealed() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let merchant = Merchant::verifying().await;
    let shop = merchant.shop(&wechat).await;

    let order = json!({"account": "shop", "fen": 12_900, "out_trade_no": "order-1"});
    let paid = http.post("/_mock/people/lin/pay", order).await;
    let refund = json!({"account": "shop", "out_trade_no": "order-1", "fen": 900});
    let back = http.post("/_mock/people/lin/refund", refund).await;

    assert_eq!(paid["deliveries"][0]["verdict"]["ok"], true, "{paid}");
    assert_eq!(back["deliveries"][0]["verdict"]["ok"], true, "{back}");
    let received = merchant.received();
    assert_eq!(received[0].json()["event_type"], "TRANSACTION.SUCCESS");
    let transaction = received[0].opened();
    assert_eq!(transaction["payer"]["openid"], wechat.person("lin").open_id(&shop));
    assert_eq!(transaction["amount"]["total"], 12_900);
    assert!(transaction["success_time"].as_str().unwrap().ends_with("+08:00"), "{transaction}");
    assert!(transaction.get("unionid").is_none());
    assert_eq!(received[1].json()["event_type"], "REFUND.SUCCESS");
    let refund = received[1].opened();
    assert_eq!((&refund["amount"]["refund"], &refund["amount"]["total"]), (&json!(900), &json!(12_900)));
    assert_eq!(refund["transaction_id"], transaction["transaction_id"]);
}

#[tokio::test]
async fn a_probe_must_be_refused() {
    for verifies in [true, false] {
        let wechat = MockWechat::start().await;
        let trusting = |_: usize, _: &_| 204;
        let merchant =
            if verifies { Merchant::verifying().await } else { Merchant::answering(trusting).await };
        merchant.shop(&wechat).await;

        let order = json!({"account": "shop", "fen": 1, "probe": true});
        let done = Http::to(&wechat).post("/_mock/people/lin/pay", order).await;

        let probe = &done["deliveries"][0];
        assert_eq!(
            (&probe["event"], &probe["verdict"]["ok"]),
            (&json!("SIGNTEST"), &json!(verifies)),
            "{probe}"
        );
        let received = merchant.received();
        assert!(received[0].header("wechatpay-signature").starts_with("WECHATPAY/SIGNTEST/"));
        assert_eq!(done["deliveries"][1]["verdict"]["ok"], true);
    }
}

#[tokio::test]
async fn a_fault_spoils_as_many_attempts_as_it_says_and_the_next_is_taken() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let merchant = Merchant::verifying().await;
    merchant.shop(&wechat).await;
    let fault = json!({"on": "push", "do": "bad_signature", "event": "TRANSACTION.SUCCESS", "times": 2});
    http.post("/_mock/faults", fault).await;

    let done = http.post("/_mock/people/lin/pay", json!({"account": "shop", "fen": 1})).await;
    http.post("/_mock/clock", json!({"advance": "30s"})).await;

    assert_eq!(done["deliveries"].as_array().unwrap().len(), 1, "{done}");
    let attempts = wechat.wait_for_deliveries("TRANSACTION.SUCCESS", 3).await;
    let faults: Vec<_> = attempts.iter().map(|attempt| attempt.faults.len()).collect();
    assert_eq!(faults, [1, 1, 0]);
    assert!(attempts.iter().all(|attempt| attempt.verdict.ok), "{attempts:?}");
    let received = merchant.received();
    assert_eq!(received.iter().map(|one| one.is_signed()).collect::<Vec<_>>(), [false, false, true]);
    assert!(received.iter().all(|one| one.json()["id"] == received[0].json()["id"]));
}

#[tokio::test]
async fn copies_of_a_notification_are_taken_as_one() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let merchant = Merchant::answering(|n, _| if n == 0 { 500 } else { 204 }).await;
    merchant.shop(&wechat).await;
    http.post("/_mock/faults", json!({"on": "push", "do": "repeat", "value": 2})).await;

    let done = http.post("/_mock/people/lin/pay", json!({"account": "shop", "fen": 1})).await;

    let copies: Vec<_> = done["deliveries"].as_array().unwrap().iter().map(|d| &d["duplicate"]).collect();
    assert_eq!(copies, [false, true, true], "{done}");
    assert_eq!(done.get("pending"), None, "a copy reached the merchant: {done}");
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
    let merchant = Merchant::verifying().await;
    merchant.shop(&wechat).await;
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

    let received = merchant.received();
    let [first, same, anew, edited] = &received[..] else { panic!("{} arrived", received.len()) };
    let signature = |notified: &Notified| notified.header("wechatpay-signature").to_owned();
    assert!(received.iter().all(Notified::is_signed));
    assert_eq!((&first.body, signature(first)), (&same.body, signature(same)));
    assert!(first.body == anew.body && signature(first) != signature(anew));
    assert_eq!(edited.opened(), json!({"out_trade_no": "edited"}));
    let curl = http.request(Method::GET, &format!("/_mock/page/wire/push/{id}")).send().await.unwrap();
    assert!(curl.text().await.unwrap().contains("-H 'Wechatpay-Signature: "));
}
