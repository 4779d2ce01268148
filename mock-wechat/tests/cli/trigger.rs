//! `trigger`: with a mock that runs, and without one.

use mock_wechat::{MockWechat, wire::fields::Fields};
use serde_json::Value;

use crate::{
    program::{KEY, mock_wechat},
    receiver::Receiver,
};

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/picture.png");

/// A text in reply to a push, both in clear.
pub(crate) fn reply(push: &str, words: &str) -> String {
    let push = Fields::parse(push).unwrap();
    Fields::new()
        .text("ToUserName", push.find("FromUserName").unwrap())
        .text("FromUserName", push.find("ToUserName").unwrap())
        .number("CreateTime", 1_760_000_001)
        .text("MsgType", "text")
        .text("Content", words)
        .to_xml()
}

#[tokio::test]
async fn a_follow_through_a_running_mock_shows_every_attempt_and_what_the_person_sees() {
    let receiver = Receiver::start(|_, body| reply(body, "hello from the receiver")).await;
    let wechat = MockWechat::start().await;
    wechat.official_account("brand").callback(receiver.url.clone()).plain_mode().await;

    let ended = mock_wechat(&[
        "trigger",
        "follow",
        "--person",
        "王 lin",
        "--account",
        "brand",
        "--scene",
        "store-12",
        "--mock",
        &wechat.url(),
    ])
    .await;

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.said.contains("subscribe attempt 1: status 200 after"), "{ended:?}");
    assert!(ended.said.contains("王 lin sees: the account: hello from the receiver\npass\n"), "{ended:?}");
    assert!(receiver.bodies()[0].contains("<EventKey><![CDATA[qrscene_store-12]]></EventKey>"));
}

#[tokio::test]
async fn without_a_mock_every_verb_reaches_any_server() {
    let receiver = Receiver::start(|_, _| "success".into()).await;
    let verbs: [(&[&str], &str); 25] = [
        (&["follow"], "<Event><![CDATA[subscribe]]>"),
        (&["unfollow"], "<Event><![CDATA[unsubscribe]]>"),
        (&["scan", "--scene", "12"], "<EventKey><![CDATA[qrscene_12]]>"),
        (&["click", "--key", "POINTS"], "<EventKey><![CDATA[POINTS]]>"),
        (&["view", "--url", "https://m.example.com/"], "<Event><![CDATA[VIEW]]>"),
        (&["text", "--content", "你好 & <b>"], "<Content><![CDATA[你好 & <b>]]>"),
        (&["location", "--latitude", "-31.2", "--longitude", "121.5"], "<Location_X>-31.200000</Location_X>"),
        (&["view-miniprogram", "--path", "pages/a"], "<Event><![CDATA[view_miniprogram]]>"),
        (&["scancode-push", "--key", "K", "--result", "https://a"], "<Event><![CDATA[scancode_push]]>"),
        (
            &["scancode_waitmsg", "--key", "K", "--result", "EAN_13,690", "--scan-type", "barcode"],
            "<ScanCodeInfo><ScanType><![CDATA[barcode]]></ScanType>",
        ),
        (&["image", "--file", PICTURE, "--pic-url", "http://a/b.png"], "<PicUrl><![CDATA[http://a/b.png]]>"),
        (&["voice", "--recognition", "积分"], "<Recognition><![CDATA[积分]]>"),
        (&["video"], "<MsgType><![CDATA[video]]>"),
        (&["shortvideo"], "<MsgType><![CDATA[shortvideo]]>"),
        (&["link", "--title", "会员日", "--url", "https://a"], "<Title><![CDATA[会员日]]>"),
        (
            &["miniprogrampage", "--title", "t", "--card-appid", "wx0123456789abcdef", "--pagepath", "p"],
            "<AppId><![CDATA[wx0123456789abcdef]]>",
        ),
        (&["text", "--content", "满意", "--menu-id", "101"], "<bizmsgmenuid><![CDATA[101]]>"),
        (
            &["subscribe", "--template-id", "T1", "--refuse"],
            "<SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString>",
        ),
        (&["subscribe", "--template-id", "T1", "--withdraw"], "subscribe_msg_change_event"),
        (&["pic-photo-or-album", "--key", "K", "--file", PICTURE], "<Event><![CDATA[pic_photo_or_album]]>"),
        (&["device-text", "--device-id", "D", "--data", "AQI="], "<Content><![CDATA[AQI=]]>"),
        (&["device_event", "--device-id", "D", "--event", "unbind"], "<Event><![CDATA[unbind]]>"),
        (&["pic_weixin", "--key", "K"], "<Event><![CDATA[pic_weixin]]>"),
        (&["pic-sysphoto", "--key", "K"], "<Event><![CDATA[pic_sysphoto]]>"),
        (
            &["location-select", "--key", "K", "--latitude", "31.2", "--longitude", "121.5"],
            "<Event><![CDATA[location_select]]>",
        ),
    ];

    for (verb, _) in verbs {
        let mut arguments = vec!["trigger"];
        arguments.extend(verb);
        arguments.extend([
            "--callback",
            &receiver.url,
            "--token",
            "anothertoken",
            "--original-id",
            "gh_shop",
        ]);
        let ended = mock_wechat(&arguments).await;
        assert_eq!((ended.code, ended.complained.as_str()), (Some(0), ""), "{ended:?}");
    }

    let bodies = receiver.bodies();
    // Pictures and places are sent behind their events.
    assert_eq!(bodies.len(), verbs.len() + 4);
    let mut left = bodies.iter();
    for (verb, needle) in verbs {
        assert!(left.any(|body| body.contains(needle) && body.contains("gh_shop")), "{verb:?}: {bodies:?}");
    }
}

#[tokio::test]
async fn with_a_key_the_push_is_encrypted_and_json_is_printed_for_programs() {
    let receiver = Receiver::start(|_, _| String::new()).await;

    let ended = mock_wechat(&[
        "trigger",
        "enter",
        "--callback",
        &receiver.url,
        "--token",
        "localtoken",
        "--aes-key",
        KEY,
        "--json",
    ])
    .await;

    assert_eq!(ended.code, Some(0), "{ended:?}");
    let answer: Value = serde_json::from_str(&ended.said).unwrap();
    assert_eq!(answer["deliveries"][0]["verdict"]["ok"], true);
    assert!(
        answer["deliveries"][0]["request"]["plaintext"].as_str().unwrap().contains("user_enter_tempsession")
    );
    assert!(receiver.bodies()[0].starts_with("{\"ToUserName\":") && receiver.bodies()[0].contains("Encrypt"));
}

#[tokio::test]
async fn a_wrong_answer_fails_and_says_what_is_wrong() {
    let receiver = Receiver::start(|_, _| "OK".into()).await;

    let ended = mock_wechat(&[
        "trigger",
        "text",
        "--content",
        "hello",
        "--wire",
        "--callback",
        &receiver.url,
        "--token",
        "localtoken",
    ])
    .await;

    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.said.contains("it must be success, empty, or a reply that begins with <xml>"), "{ended:?}");
    assert!(ended.said.contains("lin sees: WeChat: 该公众号提供的服务出现故障"), "{ended:?}");
    assert!(ended.said.contains("answer: OK"), "{ended:?}");
    assert!(ended.said.ends_with("FAIL\n"), "{ended:?}");
}

#[tokio::test]
async fn nobody_there_fails_after_every_attempt() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();

    let url = format!("http://{free}/");
    let ended = mock_wechat(&["trigger", "follow", "--callback", &url, "--token", "localtoken"]).await;

    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(ended.said.matches("no answer").count(), 3, "{ended:?}");
}

#[tokio::test]
async fn what_cannot_be_done_is_told_apart_from_a_failure() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = format!("http://{free}");

    for (arguments, needle) in [
        (vec!["trigger", "follow", "--mock", &nobody], "no mock-wechat at"),
        (vec!["trigger", "follow", "--callback", &nobody], "--token"),
        (vec!["trigger", "scan", "--callback", &nobody, "--token", "localtoken"], "--scene"),
        (vec!["trigger", "follow", "--callback", &nobody, "--token", "t", "--mode", "odd"], "plain"),
    ] {
        let ended = mock_wechat(&arguments).await;
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert!(ended.complained.contains(needle), "{arguments:?}: {ended:?}");
    }
}

#[tokio::test]
async fn a_login_gives_its_code_and_pushes_nothing() {
    let wechat = MockWechat::start().await;

    let ended = mock_wechat(&["trigger", "login", "--mock", &wechat.url()]).await;

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.said.starts_with("js_code: "), "{ended:?}");
    assert!(wechat.deliveries().is_empty());
}

#[tokio::test]
async fn user_data_takes_a_session_and_pushes_nothing() {
    let wechat = MockWechat::start().await;
    let shop = wechat.mini_program("shop").without_callback().await;
    let trigger = ["trigger", "user-data", "--phone", "--mock", &wechat.url()];

    let before = mock_wechat(&trigger).await;
    let js_code = wechat.person("lin").logs_in(&shop).await;
    let session = format!(
        "{}/sns/jscode2session?appid={}&secret={}&js_code={js_code}&grant_type=authorization_code",
        wechat.url(),
        shop.app_id(),
        shop.secret()
    );
    crate::program::client().get(session).send().await.unwrap();
    let after = mock_wechat(&trigger).await;

    assert_eq!((before.code, after.code), (Some(2), Some(0)), "{before:?} {after:?}");
    assert!(before.complained.contains("log in"), "{before:?}");
    assert!(after.said.contains("encryptedData: "), "{after:?}");
    assert!(wechat.deliveries().is_empty());
}

#[tokio::test]
async fn a_notification_that_is_not_taken_says_when_it_comes_again() {
    let wechat = MockWechat::start().await;
    let merchant = Receiver::start(|_, _| "success".into()).await;
    let closed = "http://127.0.0.1:1/";
    let pays = ["trigger", "pay", "--account", "brand", "--fen", "12900", "--mock", &wechat.url()];

    wechat.official_account("brand").without_callback().pay_notify_url(closed).await;
    let refused = mock_wechat(&pays).await;
    wechat.official_account("brand").pay_notify_url(merchant.url.clone()).await;
    let taken = mock_wechat(&pays).await;

    assert_eq!((refused.code, taken.code), (Some(1), Some(0)), "{refused:?} {taken:?}");
    let due = &wechat.pending_notices()[0].due;
    let line = format!("TRANSACTION.SUCCESS attempt 2: due at {due} by the mock's clock\n");
    assert!(refused.said.contains(&line), "{refused:?}");
    assert!(!taken.said.contains("due at"), "{taken:?}");
}
