//! What operators ask.

use crate::harness::TestGateway;

#[tokio::test]
async fn a_started_gateway_is_alive_and_ready() {
    let gateway = TestGateway::start().await;

    let alive = gateway.get("/healthz").await;
    let ready: serde_json::Value = gateway.get("/readyz").await.json().await.unwrap();

    assert_eq!(alive.status(), 200);
    assert_eq!(ready["status"], "ready");
}

#[tokio::test]
async fn metrics_count_pushes_and_welcomes_by_name() {
    let gateway = TestGateway::start().await;
    gateway.act("lin", "follow", serde_json::json!({ "account": "brand" })).await;

    let metrics = gateway.get("/metrics").await.text().await.unwrap();

    for line in [
        "gateway_pushes_total{kind=\"subscribe\",outcome=\"settled\"} 1",
        "gateway_welcomes_total{fate=\"passive\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}
