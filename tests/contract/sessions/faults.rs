//! A real Redis on a bad day. Every call is cut at 50 ms; what is asserted on time leaves room for a busy machine.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::join_all;
use wechat_gateway::clock::SystemClock;
use wechat_gateway::session::{self, Redis, SessionError, Sessions};

use super::redis_server::RedisServer;
use crate::wait::until;

const MINUTE: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_secs(10);

async fn open(url: &str) -> Arc<dyn Sessions> {
    session::open(url, "p:", Arc::new(SystemClock)).await.unwrap()
}

async fn keep(sessions: &dyn Sessions, key: &str) -> Result<(), SessionError> {
    sessions.keep(key, Bytes::from_static(b"v"), MINUTE).await
}

async fn until_it_works(sessions: &dyn Sessions) {
    until(SOON, "sessions work", || async { keep(sessions, "works").await.is_ok() }).await;
    assert_eq!(sessions.fetch("works").await.unwrap().unwrap(), "v");
}

fn why(error: SessionError) -> String {
    error.to_string()
}

#[tokio::test]
async fn a_redis_that_is_down_at_the_start_is_found_when_it_is_up() {
    let mut server = RedisServer::stopped();
    let sessions = open(&server.url()).await;
    let begun = Instant::now();
    for _ in 0..1_000 {
        sessions.fetch("k").await.unwrap_err();
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());

    server.run();

    until_it_works(&*sessions).await;
}

#[tokio::test]
async fn a_redis_that_dies_is_missed_and_found_again() {
    let mut server = RedisServer::start();
    let sessions = open(&server.url()).await;
    keep(&*sessions, "k").await.unwrap();

    server.kill();
    until(SOON, "calls fail", || async { sessions.fetch("k").await.is_err() }).await;
    server.run();

    until_it_works(&*sessions).await;
    assert_eq!(sessions.fetch("k").await.unwrap(), None);
}

#[tokio::test]
async fn a_redis_that_restarts_between_two_calls_is_not_noticed() {
    let mut server = RedisServer::start();
    // Without the breaker's 50 ms, in which a busy machine may not get a new connection.
    let sessions = Redis::single(&server.url(), "p:").unwrap();
    keep(&sessions, "k").await.unwrap();

    server.kill();
    server.run();

    assert_eq!(sessions.fetch("k").await.unwrap(), None);
    keep(&sessions, "k").await.unwrap();
}

#[tokio::test]
async fn a_frozen_redis_costs_little_and_is_found_when_it_thaws() {
    let server = RedisServer::start();
    let sessions = open(&server.url()).await;
    keep(&*sessions, "k").await.unwrap();

    server.freeze();
    let begun = Instant::now();
    let mut refusals = HashSet::new();
    while begun.elapsed() < Duration::from_secs(2) {
        let asked = Instant::now();
        refusals.insert(why(sessions.fetch("k").await.unwrap_err()));
        assert!(asked.elapsed() < Duration::from_secs(1), "one call took {:?}", asked.elapsed());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(refusals.contains("sessions are resting after repeated failures"), "{refusals:?}");
    assert!(refusals.contains("sessions did not answer within 50ms"), "{refusals:?}");
    server.thaw();

    until_it_works(&*sessions).await;
    assert_eq!(sessions.fetch("k").await.unwrap().unwrap(), "v");
}

#[tokio::test]
async fn a_frozen_redis_starves_nobody() {
    let server = RedisServer::start();
    let sessions = open(&server.url()).await;
    keep(&*sessions, "k").await.unwrap();
    server.freeze();

    let begun = Instant::now();
    let all = join_all((0..2_000).map(|_| sessions.fetch("k"))).await;

    assert!(all.iter().all(Result::is_err));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    server.thaw();
    until_it_works(&*sessions).await;
}

#[tokio::test]
async fn an_emptied_redis_is_an_empty_one() {
    let server = RedisServer::start();
    let sessions = open(&server.url()).await;
    until_it_works(&*sessions).await;

    server.cli(&["flushall"]);

    until(SOON, "the answer comes", || async { sessions.fetch("works").await.is_ok_and(|v| v.is_none()) })
        .await;
}

#[tokio::test]
async fn a_key_of_another_type_is_nothing_and_is_removed() {
    let server = RedisServer::start();
    let sessions = Redis::single(&server.url(), "p:").unwrap();
    for command in [&["lpush", "p:k", "v"][..], &["hset", "p:k", "f", "v"], &["sadd", "p:k", "v"]] {
        server.cli(command);

        assert_eq!(sessions.fetch("k").await.unwrap(), None);

        assert_eq!(server.cli(&["exists", "p:k"]), "0");
    }
    server.cli(&["lpush", "p:k", "v"]);
    sessions.forget_if("k", b"v").await.unwrap();
    keep(&sessions, "k").await.unwrap();
    assert_eq!(sessions.fetch("k").await.unwrap().unwrap(), "v");
}

#[tokio::test]
async fn a_redis_that_wants_a_password_says_so_and_takes_it_from_the_url() {
    let server = RedisServer::start_with(&["--requirepass", "s@cret/"]);
    let without = Redis::single(&server.url(), "p:").unwrap();
    let wrong = Redis::single(&server.url().replace("//", "//:wrong@"), "p:").unwrap();
    let right = Redis::single(&server.url().replace("//", "//:s%40cret%2F@"), "p:").unwrap();

    assert!(why(without.fetch("k").await.unwrap_err()).contains("put the password into sessions.url"));
    assert!(!why(wrong.fetch("k").await.unwrap_err()).contains("wrong@"));
    keep(&right, "k").await.unwrap();
}

#[tokio::test]
async fn a_full_redis_still_gives_what_it_has() {
    let server = RedisServer::start();
    let sessions = Redis::single(&server.url(), "p:").unwrap();
    keep(&sessions, "k").await.unwrap();

    server.cli(&["config", "set", "maxmemory", "1"]);

    assert!(why(keep(&sessions, "other").await.unwrap_err()).contains("OOM"));
    assert_eq!(sessions.fetch("k").await.unwrap().unwrap(), "v");
    server.cli(&["config", "set", "maxmemory", "0"]);
    keep(&sessions, "other").await.unwrap();
}

#[tokio::test]
async fn a_redis_that_has_become_a_replica_is_left_and_found_again() {
    let server = RedisServer::start();
    let sessions = Redis::single(&server.url(), "p:").unwrap();
    keep(&sessions, "k").await.unwrap();
    let connections =
        || server.cli(&["info", "stats"]).lines().find(|l| l.starts_with("total_conn")).map(str::to_owned);

    server.cli(&["replicaof", "127.0.0.1", "1"]);
    assert!(why(keep(&sessions, "k").await.unwrap_err()).contains("READONLY"));
    let before = connections();
    assert!(why(keep(&sessions, "k").await.unwrap_err()).contains("READONLY"));
    assert_ne!(before, connections(), "the old primary's connection is still used");
    server.cli(&["replicaof", "no", "one"]);

    keep(&sessions, "k").await.unwrap();
}

#[tokio::test]
async fn connections_are_held_and_not_checked_out_for_each_call() {
    let server = RedisServer::start();
    let sessions = Arc::new(Redis::single(&server.url(), "p:").unwrap());

    for _ in 0..10 {
        join_all((0..100).map(|n| {
            let sessions = sessions.clone();
            async move { keep(&*sessions, &n.to_string()).await.unwrap() }
        }))
        .await;
    }

    let said = server.cli(&["info", "commandstats"]);
    assert!(said.contains("cmdstat_set:calls=1000,"), "{said}");
    assert!(!said.contains("cmdstat_ping"), "{said}");
    let clients = server.cli(&["client", "list", "type", "normal"]);
    // This thread's one, and redis-cli itself.
    assert_eq!(clients.lines().count(), 2, "{clients}");
}

#[test]
fn each_worker_thread_has_a_connection_that_outlives_other_workers() {
    let server = RedisServer::start();
    let sessions = Arc::new(Redis::single(&server.url(), "p:").unwrap());
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for _ in 0..20 {
        let sessions = sessions.clone();
        // A thread that ends takes its event loop with it, and with that the connections that it drove.
        let worker =
            std::thread::spawn(move || runtime().block_on(async move { keep(&*sessions, "k").await }));

        worker.join().unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_single_url_for_a_cluster_says_what_to_write_instead() {
    let node = RedisServer::start_with(&["--cluster-enabled", "yes"]);
    node.cli(&["cluster", "addslotsrange", "0", "8191"]);
    let other = RedisServer::start_with(&["--cluster-enabled", "yes"]);
    other.cli(&["cluster", "addslotsrange", "8192", "16383"]);
    node.cli(&["cluster", "meet", "127.0.0.1", &other.port.to_string()]);
    let sessions = Redis::single(&node.url(), "p:").unwrap();

    until(SOON, "the node says MOVED", || async {
        let mut moved = false;
        for n in 0..20 {
            let answer = sessions.fetch(&n.to_string()).await;
            moved |= answer.is_err_and(|error| why(error).contains("redis+cluster://"));
        }
        moved
    })
    .await;
}
