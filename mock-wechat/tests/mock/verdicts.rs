//! Replies judged as WeChat judges them.

use mock_wechat::{
    MockWechat,
    testkit::{Account, Chat, Person},
};

use crate::receiver::{Answer, Receiver, sealed, text_reply};

/// What a follower sees and what the verdict says when the receiver answers this.
async fn answered(wechat: &MockWechat, brand: &Account, body: String) -> Chat {
    let receiver = Receiver::answering(&body).await;
    let brand = brand.change().callback(&receiver.url).await;
    let lin = wechat.person("lin");
    lin.unfollows(&brand).await;
    let chat = lin.follows(&brand).await;
    assert_eq!(chat.deliveries().len(), 1, "an answer was received: nothing is tried again");
    chat
}

fn reason(chat: &Chat) -> String {
    chat.deliveries()[0].verdict.reason.clone()
}

fn good(lin: &Person, brand: &Account) -> String {
    text_reply(&lin.open_id(brand), brand.original_id(), "hello")
}

#[tokio::test]
async fn a_malformed_reply_shows_the_fault_line_and_the_verdict_says_where() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").plain_mode().await;
    let lin = wechat.person("lin");
    let (good, open_id, gh) = (good(&lin, &brand), lin.open_id(&brand), brand.original_id());
    let long = "好".repeat(683);
    for (body, needle) in [
        (text_reply(gh, &open_id, "hello"), "ToUserName holds the gh_ id; it must be the OpenID"),
        (text_reply("someone", gh, "hello"), "ToUserName is \"someone\""),
        (text_reply(&open_id, "gh_other", "hello"), "FromUserName is \"gh_other\""),
        (text_reply(&open_id, gh, ""), "Content is empty"),
        (text_reply(&open_id, gh, &long), "2049 bytes"),
        (format!("\u{feff}{good}"), "byte order mark"),
        (format!("\n<?xml version=\"1.0\"?>{good}"), "blanks or line breaks stand before"),
        (good.replace("</xml>", ""), "does not parse"),
        (format!("{good}{good}"), "follows"),
        (good.replace("<![CDATA[text]]>", "hologram"), "MsgType is \"hologram\""),
        (good.replace("<CreateTime>1760000001", "<CreateTime>today"), "CreateTime is \"today\""),
        ("SUCCESS".into(), "must be success"),
        ("{\"a\":1}".into(), "answer XML"),
        ("<html></html>".into(), "must be success, empty, or a reply"),
        (sealed(&brand, brand.app_id(), &good), "answer in clear"),
    ] {
        let chat = answered(&wechat, &brand, body.clone()).await;
        chat.shows_fault_line();
        assert!(reason(&chat).contains(needle), "{body}\n  {}", reason(&chat));
    }
}

#[tokio::test]
async fn an_encrypted_reply_must_open_and_be_signed() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").safe_mode().await;
    let lin = wechat.person("lin");
    let good = good(&lin, &brand);
    let whole = sealed(&brand, brand.app_id(), &good);
    for (body, needle) in [
        (good.clone(), "not encrypted"),
        (sealed(&brand, "wx00000000000000bb", &good), "it must be wx00000000000000aa"),
        (whole.replace("<Nonce><![CDATA[17]]>", "<Nonce><![CDATA[18]]>"), "MsgSignature does not match"),
        (whole.replace("Nonce>", "nonce>"), "has no Nonce"),
        ("FAIL".into(), "must be success"),
    ] {
        let chat = answered(&wechat, &brand, body.clone()).await;
        chat.shows_fault_line();
        assert!(reason(&chat).contains(needle), "{body}\n  {}", reason(&chat));
    }
    answered(&wechat, &brand, whole).await.is_answered_well().shows_text_containing("hello");
}

/// WeChat's list of malformed replies has white space in front of them; WeRoBot's have always had it, and are delivered.
#[tokio::test]
async fn blanks_before_the_root_are_no_fault_and_a_declaration_at_the_very_beginning_is_none_either() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").plain_mode().await;
    let good = good(&wechat.person("lin"), &brand);
    for body in [format!("\n    {good}\n    "), format!("<?xml version=\"1.0\"?>\n{good}")] {
        answered(&wechat, &brand, body).await.is_answered_well().shows_text_containing("hello");
    }
    let safe = brand.change().safe_mode().await;
    let body = format!("\n{}", sealed(&safe, safe.app_id(), &format!("\n    {good}")));
    answered(&wechat, &safe, body).await.is_answered_well().shows_text_containing("hello");
}

#[tokio::test]
async fn success_and_an_empty_body_are_good_and_show_nothing_in_every_mode() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").await;
    for brand in [brand.change().plain_mode().await, brand.change().safe_mode().await] {
        for body in ["success", ""] {
            answered(&wechat, &brand, body.into()).await.is_answered_well().shows_nothing();
        }
    }
}

#[tokio::test]
async fn pictures_and_articles_are_shown_as_far_as_the_push_takes_them() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").plain_mode().await;
    let lin = wechat.person("lin");
    let head = text_reply(&lin.open_id(&brand), brand.original_id(), "x");
    let with = |content: &str| {
        let start = head.find("<MsgType>").unwrap();
        format!("{}{content}</xml>", &head[..start])
    };
    let item =
        "<item><Title>会员礼包</Title><Description>d</Description><PicUrl>p</PicUrl><Url>u</Url></item>";
    let news = |said: usize, items: usize| {
        with(&format!(
            "<MsgType>news</MsgType><ArticleCount>{said}</ArticleCount><Articles>{}</Articles>",
            item.repeat(items)
        ))
    };

    let chat =
        answered(&wechat, &brand, with("<MsgType>image</MsgType><Image><MediaId>m1</MediaId></Image>")).await;
    assert_eq!((chat.shown()[0].kind.as_str(), &chat.shown()[0].more["media_id"]), ("image", &"m1".into()));

    let chat = answered(&wechat, &brand, news(9, 9)).await;
    assert_eq!(chat.shown()[0].more["articles"].as_array().unwrap().len(), 8);
    assert!(reason(&chat).contains("1 dropped"));

    let chat = answered(&wechat, &brand, news(2, 1)).await;
    chat.shows_fault_line();

    let receiver = Receiver::answering(&news(2, 2)).await;
    let brand = brand.change().callback(&receiver.url).await;
    let chat = lin.texts(&brand, "hi").await;
    assert_eq!(chat.shown()[0].more["articles"].as_array().unwrap().len(), 1, "one to a message");
}

#[tokio::test]
async fn a_reply_to_an_event_that_takes_none_is_ignored_and_a_bad_one_fails_silently() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").plain_mode().await;
    let lin = wechat.person("lin");
    let body = good(&lin, &brand);
    let receiver =
        Receiver::start(move |n, _| Answer::Body(if n < 3 { body.clone() } else { "nonsense".into() })).await;
    let brand = brand.change().callback(&receiver.url).await;
    lin.follows(&brand).await.shows_text_containing("hello");

    let chat = lin.views(&brand, "https://example.com/membership").await;
    chat.is_answered_well().shows_nothing();
    assert!(reason(&chat).contains("takes no reply"));
    lin.unfollows(&brand).await.shows_nothing();
    lin.follows(&brand).await.shows_fault_line();
    lin.unfollows(&brand).await.shows_nothing();
}

#[tokio::test]
async fn a_mini_program_cannot_reply_with_a_text() {
    let wechat = MockWechat::start().await;
    let shop = wechat.mini_program("shop").plain_mode().await;
    let lin = wechat.person("lin");
    let body = serde_json::json!({
        "ToUserName": lin.open_id(&shop), "FromUserName": shop.original_id(),
        "CreateTime": 1, "MsgType": "text", "Content": "hello",
    });
    let receiver = Receiver::answering(&body.to_string()).await;
    let shop = shop.change().callback(&receiver.url).await;

    let chat = lin.texts(&shop, "hi").await;

    chat.shows_nothing();
    assert!(reason(&chat).contains("customer-service messages"), "{}", reason(&chat));
}
