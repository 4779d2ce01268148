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
