//! From a signed push to what the person reads.

use serde_json::json;

use crate::harness::{TestGateway, shown};

/// Two payments, one ad click, three visits: 129 + 50 + 200 + 30 points.
fn touchpoints(union_id: &str) -> serde_json::Value {
    let at = |hour: u32| format!("2026-10-0{}T{hour:02}:00:00+08:00", hour % 9 + 1);
    json!([
        { "kind": "pay.success", "union_id": union_id, "occurred_at": at(1), "ref": "order-1", "amount_fen": 12_900 },
        { "kind": "pay.success", "union_id": union_id, "occurred_at": at(2), "ref": "order-2", "amount_fen": 5_050 },
        { "kind": "ad.click", "union_id": union_id, "occurred_at": at(3), "source": "moments", "campaign": "summer-a" },
        { "kind": "mp.visit", "union_id": union_id, "occurred_at": at(4), "ref": "visit-1" },
        { "kind": "mp.visit", "union_id": union_id, "occurred_at": at(5), "ref": "visit-2" },
        { "kind": "mp.visit", "union_id": union_id, "occurred_at": at(6), "ref": "visit-3" },
    ])
}

#[tokio::test]
async fn a_follow_is_answered_with_what_the_person_has_already_earned() {
    let gateway = TestGateway::start().await;
    let union_id = gateway.union_id("lin").await;
    let (status, answer) = gateway.post_events("t-1", touchpoints(&union_id)).await;
    assert_eq!(status, 200, "{answer}");

    let answer = gateway.act("lin", "follow", json!({ "account": "brand" })).await;

    let text = shown(&answer);
    assert!(text.contains("509"), "129 + 50 + 200 + 30 and 100 for the follow: {answer:#}");
    for part in ["179", "200", "30", "100"] {
        assert!(text.contains(part), "a line for each source: {text}");
    }
    let person = gateway.person(&format!("unionid:{union_id}")).await;
    assert_eq!(person["points"]["total"], 509);
    assert_eq!(person["points"]["unclaimed"], 509);
    assert_eq!(person["identities"][0]["subscribed"], true);
}

#[tokio::test]
async fn following_again_earns_nothing_twice_and_reads_differently() {
    let gateway = TestGateway::start().await;
    let union_id = gateway.union_id("lin").await;
    gateway.post_events("t-1", touchpoints(&union_id)).await;
    let first = shown(&gateway.act("lin", "follow", json!({ "account": "brand" })).await);
    gateway.act("lin", "unfollow", json!({ "account": "brand" })).await;
    // Two follows within one second would be one event to WeChat.
    let clock = format!("{}/_mock/clock", gateway.wechat.url());
    gateway.http.post(clock).json(&json!({ "advance": "5s" })).send().await.unwrap();

    let second = shown(&gateway.act("lin", "follow", json!({ "account": "brand" })).await);

    assert_ne!(first, second);
    assert!(!second.is_empty());
    assert_eq!(gateway.person(&format!("unionid:{union_id}")).await["points"]["total"], 509);
}

#[tokio::test]
async fn a_restarted_gateway_knows_what_it_answered() {
    let mut gateway = TestGateway::start().await;
    let union_id = gateway.union_id("lin").await;
    gateway.post_events("t-1", touchpoints(&union_id)).await;
    gateway.act("lin", "follow", json!({ "account": "brand" })).await;

    gateway.restart().await;

    assert_eq!(gateway.person(&format!("unionid:{union_id}")).await["points"]["total"], 509);
}

#[tokio::test]
async fn a_visitor_without_points_is_welcomed_too() {
    let gateway = TestGateway::start_with(&[("GATEWAY_ACCOUNTS__BRAND__LANG", "en")]).await;

    let answer = gateway.act("wang", "follow", json!({ "account": "brand" })).await;

    let text = shown(&answer);
    assert!(text.contains("100"), "the follow itself earned: {answer:#}");
    assert!(text.starts_with("Welcome"), "English, by the account's language: {text}");
}
