//! WeChat on a busy day: -1, quotas, missing rights.

use std::time::Duration;

use serde_json::json;
use wechat_gateway::clock::SECOND;
use wechat_gateway::ledger::Message;
use wechat_gateway::platform::{Platform as _, PlatformError};

use crate::world::{World, person};

const USER_INFO: &str = "/cgi-bin/user/info";
const SEND: &str = "/cgi-bin/message/custom/send";

fn hello() -> Message {
    Message::Text { content: "hello".into() }
}

#[tokio::test]
async fn a_busy_wechat_is_asked_twice_more_within_half_a_second() {
    let world = World::new().await;
    for _ in 0..2 {
        world.script.answers_once(USER_INFO, json!({ "errcode": -1, "errmsg": "system error" }));
    }

    let answer = world.wechat.user_info(&world.account, &[person(0)]).await;

    assert!(answer.is_ok(), "{answer:?}");
    assert_eq!(world.script.calls(USER_INFO).len(), 3);
}

#[tokio::test]
async fn a_wechat_that_stays_busy_is_left_to_later() {
    let world = World::new().await;
    for _ in 0..3 {
        world.script.answers_once(USER_INFO, json!({ "errcode": -1, "errmsg": "system error" }));
    }

    let answer = world.wechat.user_info(&world.account, &[person(0)]).await;

    assert!(matches!(answer, Err(PlatformError::Transient(_))), "{answer:?}");
    assert_eq!(world.script.calls(USER_INFO).len(), 3);
}

#[tokio::test]
async fn a_message_that_met_a_busy_wechat_is_not_sent_again_here() {
    let world = World::new().await;
    world.script.answers_once(SEND, json!({ "errcode": -1, "errmsg": "system error" }));

    let sent = world.wechat.send(&world.account, &person(0), &hello()).await;

    assert!(matches!(sent, Err(PlatformError::Transient(_))), "{sent:?}");
    assert_eq!(world.script.calls(SEND).len(), 1);
}

#[tokio::test]
async fn an_api_whose_day_is_used_up_is_left_alone_until_midnight_in_china() {
    let world = World::new().await;
    world
        .script
        .answers_once(USER_INFO, json!({ "errcode": 45009, "errmsg": "reach max api daily quota limit" }));

    for _ in 0..5 {
        let answer = world.wechat.user_info(&world.account, &[person(0)]).await;
        assert!(matches!(answer, Err(PlatformError::Transient(_))), "{answer:?}");
    }
    assert_eq!(world.script.calls(USER_INFO).len(), 1);
    world.wechat.send(&world.account, &person(0), &hello()).await.unwrap();

    world.clock.advance(12 * 3_600 * SECOND);

    world.wechat.user_info(&world.account, &[person(0)]).await.unwrap();
}

#[tokio::test]
async fn an_api_whose_minute_is_used_up_is_left_alone_until_the_next() {
    let world = World::new().await;
    world.script.answers_once(SEND, json!({ "errcode": 45011, "errmsg": "api minute-quota reach limit" }));

    for _ in 0..5 {
        world.wechat.send(&world.account, &person(0), &hello()).await.unwrap_err();
    }
    assert_eq!(world.script.calls(SEND).len(), 1);

    world.clock.advance(60 * SECOND);

    world.wechat.send(&world.account, &person(0), &hello()).await.unwrap();
}

#[tokio::test]
async fn a_right_that_an_account_lacks_is_asked_for_once() {
    let world = World::new().await;
    world.script.answers_once(SEND, json!({ "errcode": 48001, "errmsg": "api unauthorized rid: 0-0-0" }));

    for n in 0..5 {
        let sent = world.wechat.send(&world.account, &person(n), &hello()).await;
        let Err(PlatformError::Refused { code: 48001, hint }) = sent else { panic!("{sent:?}") };
        assert!(hint.contains("认证"), "{hint}");
    }

    assert_eq!(world.script.calls(SEND).len(), 1);
}

#[tokio::test]
async fn a_caller_who_stops_waiting_during_a_pause_stops_the_retries() {
    let world = World::new().await;
    world.wechat.token_life(&world.account).await.unwrap();
    world.script.answers_once(USER_INFO, json!({ "errcode": -1 }));
    let people = [person(0)];
    let call = world.wechat.user_info(&world.account, &people);

    let late = tokio::time::timeout(Duration::from_millis(50), call).await;

    assert!(late.is_err());
    assert_eq!(world.script.calls(USER_INFO).len(), 1);
}
