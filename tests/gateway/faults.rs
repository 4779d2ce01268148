//! What breaks around the gateway, and what the person reads all the same.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{TestGateway, shown, wait_until};
use crate::process::free_port;

const INFO: &str = "/cgi-bin/user/info";
const SEND: &str = "/cgi-bin/message/custom/send";

async fn earn(gateway: &TestGateway, name: &str, yuan: i64) -> String {
    let union_id = gateway.union_id(name).await;
    let event = json!({ "kind": "pay.success", "union_id": union_id, "ref": format!("order-{name}"),
                        "occurred_at": "2026-10-01T10:00:00+08:00", "amount_fen": yuan * 100 });
    assert_eq!(gateway.post_events(&format!("k-{name}"), json!([event])).await.0, 200);
    union_id
}

async fn fault(gateway: &TestGateway, fault: Value) {
    let url = format!("{}/_mock/faults", gateway.wechat.url());
    let response = gateway.http.post(url).json(&fault).send().await.unwrap();
    assert!(response.status().is_success(), "{}", response.text().await.unwrap());
}

/// The chat once `count` messages came as `via`.
async fn chat_with(gateway: &TestGateway, name: &str, via: &str, count: usize) -> Vec<Value> {
    let url = format!("{}/_mock/people/{name}/chat?account=brand", gateway.wechat.url());
    let chat = async || {
        let chat: Value = gateway.http.get(&url).send().await.unwrap().json().await.unwrap();
        let messages = chat["messages"].as_array().unwrap().iter().filter(|m| m["via"] == via);
        messages.cloned().collect::<Vec<_>>()
    };
    let come = wait_until(async || chat().await.len() >= count);
    assert!(
        tokio::time::timeout(Duration::from_secs(30), come).await.is_ok(),
        "no {via} message: {:#?}",
        chat().await
    );
    chat().await
}

async fn metric(gateway: &TestGateway, line: &str) -> bool {
    gateway.get("/metrics").await.text().await.unwrap().contains(line)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_wechat_is_slow_the_generic_welcome_comes_in_time_and_the_exact_figures_follow() {
    let gateway = TestGateway::start().await;
    let union_id = earn(&gateway, "lin", 321).await;
    fault(&gateway, json!({ "on": INFO, "do": "delay", "value": "3s", "times": 1 })).await;

    let started = Instant::now();
    let answer = gateway.act("lin", "follow", json!({ "account": "brand" })).await;

    assert!(started.elapsed() < Duration::from_millis(4_000), "{:?}", started.elapsed());
    assert_eq!(answer["deliveries"].as_array().unwrap().len(), 1, "{answer:#}");
    assert!(!shown(&answer).contains("421"), "nobody knows yet: {answer:#}");
    let custom = chat_with(&gateway, "lin", "custom", 1).await;
    assert_eq!(custom.len(), 1);
    assert!(custom[0]["text"].as_str().unwrap().contains("421"), "{custom:#?}");
    assert_eq!(gateway.person(&format!("unionid:{union_id}")).await["points"]["total"], 421);
    assert!(metric(&gateway, "gateway_welcomes_total{fate=\"sent\"} 1").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_wechat_answers_instead_of_json_changes_nothing_for_the_follower() {
    for broken in [
        json!({ "on": INFO, "do": "reset", "times": 1 }),
        json!({ "on": INFO, "do": "truncate", "times": 1 }),
        json!({ "on": INFO, "do": "status", "value": 502, "times": 1 }),
        json!({ "on": INFO, "do": "errcode", "value": 45009, "times": 1 }),
    ] {
        let gateway = TestGateway::start().await;
        let union_id = earn(&gateway, "lin", 321).await;
        fault(&gateway, broken.clone()).await;

        let answer = gateway.act("lin", "follow", json!({ "account": "brand" })).await;

        assert_eq!(answer["deliveries"][0]["verdict"]["ok"], true, "{broken}: {answer:#}");
        let follower = format!("openid:wx00000000000000aa:{}", open_id(&gateway, "lin").await);
        assert_eq!(
            gateway.person(&follower).await["points"]["total"].as_i64().unwrap() % 321,
            100,
            "{broken}"
        );
        drop(union_id);
    }
}

async fn open_id(gateway: &TestGateway, name: &str) -> String {
    gateway.person_in_wechat(name).await["open_ids"]["wx00000000000000aa"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_whose_fate_is_unknown_is_never_sent_again() {
    let gateway = TestGateway::start().await;
    earn(&gateway, "lin", 321).await;
    fault(&gateway, json!({ "on": INFO, "do": "delay", "value": "2s", "times": 1 })).await;
    fault(&gateway, json!({ "on": SEND, "do": "reset", "times": 1 })).await;

    gateway.act("lin", "follow", json!({ "account": "brand" })).await;

    wait_until(async || metric(&gateway, "gateway_welcomes_total{fate=\"unknown\"} 1").await).await;
    assert_eq!(gateway.wechat.calls_to(SEND).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_may_not_send_is_asked_once() {
    let gateway = TestGateway::start().await;
    fault(&gateway, json!({ "on": SEND, "do": "errcode", "value": 48001, "times": 5 })).await;
    for (index, name) in ["lin", "wang"].into_iter().enumerate() {
        fault(&gateway, json!({ "on": INFO, "do": "delay", "value": "2s", "times": 1 })).await;
        gateway.act(name, "follow", json!({ "account": "brand" })).await;
        let suppressed = format!("gateway_welcomes_total{{fate=\"suppressed\"}} {}", index + 1);
        wait_until(async || metric(&gateway, &suppressed).await).await;
    }

    assert_eq!(gateway.wechat.calls_to(SEND).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_superseded_token_is_replaced_once_for_all() {
    let gateway = TestGateway::start().await;
    gateway.act("first", "follow", json!({ "account": "brand" })).await;
    let before = gateway.wechat.calls_to("/cgi-bin/stable_token").len();
    gateway.wechat.supersede_tokens("brand");

    let names: Vec<_> = (0..200).map(|i| format!("p{i}")).collect();
    let follows = names.iter().map(|name| gateway.act(name, "follow", json!({ "account": "brand" })));
    let answers = futures::future::join_all(follows).await;

    for answer in answers {
        assert!(shown(&answer).contains("100"), "{answer:#}");
    }
    assert_eq!(gateway.wechat.calls_to("/cgi-bin/stable_token").len(), before + 1);
}

/// A Redis of one's own, on a free port, in a temporary folder.
struct Redis {
    child: Child,
    port: u16,
    _dir: tempfile::TempDir,
}

impl Redis {
    fn start(port: u16) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(dir.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("redis-server: {error}; run scripts/test, which installs it"));
        Self { child, port, _dir: dir }
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// How often anybody has asked for a value.
    fn gets(&self) -> u64 {
        let asked =
            Command::new("redis-cli").args(["-p", &self.port.to_string(), "info", "commandstats"]).output();
        let stats = String::from_utf8(asked.unwrap().stdout).unwrap();
        let calls = stats.lines().find_map(|line| line.strip_prefix("cmdstat_get:calls="));
        calls.map_or(0, |calls| calls.split(',').next().unwrap().parse().unwrap())
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

async fn readiness(gateway: &TestGateway) -> String {
    let ready: Value = gateway.get("/readyz").await.json().await.unwrap();
    ready["status"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callbacks_are_answered_with_redis_frozen_dead_and_back() {
    let port = free_port();
    let redis = Redis::start(port);
    let gateway = TestGateway::start_with(&[("GATEWAY_SESSIONS__URL", &redis.url())]).await;
    wait_until(async || readiness(&gateway).await == "ready").await;
    let follow = async |name: &str| {
        let started = Instant::now();
        let answer = gateway.act(name, "follow", json!({ "account": "brand" })).await;
        assert!(shown(&answer).contains("100"), "{name}: {answer:#}");
        assert!(started.elapsed() < Duration::from_secs(1), "{name}: {:?}", started.elapsed());
    };

    follow("before").await;
    redis.signal("-STOP");
    for name in ["frozen-1", "frozen-2", "frozen-3"] {
        follow(name).await;
    }
    assert_eq!(readiness(&gateway).await, "degraded");
    redis.signal("-CONT");
    drop(redis);
    follow("dead").await;
    let _redis = Redis::start(port);
    wait_until(async || readiness(&gateway).await == "ready").await;
    follow("back").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_takes_long_no_push_waits_longer_than_the_whole_budget() {
    let gateway = TestGateway::start_with(&[("GATEWAY_BUDGET__TOTAL_MS", "300")]).await;
    fault(&gateway, json!({ "on": INFO, "do": "delay", "value": "2s", "times": 9 })).await;

    let follow = gateway.act("lin", "follow", json!({ "account": "brand" })).await;

    let first = &follow["deliveries"][0];
    assert_eq!(first["status"], 503, "{follow:#}");
    assert!(first["ms"].as_u64().unwrap() < 1_000, "{follow:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_asked_for_strangers_alone() {
    let redis = Redis::start(free_port());
    let gateway = TestGateway::start_with(&[("GATEWAY_SESSIONS__URL", &redis.url())]).await;
    wait_until(async || readiness(&gateway).await == "ready").await;

    let before = redis.gets();
    gateway.act("lin", "follow", json!({ "account": "brand" })).await;
    let asked = redis.gets();
    assert!(asked > before);
    let answer = gateway.act("lin", "scan", json!({ "account": "brand", "scene": "shelf-1" })).await;
    assert!(shown(&answer).contains("100"), "{answer:#}");
    gateway.act("lin", "text", json!({ "account": "brand", "content": "hi" })).await;
    assert_eq!(redis.gets(), asked);

    gateway.act("ada", "follow", json!({ "account": "brand" })).await;
    assert!(redis.gets() > asked);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_starts_without_its_redis() {
    let url = format!("redis://127.0.0.1:{}/0", free_port());

    let gateway = TestGateway::start_with(&[("GATEWAY_SESSIONS__URL", &url)]).await;

    assert_eq!(readiness(&gateway).await, "degraded");
    let answer = gateway.act("lin", "follow", json!({ "account": "brand" })).await;
    assert!(shown(&answer).contains("100"), "{answer:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_database_means_503_soon_and_the_retry_succeeds() {
    let gateway = TestGateway::start().await;
    gateway.act("lin", "follow", json!({ "account": "brand" })).await;
    let lock = rusqlite::Connection::open(gateway.dir.path().join("gateway.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();

    let started = Instant::now();
    let event = json!([{ "kind": "mp.visit", "union_id": "oV8Wn1tZ4sK7pL2qD9hXc3mBy6uE" }]);
    let (status, problem) = gateway.post_events("k-1", event.clone()).await;

    assert_eq!((status.as_u16(), problem["code"].as_str()), (503, Some("store_unavailable")));
    assert!(started.elapsed() < Duration::from_millis(1_500), "{:?}", started.elapsed());
    lock.execute_batch("ROLLBACK").unwrap();
    assert_eq!(gateway.post_events("k-1", event).await.0, 200);
}
