//! On unsubscribe the names go at once; what was earned and what was capped does not come back as something to farm.

use serde_json::json;

use crate::harness::{TestGateway, shown};

const BRAND: &str = "wx00000000000000aa";

async fn follow(gateway: &TestGateway) -> String {
    shown(&gateway.act("lin", "follow", json!({ "account": "brand" })).await)
}

async fn unfollow(gateway: &TestGateway) {
    gateway.act("lin", "unfollow", json!({ "account": "brand" })).await;
}

#[tokio::test]
async fn an_unfollow_erases_the_link_and_keeps_a_person_known_by_another_touchpoint() {
    let gateway = TestGateway::start().await;
    let union_id = gateway.union_id("lin").await;
    let visit = json!([{ "kind": "mp.visit", "union_id": union_id, "ref": "v-1" }]);
    gateway.post_events("k-1", visit).await;
    follow(&gateway).await;

    unfollow(&gateway).await;

    let person = gateway.person(&format!("unionid:{union_id}")).await;
    assert_eq!(person["points"]["total"], 110);
    assert_eq!(person["identities"], json!([]), "the OpenID is forgotten");
    let open_id = gateway.person_in_wechat("lin").await["open_ids"][BRAND].as_str().unwrap().to_owned();
    assert_eq!(gateway.get(&format!("/v1/persons/openid:{BRAND}:{open_id}")).await.status(), 404);
}

#[tokio::test]
async fn a_visitor_known_by_nothing_else_is_nobody_to_be_found_until_they_return() {
    let gateway = TestGateway::start().await;
    let union_id = gateway.union_id("lin").await;
    let first = follow(&gateway).await;

    unfollow(&gateway).await;
    assert_eq!(gateway.get(&format!("/v1/persons/unionid:{union_id}")).await.status(), 404);
    let again = follow(&gateway).await;

    assert_ne!(first, again, "a returning follower reads other words");
    let person = gateway.person(&format!("unionid:{union_id}")).await;
    assert_eq!(person["points"]["total"], 100, "the follow bonus is earned once");
}

#[tokio::test]
async fn leaving_and_returning_ten_times_farms_nothing() {
    let gateway = TestGateway::start().await;
    let union_id = gateway.union_id("lin").await;

    for _ in 0..10 {
        follow(&gateway).await;
        unfollow(&gateway).await;
    }
    follow(&gateway).await;

    assert_eq!(gateway.person(&format!("unionid:{union_id}")).await["points"]["total"], 100);
}
