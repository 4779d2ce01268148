//! Many people at once: nobody reads another's welcome.

use futures::StreamExt as _;
use serde_json::json;

use crate::harness::{TestGateway, shown};

const CROWD: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_followers_at_once_each_read_their_own_welcome() {
    let gateway = TestGateway::start().await;
    let people: Vec<_> = futures::stream::iter(0..CROWD)
        .map(|i| {
            let gateway = &gateway;
            async move { (i, gateway.union_id(&format!("p{i}")).await) }
        })
        .buffer_unordered(64)
        .collect()
        .await;
    // Everybody has earned another number of points, so that a welcome tells whose it is.
    for chunk in people.chunks(500) {
        let events: Vec<_> = chunk
            .iter()
            .map(|(i, union_id)| {
                json!({ "kind": "pay.success", "union_id": union_id, "ref": format!("order-{i}"),
                        "occurred_at": "2026-10-01T10:00:00+08:00", "amount_fen": (10_000 + i) * 100 })
            })
            .collect();
        let (status, _) = gateway.post_events(&format!("k-{}", chunk[0].0), json!(events)).await;
        assert_eq!(status, 200);
    }

    let answers: Vec<_> = futures::stream::iter(people.iter())
        .map(|(i, _)| {
            let gateway = &gateway;
            async move { (*i, gateway.act(&format!("p{i}"), "follow", json!({ "account": "brand" })).await) }
        })
        .buffer_unordered(CROWD)
        .collect()
        .await;

    for (i, answer) in answers {
        // A machine with much else to do may be late for a first try, which is refused; WeChat's next one is answered.
        let last = answer["deliveries"].as_array().and_then(|tries| tries.last()).unwrap();
        assert_eq!(last["verdict"]["ok"], true, "p{i}: {answer:#}");
        assert_eq!(answer["shown"].as_array().map(Vec::len), Some(1), "p{i}: {answer:#}");
        let digits: String = shown(&answer).chars().filter(|c| *c != ',').collect();
        assert!(digits.contains(&(10_100 + i).to_string()), "p{i} reads {digits}");
    }
}
