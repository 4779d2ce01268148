//! What arrives at an account's server when people do things.

use mock_wechat::{MockWechat, testkit::Account, wire::fields::Fields};

use crate::receiver::{Answer, Receiver, sealed, text_reply};

/// A receiver that welcomes in the account's mode.
async fn welcoming(account: Account) -> Receiver {
    Receiver::start(move |_, push| {
        let message = push.message(&account);
        let reply = text_reply(
            message.find("FromUserName").unwrap(),
            message.find("ToUserName").unwrap(),
            "你好，10,000 points",
        );
        Answer::Body(match push.query.msg_signature {
            Some(_) => sealed(&account, account.app_id(), &reply),
            None => reply,
        })
    })
    .await
}

#[tokio::test]
async fn a_follow_in_every_mode_and_format_is_answered_and_the_welcome_is_shown() {
    let wechat = MockWechat::start().await;
    let base = wechat.official_account("brand").await;
    for change in [base.change().plain_mode(), base.change().compatible_mode(), base.change().safe_mode()] {
        let receiver = welcoming(base.clone()).await;
        let brand = change.callback(&receiver.url).await;
        let lin = wechat.person("lin");

        let chat = lin.follows(&brand).await;

        chat.is_answered_well().shows_text_containing("10,000");
        let message = receiver.received()[0].message(&brand);
        assert_eq!(message.find("Event"), Some("subscribe"));
        assert_eq!(message.find("EventKey"), Some(""));
        assert_eq!(message.find("FromUserName"), Some(lin.open_id(&brand).as_str()));
        assert_eq!(receiver.received()[0].query.openid, Some(lin.open_id(&brand)));
        lin.unfollows(&brand).await;
    }
}

#[tokio::test]
async fn a_plain_push_has_the_byte_layout_of_a_logged_one() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").plain_mode().callback(&receiver.url).await;
    let lin = wechat.person("lin");
    lin.follows(&brand).await;

    lin.texts(&brand, "你好").await;

    let body = &receiver.received()[1].body;
    let message = Fields::parse(body).unwrap();
    assert_eq!(
        *body,
        format!(
            "<xml><ToUserName><![CDATA[gh_0000000000aa]]></ToUserName>\n\
             <FromUserName><![CDATA[{}]]></FromUserName>\n\
             <CreateTime>{}</CreateTime>\n\
             <MsgType><![CDATA[text]]></MsgType>\n\
             <Content><![CDATA[你好]]></Content>\n\
             <MsgId>{}</MsgId>\n\
             </xml>",
            lin.open_id(&brand),
            message.find("CreateTime").unwrap(),
            message.find("MsgId").unwrap(),
        )
    );
}
