//! The brand's API.

use reqwest::Method;
use serde_json::json;

use crate::harness::TestGateway;

fn payment(reference: &str, fen: i64) -> serde_json::Value {
    json!({
        "kind": "pay.success", "union_id": "oV8Wn1tZ4sK7pL2qD9hXc3mBy6uE", "ref": reference,
        "occurred_at": "2026-10-01T10:00:00+08:00", "amount_fen": fen,
    })
}

#[tokio::test]
async fn the_same_request_again_gets_the_same_answer() {
    let gateway = TestGateway::start().await;
    let first = gateway.post_events("k-1", json!([payment("order-1", 12_900)])).await;

    let second = gateway.post_events("k-1", json!([payment("order-1", 12_900)])).await;

    assert_eq!(first, second);
    assert_eq!(first.1["results"][0]["status"], "settled");
    assert_eq!(first.1["results"][0]["points"], 129);
}

#[tokio::test]
async fn the_same_order_under_another_key_is_a_duplicate() {
    let gateway = TestGateway::start().await;
    gateway.post_events("k-1", json!([payment("order-1", 12_900)])).await;

    let (_, again) = gateway.post_events("k-2", json!([payment("order-1", 12_900)])).await;

    assert_eq!(again["results"][0]["status"], "duplicate");
    let person = gateway.person("unionid:oV8Wn1tZ4sK7pL2qD9hXc3mBy6uE").await;
    assert_eq!(person["points"]["total"], 129);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let gateway = TestGateway::start().await;
    gateway.post_events("k-1", json!([payment("order-1", 12_900)])).await;

    let (status, problem) = gateway.post_events("k-1", json!([payment("order-2", 100)])).await;

    assert_eq!(status, 409);
    assert_eq!(problem["code"], "idempotency_key_reused");
}

#[tokio::test]
async fn one_bad_event_does_not_spoil_the_batch() {
    let gateway = TestGateway::start().await;
    let events = json!([
        payment("order-1", 12_900),
        { "kind": "no.such.kind", "union_id": "oV8Wn1tZ4sK7pL2qD9hXc3mBy6uE" },
        { "kind": "mp.visit" },
        { "kind": "mp.visit", "union_id": "oV8Wn1tZ4sK7pL2qD9hXc3mBy6uE", "colour": "red" },
    ]);

    let (status, answer) = gateway.post_events("k-1", events).await;

    assert_eq!(status, 200);
    let said: Vec<_> =
        answer["results"].as_array().unwrap().iter().map(|r| r["status"].as_str().unwrap()).collect();
    assert_eq!(said, ["settled", "rejected", "rejected", "rejected"]);
    assert_eq!(answer["results"][1]["error"]["code"], "unknown_kind");
    assert_eq!(answer["results"][2]["error"]["code"], "no_person");
    assert_eq!(answer["results"][3]["error"]["code"], "malformed_event");
}

#[tokio::test]
async fn a_batch_has_1_to_500_events_and_a_key() {
    let gateway = TestGateway::start().await;

    let (empty, problem) = gateway.post_events("k-1", json!([])).await;
    let many = vec![payment("order", 1); 501];
    let (full, _) = gateway.post_events("k-2", json!(many)).await;
    let (keyless, missing) = gateway.post_events("", json!([payment("order-1", 1)])).await;

    assert_eq!((empty.as_u16(), full.as_u16(), keyless.as_u16()), (400, 400, 400));
    assert_eq!(problem["code"], "batch_size");
    assert_eq!(missing["code"], "idempotency_key_missing");
}

#[tokio::test]
async fn nobody_reads_or_writes_without_a_key() {
    let gateway = TestGateway::start().await;
    let anonymous = [
        gateway.http.post(gateway.url("/v1/events")).body("{}"),
        gateway.http.get(gateway.url("/v1/persons/unionid:oV8Wn1tZ4sK7pL2qD9hXc3mBy6uE")),
        gateway
            .http
            .get(gateway.url("/v1/persons/unionid:oV8Wn1tZ4sK7pL2qD9hXc3mBy6uE/entries"))
            .bearer_auth("wrong"),
    ];

    for request in anonymous {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn what_v1_does_not_do_is_a_problem_that_says_what_it_does() {
    let gateway = TestGateway::start().await;

    for (method, path, allowed) in [
        (Method::GET, "/v1/events", "POST"),
        (Method::OPTIONS, "/v1/events", "POST"),
        (Method::DELETE, "/v1/persons/unionid:oLin0001", "GET"),
        (Method::POST, "/v1/persons/unionid:oLin0001/entries", "GET"),
    ] {
        // Without a key: it says no more than /openapi.json does.
        let response = gateway.http.request(method, gateway.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(response.headers()["allow"], allowed, "{path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let problem: serde_json::Value = response.json().await.unwrap();
        assert_eq!((&problem["status"], &problem["code"]), (&json!(405), &json!("method_not_allowed")));
        assert!(problem["detail"].as_str().unwrap().contains(allowed), "{problem}");
    }
    let nowhere = gateway.get("/v1/orders").await;
    assert_eq!(nowhere.status(), 404);
    assert_eq!(nowhere.json::<serde_json::Value>().await.unwrap()["code"], "no_such_route");
}

#[tokio::test]
async fn a_callback_in_another_way_is_told_both_that_there_are() {
    let gateway = TestGateway::start().await;

    let callback = gateway.http.put(gateway.url("/wechat/brand")).send().await.unwrap();

    assert_eq!(callback.status(), 405);
    let mut allowed: Vec<_> = callback.headers()["allow"].to_str().unwrap().split(", ").collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "POST"]);
}

#[tokio::test]
async fn the_entries_behind_the_points_come_newest_first_and_in_pages() {
    let gateway = TestGateway::start().await;
    let at = |i: usize| format!("2026-10-01T10:{:02}:00Z", i);
    for page in 0..2 {
        let events: Vec<_> = (0..60)
            .map(|i| {
                json!({ "kind": "pay.success", "union_id": "oV8Wn1tZ4sK7pL2qD9hXc3mBy6uE",
                        "ref": format!("order-{page}-{i}"), "occurred_at": at(i), "amount_fen": 100 })
            })
            .collect();
        gateway.post_events(&format!("k-{page}"), json!(events)).await;
    }

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/persons/unionid:oV8Wn1tZ4sK7pL2qD9hXc3mBy6uE/entries{cursor}");
        let page: serde_json::Value = gateway.get(&path).await.json().await.unwrap();
        seen.extend(
            page["entries"].as_array().unwrap().iter().map(|e| e["ref"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("?cursor={next}");
    }

    assert_eq!(seen.len(), 120);
    assert_eq!(seen[0], "order-1-59");
    assert_eq!(seen[119], "order-0-0");
}

#[tokio::test]
async fn the_document_names_every_route_of_v1() {
    let gateway = TestGateway::start().await;

    let document: serde_json::Value = gateway.get("/openapi.json").await.json().await.unwrap();

    let mut paths: Vec<_> = document["paths"].as_object().unwrap().keys().cloned().collect();
    paths.sort();
    assert_eq!(paths, ["/v1/events", "/v1/persons/{who}", "/v1/persons/{who}/entries"]);
    assert_eq!(document["openapi"].as_str().unwrap().split('.').next(), Some("3"));
}
