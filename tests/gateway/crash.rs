//! What was answered 200 is known after a SIGKILL, once.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use wechat_gateway::clock::{Clock as _, SystemClock};

use crate::harness::{API_KEY, client, wait_until};
use crate::process::{self, Process, free_port};

const ROUNDS: usize = 20;
const SENDERS: usize = 64;
const UNION: &str = "oV8Wn1tZ4sK7pL2qD9hXc3mBy6uE";

/// Pays one yuan per request until the gateway dies; what was acknowledged.
async fn pay_until_killed(base: String, next: Arc<AtomicUsize>, acknowledged: Arc<Mutex<HashSet<usize>>>) {
    let http = client();
    loop {
        let order = next.fetch_add(1, Ordering::Relaxed);
        let event = json!({
            "kind": "pay.success", "union_id": format!("{UNION}{}", order % 50), "ref": format!("order-{order}"),
            "occurred_at": "2026-10-01T10:00:00+08:00", "amount_fen": 100,
        });
        let sent = http
            .post(format!("{base}/v1/events"))
            .bearer_auth(API_KEY)
            .header("Idempotency-Key", format!("k-{order}"))
            .body(json!({ "events": [event] }).to_string())
            .send()
            .await;
        let Ok(response) = sent else { return };
        if response.status() != 200 || response.bytes().await.is_err() {
            return;
        }
        acknowledged.lock().unwrap().insert(order);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_answered_200_is_lost_or_doubled_by_twenty_kills() {
    let dir = tempfile::tempdir().unwrap();
    let port = free_port();
    let next = Arc::new(AtomicUsize::new(0));
    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    let mut seed = SystemClock.now() as u64;
    println!("seed {seed}");

    for round in 0..ROUNDS {
        let gateway = Process::start(dir.path(), port, &[]).await;
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| tokio::spawn(pay_until_killed(gateway.url(""), next.clone(), acknowledged.clone())))
            .collect();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let before = acknowledged.lock().unwrap().len();
        let enough = before + 10 + usize::try_from((seed >> 33) % 300).unwrap();
        wait_until(async || acknowledged.lock().unwrap().len() >= enough).await;
        gateway.kill();
        for sender in senders {
            sender.await.unwrap();
        }
        println!("round {round}: {} acknowledged", acknowledged.lock().unwrap().len());
    }

    let gateway = Process::start(dir.path(), port, &[]).await;
    let http = client();
    let (mut points, mut seen) = (0, HashSet::new());
    for person in 0..50 {
        let base = format!("{}/v1/persons/unionid:{UNION}{person}", gateway.url(""));
        let get = |url: String| http.get(url).bearer_auth(API_KEY).send();
        let shown: Value = get(base.clone()).await.unwrap().json().await.unwrap();
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
    let lost: Vec<_> = acknowledged.lock().unwrap().difference(&seen).copied().collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert_eq!(points, i64::try_from(seen.len()).unwrap(), "one point per order");
    gateway.kill();
    let (agrees, printed) = process::run(dir.path(), "verify", &[]);
    assert!(agrees, "{printed}");
}

#[tokio::test]
async fn a_terminated_gateway_ends_within_its_drain_time() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = Process::start(dir.path(), free_port(), &[]).await;

    let (took, status) = gateway.terminate();

    assert!(status.success(), "{status}");
    assert!(took < Duration::from_millis(4_500), "{took:?}");
}
