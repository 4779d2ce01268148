//! A real write that fails, under the real binary: the system lets none of its files grow any further (EFBIG).

use std::collections::HashSet;
use std::path::Path;

use mock_wechat::MockWechat;
use reqwest::StatusCode;
use rusqlite::Connection;
use serde_json::{Value, json};
use wechat_gateway::clock::{Clock as _, SECOND, SystemClock};

use crate::harness::{client, shown};
use crate::orders;
use crate::process::{self, Process, free_port};
use crate::signing::plain_query;

/// A gateway process beside its WeChat, and the orders that it has answered with 200.
struct Shop {
    wechat: MockWechat,
    http: reqwest::Client,
    dir: tempfile::TempDir,
    port: u16,
    paid: HashSet<usize>,
}

impl Shop {
    async fn new() -> Self {
        let shop = Self {
            wechat: MockWechat::start().await,
            http: client(),
            dir: tempfile::tempdir().unwrap(),
            port: free_port(),
            paid: HashSet::new(),
        };
        let url = format!("{}/_mock/accounts/wx00000000000000aa", shop.wechat.url());
        let callback = json!({ "callback": format!("http://127.0.0.1:{}/wechat/brand", shop.port) });
        assert_eq!(shop.http.put(url).json(&callback).send().await.unwrap().status(), StatusCode::OK);
        shop
    }

    async fn open(&self) -> Process {
        Process::start(self.dir.path(), self.port, &self.settings()).await
    }

    async fn open_limited(&self, kib: u64) -> Process {
        Process::start_limited(self.dir.path(), self.port, &self.settings(), kib).await
    }

    fn settings(&self) -> [(&'static str, String); 1] {
        [("GATEWAY_PLATFORM__API", self.wechat.url())]
    }

    /// Pays one order: `None` when it is answered with 200, else the refusal.
    async fn pay(&mut self, gateway: &Process, order: usize) -> Option<(StatusCode, Value)> {
        let (status, answer) = orders::pay(&self.http, &gateway.url(""), order).await.unwrap();
        if status != StatusCode::OK {
            return Some((status, answer));
        }
        self.paid.insert(order);
        None
    }

    /// Pays the next order until one is refused: that one.
    async fn pay_until_refused(&mut self, gateway: &Process) -> usize {
        for order in self.paid.len().. {
            if let Some((status, problem)) = self.pay(gateway, order).await {
                assert_eq!((status.as_u16(), problem["code"].as_str()), (503, Some("store_unavailable")));
                return order;
            }
            assert!(order < 5_000, "no limit is reached");
        }
        unreachable!("the numbers have ended");
    }

    /// What WeChat got for a follow of `name`, one status for each of its attempts, and what the person reads.
    async fn follow(&self, name: &str) -> (Vec<u64>, String) {
        let url = format!("{}/_mock/people/{name}/follow", self.wechat.url());
        let asked = self.http.post(url).json(&json!({ "account": "brand" })).send().await.unwrap();
        let done: Value = asked.json().await.unwrap();
        let tried = done["deliveries"].as_array().unwrap();
        (tried.iter().map(|one| one["status"].as_u64().unwrap()).collect(), shown(&done))
    }

    /// What `/readyz` says of the store; an error where the gateway is not ready.
    async fn readiness(&self, gateway: &Process) -> Result<String, String> {
        let response = self.http.get(gateway.url("/readyz")).send().await.unwrap();
        let (status, said): (_, Value) = (response.status(), response.json().await.unwrap());
        let store = said["store"].as_str().unwrap().to_owned();
        match (status.as_u16(), said["status"].as_str().unwrap()) {
            (200, "ready") => Ok(store),
            (503, "unready") => Err(store),
            other => panic!("{other:?}: {said}"),
        }
    }

    /// Everything that only reads answers, and knows every order that was paid.
    async fn reads_go_on(&self, gateway: &Process) {
        let echo = plain_query(SystemClock.now() / SECOND, "1514711492");
        for path in ["/healthz", "/metrics", "/openapi.json", &format!("/wechat/brand?{echo}&echostr=1")] {
            let asked = self.http.get(gateway.url(path)).send().await.unwrap();
            assert_eq!(asked.status(), StatusCode::OK, "{path}");
        }
        self.nothing_is_lost(gateway).await;
    }

    async fn nothing_is_lost(&self, gateway: &Process) {
        let seen = orders::credited(&self.http, gateway).await;
        let lost: Vec<_> = self.paid.difference(&seen).collect();
        assert!(lost.is_empty(), "answered 200 and lost: {lost:?}");
    }

    /// A start without the limit: all is there, what was refused is taken now, and the log folds to what is shown.
    async fn recovers(mut self, refused: usize) {
        let gateway = self.open().await;
        assert_eq!(self.readiness(&gateway).await.as_deref(), Ok("ok"));
        self.nothing_is_lost(&gateway).await;
        assert_eq!(self.pay(&gateway, refused).await, None);
        let (answered, read) = self.follow("zhang").await;
        assert_eq!(answered, [200]);
        assert!(read.contains("100"), "{read}");
        self.nothing_is_lost(&gateway).await;
        assert!(gateway.terminate().1.success());
        let (agrees, printed) = process::run(self.dir.path(), "verify", &[]);
        assert!(agrees, "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_cannot_be_written_refuses_and_says_so_and_loses_nothing() {
    let mut shop = Shop::new().await;
    let gateway = shop.open_limited(1_024).await;
    assert_eq!(shop.follow("lin").await.0, [200]);

    // What is smaller than the refused order may still find room, a few times.
    let mut refused = shop.pay_until_refused(&gateway).await;
    for _ in 0..20 {
        if shop.readiness(&gateway).await.is_ok() {
            refused = shop.pay_until_refused(&gateway).await;
        }
    }

    assert_eq!(shop.follow("wang").await.0, [503; 3]);
    let why = shop.readiness(&gateway).await.unwrap_err();
    assert!(why.contains("disk I/O error"), "{why}");
    shop.reads_go_on(&gateway).await;
    assert!(gateway.terminate().1.success());
    shop.recovers(refused).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_the_log_cannot_be_copied_into_is_not_believed_again_before_a_restart() {
    let mut shop = Shop::new().await;
    let gateway = shop.open_limited(80 * 1_024).await;
    assert_eq!(shop.follow("lin").await.0, [200]);
    for order in 0..100 {
        assert_eq!(shop.pay(&gateway, order).await, None);
    }
    // The log is long enough to be copied, and the file then too long for the gateway.
    fill(shop.dir.path(), 24, true);
    fill(shop.dir.path(), 68, false);

    let refused = shop.pay_until_refused(&gateway).await;

    assert_eq!(shop.follow("wang").await.0, [503; 3]);
    let why = shop.readiness(&gateway).await.unwrap_err();
    assert!(
        why.contains("could not be copied into the file (disk I/O error") && why.contains("restart"),
        "{why}"
    );
    shop.reads_go_on(&gateway).await;
    let log = shop.dir.path().join("gateway.db-wal");
    assert!(gateway.terminate().1.success());
    assert!(std::fs::metadata(log).unwrap().len() > 0, "the only copy is gone");
    shop.recovers(refused).await;
}

/// Another process's table of so many MiB: in the log, or `copied` into the file.
fn fill(dir: &Path, mib: i64, copied: bool) {
    let stranger = Connection::open(dir.join("gateway.db")).unwrap();
    stranger
        .execute_batch("PRAGMA wal_autocheckpoint = 0; CREATE TABLE IF NOT EXISTS filler (bytes BLOB)")
        .unwrap();
    stranger.execute("INSERT INTO filler VALUES (zeroblob(?1 << 20))", [mib]).unwrap();
    if copied {
        stranger.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).unwrap();
    }
}
