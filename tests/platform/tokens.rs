//! The access token.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use serde_json::json;
use wechat_gateway::clock::SECOND;
use wechat_gateway::platform::{Platform as _, PlatformError, WeChat};
use wechat_gateway::session::{self, Sessions as _};

use crate::world::{SECRET, World, person};

const USER_INFO: &str = "/cgi-bin/user/info";
const TOKEN_KEY: &str = "token:wx00000000000000aa";
const LOCK_KEY: &str = "token-lock:wx00000000000000aa";

impl World {
    async fn ask(&self) -> Result<(), PlatformError> {
        self.ask_through(&self.wechat).await
    }

    async fn ask_through(&self, wechat: &WeChat) -> Result<(), PlatformError> {
        wechat.user_info(&self.account, &[person(0)]).await.map(|_| ())
    }

    /// Waits until WeChat has been asked for a token this often.
    async fn token_calls_reach(&self, calls: usize) {
        let reached = async {
            while self.script.token_calls() < calls {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), reached).await.unwrap();
    }
}

#[tokio::test]
async fn a_hundred_callers_of_a_fresh_gateway_get_one_token() {
    let world = World::new().await;
    world.script.takes(Duration::from_millis(30));

    let all = join_all((0..100).map(|_| world.ask())).await;

    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(world.script.token_calls(), 1);
}

#[tokio::test]
async fn a_token_that_dies_under_two_hundred_calls_is_replaced_once_and_nobody_notices() {
    let world = World::new().await;
    world.script.takes(Duration::from_millis(30));
    world.ask().await.unwrap();

    world.script.kill_tokens();
    let all = join_all((0..200).map(|_| world.ask())).await;

    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(world.script.token_calls(), 2);
    assert!(world.script.calls(USER_INFO).len() <= 1 + 2 * 200);
}

#[tokio::test]
async fn each_code_of_a_stale_token_has_it_replaced() {
    for code in [40001, 40014, 42001] {
        let world = World::new().await;
        world.ask().await.unwrap();
        world.script.kill_tokens();
        world.script.answers_once(USER_INFO, json!({ "errcode": code, "errmsg": "stale" }));

        world.ask().await.unwrap();

        assert_eq!(world.script.token_calls(), 2, "{code}");
    }
}

#[tokio::test]
async fn two_gateways_share_one_token() {
    let world = World::new().await;
    world.script.takes(Duration::from_millis(30));
    let other = world.another_gateway();

    let (one, two) = tokio::join!(
        join_all((0..50).map(|_| world.ask())),
        join_all((0..50).map(|_| world.ask_through(&other))),
    );

    assert!(one.iter().chain(&two).all(Result::is_ok), "{one:?} {two:?}");
    assert_eq!(world.script.token_calls(), 1);
}

#[tokio::test]
async fn two_gateways_replace_a_dead_token_once() {
    let world = World::new().await;
    world.script.takes(Duration::from_millis(20));
    let other = world.another_gateway();
    world.ask().await.unwrap();
    world.ask_through(&other).await.unwrap();

    world.script.kill_tokens();
    let (one, two) = tokio::join!(
        join_all((0..50).map(|_| world.ask())),
        join_all((0..50).map(|_| world.ask_through(&other))),
    );

    assert!(one.iter().chain(&two).all(Result::is_ok), "{one:?} {two:?}");
    assert_eq!(world.script.token_calls(), 2);
}

#[tokio::test]
async fn a_gateway_that_meets_the_rejection_later_takes_the_token_that_the_other_has_got() {
    let world = World::new().await;
    let other = world.another_gateway();
    world.ask().await.unwrap();
    world.ask_through(&other).await.unwrap();
    world.script.kill_tokens();
    world.ask().await.unwrap();

    world.ask_through(&other).await.unwrap();

    assert_eq!(world.script.token_calls(), 2);
}

#[tokio::test]
async fn it_is_renewed_before_its_end_while_the_old_one_serves() {
    let world = World::new().await;
    world.ask().await.unwrap();

    world.clock.advance((7_200 - 291) * SECOND);
    world.ask().await.unwrap();
    assert_eq!(world.script.token_calls(), 1);

    world.clock.advance((291 - 139) * SECOND);
    world.ask().await.unwrap();
    world.token_calls_reach(2).await;
    world.ask().await.unwrap();

    assert_eq!(world.script.token_calls(), 2);
}

#[tokio::test]
async fn a_renewal_before_the_end_that_fails_harms_nobody() {
    let world = World::new().await;
    world.ask().await.unwrap();
    world.script.refuses_tokens(Some(json!({ "errcode": 45009, "errmsg": "quota" })));

    world.clock.advance((7_200 - 100) * SECOND);
    for _ in 0..10 {
        world.ask().await.unwrap();
    }

    world.token_calls_reach(2).await;
    assert_eq!(world.script.token_calls(), 2);
}

#[tokio::test]
async fn a_token_past_its_end_is_not_used() {
    let world = World::new().await;
    world.ask().await.unwrap();
    world.script.kill_tokens();
    world.clock.advance(7_200 * SECOND);

    world.ask().await.unwrap();

    // One for the first token, one for the second: the dead one was not tried.
    assert_eq!(world.script.calls(USER_INFO).len(), 2);
    assert_eq!(world.script.token_calls(), 2);
}

#[tokio::test]
async fn a_wechat_that_insists_on_a_dead_token_is_not_stormed() {
    let world = World::new().await;
    world.ask().await.unwrap();
    for _ in 0..1_000 {
        world.script.answers_once(USER_INFO, json!({ "errcode": 40001, "errmsg": "invalid credential" }));
    }

    let all = join_all((0..100).map(|_| world.ask())).await;

    assert!(all.iter().all(|answer| matches!(answer, Err(PlatformError::Transient(_)))), "{all:?}");
    assert!(world.script.token_calls() <= 3, "{}", world.script.token_calls());
}

#[tokio::test]
async fn a_wrong_secret_or_address_is_permanent_says_what_to_do_and_is_not_asked_again_at_once() {
    for (code, word) in [(40125, "AppSecret"), (40164, "IP白名单"), (40013, "app_id"), (40001, "AppSecret")]
    {
        let world = World::new().await;
        world.script.refuses_tokens(Some(json!({ "errcode": code, "errmsg": "no rid: 0-0-0" })));

        for _ in 0..10 {
            let answer = world.ask().await;
            let Err(PlatformError::Refused { code: told, hint }) = answer else {
                panic!("{code}: {answer:?}")
            };
            assert_eq!(told, code);
            assert!(hint.contains(word), "{code}: {hint}");
        }

        assert_eq!(world.script.token_calls(), 1, "{code}");
    }
}

#[tokio::test]
async fn no_refresh_is_ever_forced() {
    let world = World::new().await;
    world.ask().await.unwrap();
    world.script.kill_tokens();
    world.ask().await.unwrap();
    world.clock.advance(7_100 * SECOND);
    world.ask().await.unwrap();
    world.token_calls_reach(3).await;

    for body in world.script.calls("/cgi-bin/stable_token") {
        assert_eq!(
            body,
            json!({ "grant_type": "client_credential", "appid": "wx00000000000000aa", "secret": SECRET,
                    "force_refresh": false })
        );
    }
}

#[tokio::test]
async fn a_shared_token_that_cannot_be_read_is_replaced() {
    for corrupt in
        ["", "{", "\0\u{1}", r#"{"v":9,"token":"x","obtained_at":0,"expires_at":9999999999999}"#, "[]"]
    {
        let world = World::new().await;
        let value = Bytes::copy_from_slice(corrupt.as_bytes());
        world.sessions.keep(TOKEN_KEY, value.clone(), Duration::from_secs(600)).await.unwrap();

        world.ask().await.unwrap();

        let kept = world.sessions.fetch(TOKEN_KEY).await.unwrap();
        assert!(kept.is_some_and(|kept| kept != value), "{corrupt:?}");
    }
}

#[tokio::test]
async fn a_gateway_that_died_while_it_renewed_holds_nobody_up_for_long() {
    let world = World::new().await;
    world.sessions.keep(LOCK_KEY, Bytes::from_static(b"dead"), Duration::from_secs(5)).await.unwrap();

    tokio::time::timeout(Duration::from_millis(1_200), world.ask()).await.unwrap().unwrap();

    assert_eq!(world.sessions.fetch(LOCK_KEY).await.unwrap().unwrap(), "dead");
}

#[tokio::test]
async fn a_renewal_lets_go_of_its_lock() {
    let world = World::new().await;

    world.ask().await.unwrap();

    assert!(world.sessions.fetch(LOCK_KEY).await.unwrap().is_none());
}

#[tokio::test]
async fn without_sessions_each_gateway_gets_its_token_from_wechat() {
    let world = World::new().await;
    let nowhere = session::open("redis://127.0.0.1:1", "t:", world.clock.clone()).await.unwrap();
    let alone = world.gateway_with(nowhere);

    let all = join_all((0..20).map(|_| world.ask_through(&alone))).await;

    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(world.script.token_calls(), 1);
}

#[tokio::test]
async fn a_caller_who_gives_up_does_not_stop_the_renewal() {
    let world = Arc::new(World::new().await);
    world.script.takes(Duration::from_millis(100));

    tokio::time::timeout(Duration::from_millis(20), world.ask()).await.unwrap_err();

    world.token_calls_reach(1).await;
    world.ask().await.unwrap();
    assert_eq!(world.script.token_calls(), 1);
}

#[tokio::test]
async fn its_age_is_known_across_gateways_and_its_value_is_not_told() {
    let world = World::new().await;
    assert_eq!(world.wechat.token_age(&world.account.app_id), None);
    world.ask().await.unwrap();
    world.clock.advance(90 * SECOND);
    let other = world.another_gateway();
    world.ask_through(&other).await.unwrap();

    for wechat in [&world.wechat, &other] {
        assert_eq!(wechat.token_age(&world.account.app_id), Some(Duration::from_secs(90)));
        assert!(!format!("{wechat:?}").contains("81_token"));
    }
    let life = world.wechat.token_life(&world.account).await.unwrap();
    assert!((7_200 - 90 - 290..7_200 - 90 - 139).contains(&(life / SECOND)), "{life}");
}
