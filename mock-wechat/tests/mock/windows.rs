//! When an account may write to a person, how often, and what.

use std::time::Duration;

use serde_json::json;

use crate::world::world;

#[tokio::test]
async fn a_follow_allows_three_messages_within_a_minute() {
    let w = world().await;
    assert_eq!(w.send(w.text()).await["errcode"], 45015, "nothing has happened yet");
    let chat = w.lin.follows(&w.brand).await;

    for _ in 0..3 {
        assert_eq!(w.send(w.text()).await, json!({"errcode": 0, "errmsg": "ok"}));
    }
    assert_eq!(w.send(w.text()).await["errcode"], 45047);
    w.wechat.advance(Duration::from_secs(60));
    assert_eq!(w.send(w.text()).await["errcode"], 45015);
    assert_eq!(chat.messages().iter().filter(|m| m.via == "custom").count(), 3);
}

#[tokio::test]
async fn leaving_closes_the_windows_and_writing_opens_one_for_two_days() {
    let w = world().await;
    w.lin.follows(&w.brand).await;
    w.lin.texts(&w.brand, "hi").await;
    w.wechat.advance(Duration::from_secs(47 * 3600));
    let token = w.http.stable_token(&w.brand).await;
    let send = async || {
        w.http.post(&format!("/cgi-bin/message/custom/send?access_token={token}"), w.text()).await["errcode"]
            .clone()
    };
    assert_eq!(send().await, 0);

    w.lin.unfollows(&w.brand).await;
    assert_eq!(send().await, 45015);
}

#[tokio::test]
async fn messages_that_cannot_be_are_refused_by_their_own_codes() {
    let w = world().await;
    w.lin.follows(&w.brand).await;
    let to = w.lin_id();
    for (message, code) in [
        (json!({"touser": "nobody", "msgtype": "text", "text": {"content": "x"}}), 40003),
        (json!({"touser": to, "msgtype": "hologram"}), 40008),
        (json!({"touser": to, "msgtype": "text", "text": {"content": ""}}), 44004),
        (json!({"touser": to, "msgtype": "text", "text": {"content": "好".repeat(683)}}), 45002),
        (json!({"touser": to, "msgtype": "image", "image": {}}), 40007),
        (json!({"touser": to, "msgtype": "news", "news": {"articles": {"title": "x"}}}), 45162),
        (json!({"touser": to, "msgtype": "news", "news": {"articles": [{}, {}]}}), 45008),
        (json!({"touser": to, "msgtype": "link", "link": {"title": "mini-programs only"}}), 40008),
    ] {
        assert_eq!(w.send(message.clone()).await["errcode"], code, "{message}");
    }
    assert_eq!(w.send(w.text()).await["errcode"], 0, "refused ones were not counted");
}
