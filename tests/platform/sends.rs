//! Customer-service messages: what goes out, and what is known when no good answer comes back.

use serde_json::json;
use wechat_gateway::ledger::{Article, Message};
use wechat_gateway::platform::{Platform as _, PlatformError};

use crate::peer::{Peer, Wire};
use crate::world::{World, account, hasty_gateway, person};

const SEND: &str = "/cgi-bin/message/custom/send";

fn hello() -> Message {
    Message::Text { content: "hello".into() }
}

#[tokio::test]
async fn each_kind_of_message_goes_out_in_wechats_form() {
    let world = World::new().await;
    let article = |n| Article {
        title: format!("title {n}"),
        description: "a line".into(),
        url: "https://example.com/a?b=1&c=2".into(),
        pic_url: "https://example.com/p.png".into(),
    };
    for (message, sent) in [
        (
            Message::Text { content: "你好 <a href=\"https://example.com\">\"\\\n😀</a>".into() },
            json!({ "touser": "oPerson00003", "msgtype": "text",
                    "text": { "content": "你好 <a href=\"https://example.com\">\"\\\n😀</a>" } }),
        ),
        (
            Message::Image { media_id: "media-1".into() },
            json!({ "touser": "oPerson00003", "msgtype": "image", "image": { "media_id": "media-1" } }),
        ),
        (
            Message::News { articles: vec![article(1), article(2)] },
            json!({ "touser": "oPerson00003", "msgtype": "news", "news": { "articles": [{
                "title": "title 1", "description": "a line", "url": "https://example.com/a?b=1&c=2",
                "picurl": "https://example.com/p.png",
            }] } }),
        ),
    ] {
        world.wechat.send(&world.account, &person(3), &message).await.unwrap();

        assert_eq!(world.script.calls(SEND).last().unwrap(), &sent);
    }
}

#[tokio::test]
async fn chinese_goes_out_as_it_is_and_not_as_escapes() {
    let world = World::new().await;

    world.wechat.send(&world.account, &person(0), &Message::Text { content: "积分".into() }).await.unwrap();

    let requests = world.server.received_requests().await.unwrap();
    let sent = requests.iter().find(|request| request.url.path() == SEND).unwrap();
    assert!(String::from_utf8_lossy(&sent.body).contains("积分"));
}

#[tokio::test]
async fn a_final_refusal_names_the_code_and_what_to_do() {
    let world = World::new().await;
    for code in [45015, 45047, 43004, 43101, 48002, 50002, 40007, 45002] {
        world.script.answers_once(SEND, json!({ "errcode": code, "errmsg": "no" }));

        let sent = world.wechat.send(&world.account, &person(0), &hello()).await;

        assert!(matches!(sent, Err(PlatformError::Refused { code: c, .. }) if c == code), "{code}: {sent:?}");
    }
    assert_eq!(world.script.calls(SEND).len(), 8);
}

#[tokio::test]
async fn a_message_whose_answer_is_lost_may_have_been_sent_and_is_not_sent_again() {
    for wire in [
        Wire::Hang,
        Wire::Close,
        Wire::answer(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"errcode\":0"),
        Wire::answer(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
        Wire::ok("<html>busy</html>"),
    ] {
        let peer = Peer::start(wire.clone());

        let sent = hasty_gateway(&peer.url()).send(&account(), &person(0), &hello()).await;

        assert!(matches!(sent, Err(PlatformError::Unknown(_))), "{wire:?}: {sent:?}");
        assert_eq!(peer.calls(), 1, "{wire:?}");
    }
}

#[tokio::test]
async fn a_message_that_never_left_may_be_sent_again() {
    // The token comes from a good WeChat; then nobody listens at its address any more.
    let peer = Peer::start(Wire::ok(r#"{"errcode":0}"#));
    let wechat = hasty_gateway(&peer.url());
    wechat.token_life(&account()).await.unwrap();
    peer.stop();

    let sent = wechat.send(&account(), &person(0), &hello()).await;

    assert!(matches!(sent, Err(PlatformError::Transient(_))), "{sent:?}");
}

#[tokio::test]
async fn a_message_that_went_to_something_else_than_wechat_may_be_sent_again() {
    for head in ["302 Found\r\nLocation: http://169.254.169.254/latest", "404 Not Found", "403 Forbidden"] {
        let peer =
            Peer::start(Wire::answer(format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n").as_bytes()));

        let sent = hasty_gateway(&peer.url()).send(&account(), &person(0), &hello()).await;

        assert!(matches!(sent, Err(PlatformError::Transient(_))), "{head}: {sent:?}");
    }
}
