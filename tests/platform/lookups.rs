//! `user/info` and `batchget`.

use serde_json::json;
use wechat_gateway::platform::{Platform as _, PlatformError};

use crate::world::{World, person};

const USER_INFO: &str = "/cgi-bin/user/info";
const BATCH_GET: &str = "/cgi-bin/user/info/batchget";

#[tokio::test]
async fn one_person_is_asked_for_with_user_info() {
    let world = World::new().await;

    let users = world.wechat.user_info(&world.account, &[person(7)]).await.unwrap();

    assert!(users[0].subscribed);
    assert_eq!(users[0].union_id.as_ref().unwrap().as_str(), "uPerson00007");
    assert_eq!(world.script.calls(USER_INFO)[0]["openid"], "oPerson00007");
}

#[tokio::test]
async fn many_are_asked_for_in_one_batchget_and_answered_in_the_order_of_the_question() {
    let world = World::new().await;
    let people: Vec<_> = (0..100).map(person).collect();

    let users = world.wechat.user_info(&world.account, &people).await.unwrap();

    assert_eq!(users.len(), 100);
    assert_eq!(users[99].union_id.as_ref().unwrap().as_str(), "uPerson00099");
    assert_eq!(world.script.calls(BATCH_GET).len(), 1);
    assert!(world.script.calls(USER_INFO).is_empty());
}

#[tokio::test]
async fn an_answer_in_another_order_is_sorted_out() {
    let world = World::new().await;
    let user = |n: usize| json!({ "subscribe": 1, "openid": person(n).as_str(), "unionid": format!("uPerson{n:05}") });
    world.script.answers_once(BATCH_GET, json!({ "user_info_list": [user(1), user(0)] }));

    let users = world.wechat.user_info(&world.account, &[person(0), person(1)]).await.unwrap();

    assert_eq!(users[0].union_id.as_ref().unwrap().as_str(), "uPerson00000");
}

#[tokio::test]
async fn an_answer_that_leaves_somebody_out_is_no_answer() {
    let world = World::new().await;
    let user = json!({ "subscribe": 1, "openid": person(0).as_str() });
    world.script.answers_once(BATCH_GET, json!({ "user_info_list": [user] }));

    let answer = world.wechat.user_info(&world.account, &[person(0), person(1)]).await;

    assert!(matches!(answer, Err(PlatformError::Transient(_))), "{answer:?}");
}

#[tokio::test]
async fn each_shape_of_a_person_is_understood() {
    let world = World::new().await;
    for (answer, subscribed, union_id) in [
        (json!({ "subscribe": 1, "unionid": "oUnion" }), true, Some("oUnion")),
        (json!({ "subscribe": "1", "unionid": " oUnion" }), true, Some("oUnion")),
        (json!({ "subscribe": 1 }), true, None),
        (json!({ "subscribe": 1, "unionid": "" }), true, None),
        (json!({ "subscribe": 0, "tagid_list": [] }), false, None),
        (json!({ "subscribe": 0, "unionid": "oUnion", "tagid_list": [] }), false, Some("oUnion")),
        (json!({ "errcode": 0, "subscribe": 1, "nickname": 17 }), true, None),
    ] {
        world.script.answers_once(USER_INFO, answer.clone());

        let user = world.wechat.user_info(&world.account, &[person(0)]).await.unwrap().remove(0);

        assert_eq!(user.subscribed, subscribed, "{answer}");
        assert_eq!(user.union_id.as_ref().map(|id| id.as_str()), union_id, "{answer}");
    }
}

#[tokio::test]
async fn a_foreign_open_id_is_refused_for_good() {
    let world = World::new().await;
    world.script.answers_once(USER_INFO, json!({ "errcode": "40003", "errmsg": "invalid openid" }));

    let answer = world.wechat.user_info(&world.account, &[person(0)]).await;

    assert!(matches!(answer, Err(PlatformError::Refused { code: 40003, .. })), "{answer:?}");
}
