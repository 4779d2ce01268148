//! WeChat Pay's notifications that are not taken: told again by the mock's clock, for a day and four minutes.

use std::time::Duration;

use jiff::Timestamp;
use mock_wechat::MockWechat;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Http, json_of},
    merchant::{Merchant, Notified},
};

/// Seconds from each attempt to the next.
const GAPS: [i64; 15] =
    [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600];

/// A WeChat with a merchant and one payment that the merchant was told of.
struct Setting {
    wechat: MockWechat,
    http: Http,
    merchant: Merchant,
    paid: Value,
}

async fn paid(merchant: Merchant) -> Setting {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    merchant.shop(&wechat).await;
    let order = json!({"account": "shop", "fen": 12_900, "out_trade_no": "order-1"});
    let paid = http.post("/_mock/people/lin/pay", order).await;
    Setting { wechat, http, merchant, paid }
}

impl Setting {
    async fn pending(&self) -> Vec<Value> {
        self.http.get("/_mock/pay/pending").await["pending"].as_array().unwrap().clone()
    }

    /// The attempts so far, once there are that many.
    async fn attempts(&self, count: usize) -> Vec<Value> {
        let path = format!("/_mock/deliveries?event=transaction.success&wait=5s&count={count}");
        let attempts = self.http.get(&path).await["deliveries"].as_array().unwrap().clone();
        assert_eq!(attempts.len(), count, "{attempts:?}");
        attempts
    }

    async fn clock(&self, change: Value) {
        assert!(self.http.post("/_mock/clock", change).await.get("error").is_none());
    }
}

fn due(pending: &Value) -> Timestamp {
    pending["due"].as_str().unwrap().parse().unwrap()
}

/// All signed well, and each afresh.
fn are_signed_afresh(received: &[Notified]) {
    assert!(received.iter().all(Notified::is_signed));
    for name in ["wechatpay-nonce", "wechatpay-signature"] {
        let mut values: Vec<&str> = received.iter().map(|notified| notified.header(name)).collect();
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), received.len(), "{name}");
    }
    assert!(received.iter().all(|notified| notified.body == received[0].body), "all have one id");
}

#[tokio::test]
async fn the_verb_makes_the_first_attempt_and_says_when_the_next_is_due() {
    let setting = paid(Merchant::answering(|_, _| 500).await).await;

    let attempts = setting.paid["deliveries"].as_array().unwrap();
    assert_eq!(attempts.len(), 1, "{}", setting.paid);
    let reason = attempts[0]["verdict"]["reason"].as_str().unwrap();
    assert!(reason.contains("HTTP status 500") && reason.contains("again in 15 s"), "{reason}");
    let pending = &setting.paid["pending"][0];
    let event_id = setting.merchant.received()[0].json()["id"].clone();
    let expected = json!({
        "id": event_id, "account": "shop", "app_id": "wx00000000000000bb", "person": "lin",
        "event": "TRANSACTION.SUCCESS", "out_trade_no": "order-1", "attempts": 1, "left": 15,
        "due": pending["due"],
    });
    assert_eq!(*pending, expected);
    let wait = due(pending).as_millisecond() - attempts[0]["at"].as_i64().unwrap();
    assert!((14_000..=15_000).contains(&wait), "{wait} ms");
    assert_eq!(setting.pending().await, [expected]);
}

#[tokio::test]
async fn what_is_taken_at_once_is_told_once() {
    let setting = paid(Merchant::verifying().await).await;

    assert_eq!(setting.paid.get("pending"), None, "{}", setting.paid);
    setting.wechat.advance(Duration::from_secs(100_000));
    assert_eq!(setting.pending().await, [Value::Null; 0]);
    assert_eq!(setting.merchant.received().len(), 1);
}

#[tokio::test]
async fn every_attempt_comes_at_its_time_and_after_the_last_there_is_none() {
    let setting = paid(Merchant::answering(|_, _| 500).await).await;
    let mut dues = vec![due(&setting.paid["pending"][0])];
    for (n, gap) in (2..).zip(&GAPS[1..]) {
        // A moment before, nothing happens: the time of each attempt is looked at below.
        let early = dues[n - 2] - Duration::from_secs(2);
        setting.clock(json!({"set": early.to_string()})).await;
        setting.clock(json!({"set": dues[n - 2].to_string()})).await;
        setting.attempts(n).await;

        let pending = setting.pending().await;
        assert_eq!((&pending[0]["attempts"], &pending[0]["left"]), (&json!(n), &json!(16 - n)));
        let next = due(&pending[0]);
        assert_eq!(next.as_second() - dues[n - 2].as_second(), *gap, "after attempt {n}");
        dues.push(next);
    }
    setting.clock(json!({"set": dues[14].to_string()})).await;

    let attempts = setting.attempts(16).await;

    for (n, (attempt, due)) in attempts[1..].iter().zip(&dues).enumerate() {
        assert_eq!((&attempt["attempt"], &attempt["status"]), (&json!(n + 2), &json!(500)));
        let late = attempt["at"].as_i64().unwrap() - due.as_millisecond();
        assert!((0..5000).contains(&late), "attempt {} came {late} ms late", n + 2);
    }
    let last = attempts[15]["verdict"]["reason"].as_str().unwrap();
    assert!(last.contains("given up after 16 attempts"), "{last}");
    let first = dues[0].as_second() - GAPS[0];
    assert_eq!(dues[14].as_second() - first, 24 * 3600 + 240);
    assert_eq!(setting.pending().await, [Value::Null; 0]);
    let received = setting.merchant.received();
    are_signed_afresh(&received);
    let times: Vec<i64> =
        received.iter().map(|notified| notified.header("wechatpay-timestamp").parse().unwrap()).collect();
    assert!(times.is_sorted_by(|earlier, later| earlier < later), "{times:?}");
}

#[tokio::test]
async fn a_leap_of_the_clock_over_all_attempts_makes_them_in_order() {
    let setting = paid(Merchant::answering(|_, _| 503).await).await;

    setting.clock(json!({"advance": "25h"})).await;

    let attempts = setting.attempts(16).await;
    let numbers: Vec<_> = attempts.iter().map(|attempt| attempt["attempt"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=16).collect::<Vec<_>>());
    assert_eq!(setting.pending().await, [Value::Null; 0]);
    are_signed_afresh(&setting.merchant.received());
}

#[tokio::test]
async fn nothing_follows_when_it_was_taken() {
    let setting = paid(Merchant::answering(|n, _| if n < 3 { 500 } else { 200 }).await).await;

    setting.clock(json!({"advance": "25h"})).await;

    let attempts = setting.attempts(4).await;
    let statuses: Vec<_> = attempts.iter().map(|attempt| attempt["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [500, 500, 500, 200]);
    assert_eq!(attempts[3]["verdict"]["ok"], true);
    assert_eq!(setting.pending().await, [Value::Null; 0]);
    assert_eq!(setting.merchant.received().len(), 4);
}

#[tokio::test]
async fn real_time_brings_the_next_attempt_too() {
    let setting = paid(Merchant::answering(|n, _| if n < 1 { 500 } else { 204 }).await).await;
    let due = due(&setting.paid["pending"][0]);

    setting.clock(json!({"set": (due - Duration::from_millis(300)).to_string()})).await;

    let attempts = setting.attempts(2).await;
    assert!(attempts[1]["at"].as_i64().unwrap() >= due.as_millisecond());
    assert_eq!(setting.pending().await, [Value::Null; 0]);
}

#[tokio::test]
async fn notifications_do_not_wait_for_each_other() {
    let refuse_the_first = |_, notified: &Notified| {
        let order = notified.opened()["out_trade_no"].as_str().unwrap().to_owned();
        if order == "order-1" { 500 } else { 204 }
    };
    let setting = paid(Merchant::answering(refuse_the_first).await).await;
    let order = json!({"account": "shop", "fen": 1, "out_trade_no": "order-2"});

    let other = setting.http.post("/_mock/people/mei/pay", order).await;

    assert_eq!(other["deliveries"][0]["verdict"]["ok"], true, "{other}");
    let pending = setting.pending().await;
    assert_eq!((pending.len(), &pending[0]["out_trade_no"]), (1, &json!("order-1")));
    let of_brand = setting.http.get("/_mock/pay/pending?account=brand").await;
    assert_eq!(of_brand, json!({"pending": []}));
    let of_nobody = setting.http.get("/_mock/pay/pending?account=nobody").await;
    assert!(of_nobody["error"].as_str().unwrap().contains("nobody"), "{of_nobody}");
}

#[tokio::test]
async fn a_saved_state_holds_what_is_to_be_told_again() {
    let setting = paid(Merchant::answering(|n, _| if n < 2 { 500 } else { 204 }).await).await;
    let there = MockWechat::start().await;
    let elsewhere = Http::to(&there);
    let state = setting.http.request(Method::GET, "/_mock/state").send().await.unwrap();
    let state = state.text().await.unwrap();

    let put = elsewhere.request(Method::PUT, "/_mock/state").body(state).send().await.unwrap();
    assert_eq!(json_of(put).await["accounts"], 2);

    assert_eq!(elsewhere.get("/_mock/pay/pending").await["pending"], setting.paid["pending"]);
    there.advance(Duration::from_secs(60));
    let attempts = there.wait_for_deliveries("TRANSACTION.SUCCESS", 2).await;
    assert_eq!(attempts.iter().map(|attempt| attempt.attempt).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(there.pending_notices(), []);
    are_signed_afresh(&setting.merchant.received());
}

#[tokio::test]
async fn a_reset_forgets_what_was_to_be_told_and_so_does_the_end_of_the_account() {
    for (method, path) in [(Method::POST, "/_mock/reset"), (Method::DELETE, "/_mock/accounts/shop")] {
        let setting = paid(Merchant::answering(|_, _| 500).await).await;
        assert_eq!(setting.pending().await.len(), 1);

        let answer = setting.http.request(method, path).send().await.unwrap();

        assert!(answer.status().is_success());
        assert_eq!(setting.pending().await, [Value::Null; 0], "{path}");
    }
}

#[tokio::test]
async fn an_attempt_on_its_way_during_a_reset_is_the_last() {
    let setting = paid(Merchant::answering(|_, _| 500).await).await;
    setting.merchant.open(false);
    setting.clock(json!({"advance": "15s"})).await;
    setting.merchant.has_received(2).await;

    setting.http.post("/_mock/reset", json!({})).await;
    setting.merchant.open(true);

    let late = setting.attempts(1).await;
    assert_eq!(late[0]["attempt"], 2);
    assert_eq!(setting.pending().await, [Value::Null; 0]);
}
