//! Orders that customers pay, one yuan each: as an event each, told one by one, and looked for afterwards.

use std::collections::HashSet;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::API_KEY;
use crate::process::Process;

const UNION: &str = "oV8Wn1tZ4sK7pL2qD9hXc3mBy6uE";
const CUSTOMERS: usize = 50;

/// `POST /v1/events` with this order alone, always under the same key: status and answer, unless there is none.
pub(crate) async fn pay(
    http: &reqwest::Client,
    base: &str,
    order: usize,
) -> reqwest::Result<(StatusCode, Value)> {
    let event = json!({
        "kind": "pay.success", "union_id": format!("{UNION}{}", order % CUSTOMERS), "ref": format!("order-{order}"),
        "occurred_at": "2026-10-01T10:00:00+08:00", "amount_fen": 100,
    });
    let response = http
        .post(format!("{base}/v1/events"))
        .bearer_auth(API_KEY)
        .header("Idempotency-Key", format!("k-{order}"))
        .body(json!({ "events": [event] }).to_string())
        .send()
        .await?;
    Ok((response.status(), response.json().await?))
}

/// Every order that the gateway knows. None is credited twice, and the points are one for each.
pub(crate) async fn credited(http: &reqwest::Client, gateway: &Process) -> HashSet<usize> {
    let (mut points, mut seen) = (0, HashSet::new());
    for customer in 0..CUSTOMERS {
        let base = format!("{}/v1/persons/unionid:{UNION}{customer}", gateway.url(""));
        let get = |url: String| http.get(url).bearer_auth(API_KEY).send();
        let shown = get(base.clone()).await.unwrap();
        if shown.status() == StatusCode::NOT_FOUND {
            continue;
        }
        let shown: Value = shown.json().await.unwrap();
        points += shown["points"]["total"].as_i64().unwrap();
        let mut cursor = String::new();
        loop {
            let page: Value = get(format!("{base}/entries{cursor}")).await.unwrap().json().await.unwrap();
            for entry in page["entries"].as_array().unwrap() {
                let order =
                    entry["ref"].as_str().unwrap().strip_prefix("order-").unwrap().parse::<usize>().unwrap();
                assert!(seen.insert(order), "order {order} is credited twice");
            }
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("?cursor={next}");
        }
    }
    assert_eq!(points, i64::try_from(seen.len()).unwrap(), "one point per order");
    seen
}
