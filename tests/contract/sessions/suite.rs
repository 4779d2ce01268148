//! What every implementation of `Sessions` promises.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::join_all;
use wechat_gateway::clock::ManualClock;
use wechat_gateway::session::{Memory, Redis, Sessions};

use super::redis_server::{RedisCluster, RedisServer};

const MINUTE: Duration = Duration::from_secs(60);
/// Long enough to be seen, short enough to be waited for.
const MOMENT: Duration = Duration::from_millis(150);

/// One implementation, and how its time passes.
struct Bench {
    sessions: Arc<dyn Sessions>,
    time: Time,
}

enum Time {
    Moved(Arc<ManualClock>),
    Real,
}

impl Bench {
    fn memory() -> Self {
        let clock = Arc::new(ManualClock::at(1_000));
        Self { sessions: Arc::new(Memory::new(clock.clone())), time: Time::Moved(clock) }
    }

    fn redis(server: &RedisServer) -> Self {
        Self { sessions: Arc::new(Redis::single(&server.url(), "suite:").unwrap()), time: Time::Real }
    }

    /// Each case has the cluster to itself, by its prefix.
    fn cluster(cluster: &RedisCluster, case: &str) -> Self {
        let nodes = cluster.nodes.iter().map(RedisServer::url).collect();
        Self { sessions: Arc::new(Redis::cluster(nodes, &format!("{case}:")).unwrap()), time: Time::Real }
    }

    async fn fetch(&self, key: &str) -> Option<Bytes> {
        self.sessions.fetch(key).await.unwrap()
    }

    async fn keep(&self, key: &str, value: &'static str, ttl: Duration) {
        self.sessions.keep(key, Bytes::from_static(value.as_bytes()), ttl).await.unwrap();
    }

    async fn keep_if_absent(&self, key: &str, value: &'static str, ttl: Duration) -> bool {
        self.sessions.keep_if_absent(key, Bytes::from_static(value.as_bytes()), ttl).await.unwrap()
    }

    /// Waits until the key has expired, and checks that it has not done so before its time, which began at `since`.
    async fn expires(&self, key: &str, ttl: Duration, since: Instant) {
        match &self.time {
            Time::Moved(clock) => {
                clock.advance(ttl.as_millis() as i64 - 1);
                assert!(self.fetch(key).await.is_some(), "gone before its time");
                clock.advance(1);
                assert!(self.fetch(key).await.is_none(), "there after its time");
            }
            Time::Real => {
                crate::wait::until(ttl + Duration::from_secs(5), "the value expires", || async {
                    self.fetch(key).await.is_none()
                })
                .await;
                assert!(since.elapsed() >= ttl, "gone before its time");
            }
        }
    }
}

macro_rules! cases {
    ($($(#[$doc:meta])* async fn $case:ident($bench:ident: &Bench) $body:block)*) => {
        mod promises {
            use super::*;
            $($(#[$doc])* pub(super) async fn $case($bench: &Bench) $body)*
        }

        mod memory {
            use super::{Bench, promises};
            $(#[tokio::test] async fn $case() {
                promises::$case(&Bench::memory()).await;
            })*
        }

        mod redis {
            use super::{Bench, RedisServer, promises};
            $(#[tokio::test] async fn $case() {
                let server = RedisServer::start();
                promises::$case(&Bench::redis(&server)).await;
            })*
        }

        mod redis_cluster {
            use super::{Bench, RedisCluster, promises};
            // One cluster for all: making one takes seconds.
            #[tokio::test] async fn every_promise_is_kept() {
                let cluster = RedisCluster::start();
                $(
                    println!(stringify!($case));
                    promises::$case(&Bench::cluster(&cluster, stringify!($case))).await;
                )*
            }
        }
    };
}

cases! {
    async fn what_is_kept_is_fetched_byte_for_byte(bench: &Bench) {
        for value in [&b""[..], b"v", b"\0\r\n$5\r\nfalse", "积分".as_bytes(), &[0xff; 300_000]] {
            bench.sessions.keep("k", Bytes::copy_from_slice(value), MINUTE).await.unwrap();

            assert_eq!(bench.fetch("k").await.unwrap(), value);
        }
    }

    async fn an_unknown_key_is_nothing(bench: &Bench) {
        assert_eq!(bench.fetch("k").await, None);
        bench.sessions.forget("k").await.unwrap();
        bench.sessions.forget_if("k", b"v").await.unwrap();
    }

    async fn keys_of_any_text_are_different_keys(bench: &Bench) {
        let keys = ["k", "K", "k ", "k:k", "{k}", "{k}:a", "", "*", "k\r\nFLUSHALL\r\n", "积分", "k\0"];
        for (n, key) in keys.iter().enumerate() {
            bench.sessions.keep(key, Bytes::from(vec![n as u8]), MINUTE).await.unwrap();
        }

        for (n, key) in keys.iter().enumerate() {
            assert_eq!(bench.fetch(key).await.unwrap(), vec![n as u8], "{key:?}");
        }
    }

    async fn a_value_is_gone_when_its_time_is_over_and_not_before(bench: &Bench) {
        let since = Instant::now();
        bench.keep("k", "v", MOMENT).await;

        bench.expires("k", MOMENT, since).await;
    }

    async fn the_last_value_counts_and_so_does_its_time(bench: &Bench) {
        bench.keep("k", "first", MINUTE).await;
        let since = Instant::now();
        bench.keep("k", "second", MOMENT).await;

        bench.expires("k", MOMENT, since).await;
    }

    async fn a_taken_key_is_not_taken_again_and_keeps_its_value(bench: &Bench) {
        assert!(bench.keep_if_absent("k", "first", MINUTE).await);

        assert!(!bench.keep_if_absent("k", "second", MINUTE).await);

        assert_eq!(bench.fetch("k").await.unwrap(), "first");
    }

    async fn a_failed_taking_does_not_lengthen_the_time(bench: &Bench) {
        let since = Instant::now();
        bench.keep_if_absent("k", "first", MOMENT).await;
        bench.keep_if_absent("k", "second", MINUTE).await;

        bench.expires("k", MOMENT, since).await;
    }

    async fn an_expired_key_can_be_taken(bench: &Bench) {
        let since = Instant::now();
        bench.keep_if_absent("k", "first", MOMENT).await;
        bench.expires("k", MOMENT, since).await;

        assert!(bench.keep_if_absent("k", "second", MINUTE).await);

        assert_eq!(bench.fetch("k").await.unwrap(), "second");
    }

    async fn of_many_at_once_one_takes_the_key(bench: &Bench) {
        let all = join_all((0..50).map(|_| bench.keep_if_absent("k", "v", MINUTE))).await;

        assert_eq!(all.into_iter().filter(|taken| *taken).count(), 1);
    }

    async fn a_value_that_is_not_the_expected_one_is_not_forgotten(bench: &Bench) {
        bench.keep("k", "newer", MINUTE).await;
        for other in [&b"older"[..], b"", b"newer "] {
            bench.sessions.forget_if("k", other).await.unwrap();
            assert_eq!(bench.fetch("k").await.unwrap(), "newer");
        }

        bench.sessions.forget_if("k", b"newer").await.unwrap();

        assert_eq!(bench.fetch("k").await, None);
    }

    async fn what_is_forgotten_is_gone_and_its_key_is_free(bench: &Bench) {
        bench.keep("k", "v", MINUTE).await;

        bench.sessions.forget("k").await.unwrap();

        assert_eq!(bench.fetch("k").await, None);
        assert!(bench.keep_if_absent("k", "v", MINUTE).await);
    }

    async fn a_time_beyond_all_calendars_is_a_long_time(bench: &Bench) {
        bench.keep("k", "v", Duration::MAX).await;

        assert_eq!(bench.fetch("k").await.unwrap(), "v");
    }

    async fn a_thousand_calls_at_once_are_answered_each_with_its_own(bench: &Bench) {
        join_all((0..1_000).map(|n| async move {
            let (key, value) = (format!("k{n}"), Bytes::from(format!("v{n}")));
            bench.sessions.keep(&key, value.clone(), MINUTE).await.unwrap();
            assert_eq!(bench.fetch(&key).await.unwrap(), value);
        }))
        .await;
    }

    async fn a_sign_of_life_is_given(bench: &Bench) {
        bench.sessions.ping().await.unwrap();
    }
}
