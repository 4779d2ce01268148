//! What was answered 200 is known after a SIGKILL, once.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::StatusCode;
use wechat_gateway::clock::{Clock as _, SystemClock};

use crate::harness::{client, wait_until};
use crate::orders;
use crate::process::{self, Process, free_port};

const ROUNDS: usize = 20;
const SENDERS: usize = 64;

/// Pays order after order until the gateway dies; what was acknowledged.
async fn pay_until_killed(base: String, next: Arc<AtomicUsize>, acknowledged: Arc<Mutex<HashSet<usize>>>) {
    let http = client();
    loop {
        let order = next.fetch_add(1, Ordering::Relaxed);
        match orders::pay(&http, &base, order).await {
            Ok((StatusCode::OK, _)) => acknowledged.lock().unwrap().insert(order),
            _ => return,
        };
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
    let seen = orders::credited(&client(), &gateway).await;
    let lost: Vec<_> = acknowledged.lock().unwrap().difference(&seen).copied().collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
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
