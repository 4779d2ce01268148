//! What arrives at an account's server when people do things.

use mock_wechat::{MockWechat, testkit::Account, wire::fields::Fields};
use serde_json::json;

use crate::{
    client::Http,
    receiver::{Answer, Receiver, sealed, text_reply},
};

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

#[tokio::test]
async fn a_mini_program_is_told_in_json_with_bare_numbers() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let shop = wechat.mini_program("shop").callback(&receiver.url).await;
    let lin = wechat.person("lin");

    lin.enters(&shop).await.is_answered_well().shows_nothing();
    lin.texts(&shop, "在吗").await.is_answered_well();

    let [entered, written] = &receiver.received()[..] else { panic!("two pushes") };
    assert!(entered.body.starts_with(r#"{"ToUserName":"gh_0000000000bb","Encrypt":""#), "{}", entered.body);
    let message = entered.message(&shop);
    assert_eq!(message.find("Event"), Some("user_enter_tempsession"));
    assert_eq!(message.find("SessionFrom"), Some(""));
    let plaintext = written.plaintext(&shop);
    let json: serde_json::Value = serde_json::from_str(&plaintext).unwrap();
    assert!(json["CreateTime"].is_i64() && json["MsgId"].is_i64(), "{plaintext}");
    assert_eq!(json["Content"], "在吗");
}

#[tokio::test]
async fn a_compatible_push_is_readable_in_clear_and_encrypted() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("").await;
    let brand = wechat.official_account("brand").compatible_mode().callback(&receiver.url).await;

    wechat.person("lin").follows(&brand).await.is_answered_well();

    let received = &receiver.received()[0];
    let in_clear = Fields::parse(&received.body).unwrap();
    let decrypted = received.message(&brand);
    for name in ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Event", "EventKey"] {
        assert_eq!(in_clear.find(name), decrypted.find(name), "{name}");
    }
    assert!(received.body.contains("<CreateTime>1"), "numbers stay bare: {}", received.body);
}

#[tokio::test]
async fn scanning_makes_a_stranger_follow_and_tells_of_a_follower_s_scan() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").callback(&receiver.url).await;
    let lin = wechat.person("lin");

    lin.scans(&brand, "qrscene_ref=m1024").await;
    lin.scans(&brand, "ref=m1024").await;
    lin.unfollows(&brand).await;

    let told: Vec<_> = receiver.received().iter().map(|push| push.message(&brand)).collect();
    let summary: Vec<_> =
        told.iter().map(|m| (m.find("Event").unwrap(), m.find("EventKey").unwrap())).collect();
    assert_eq!(
        summary,
        [("subscribe", "qrscene_qrscene_ref=m1024"), ("SCAN", "ref=m1024"), ("unsubscribe", "")]
    );
    assert!(told[0].find("Ticket").unwrap().starts_with("gQ"));
    assert!(told[2].find("Ticket").is_none());
}

#[tokio::test]
async fn following_after_a_payment_names_the_payment() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").callback(&receiver.url).await;
    let lin = wechat.person("lin");
    let payment = lin.pays(&brand, 12_900).await;

    lin.follows_after(&brand, &payment).await.is_answered_well();

    let told = receiver.received()[0].message(&brand);
    assert_eq!(told.find("EventKey"), Some(format!("last_trade_no_{}", payment.transaction_id).as_str()));
    assert_eq!(told.find("Ticket"), None);
}

#[tokio::test]
async fn menu_and_location_pushes_carry_their_fields() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").callback(&receiver.url).await;
    let lin = wechat.person("lin");
    lin.follows(&brand).await;

    lin.clicks(&brand, "POINTS").await;
    lin.views(&brand, "https://example.com/membership").await;
    lin.sends_location(&brand, 31.204817, 121.471903, "某某路 12 号").await;
    lin.reports_location(&brand, 31.20482, 121.471911).await;

    let told: Vec<_> = receiver.received()[1..].iter().map(|push| push.message(&brand)).collect();
    assert_eq!([told[0].find("Event"), told[0].find("EventKey")], [Some("CLICK"), Some("POINTS")]);
    assert_eq!([told[1].find("Event"), told[1].find("MenuId")], [Some("VIEW"), Some("430012345")]);
    assert_eq!([told[2].find("MsgType"), told[2].find("Location_X")], [Some("location"), Some("31.204817")]);
    assert_eq!([told[3].find("Event"), told[3].find("Precision")], [Some("LOCATION"), Some("65.000000")]);
}

#[tokio::test]
async fn following_twice_pushes_once_and_following_again_is_another_event() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").callback(&receiver.url).await;
    let lin = wechat.person("lin");

    lin.follows(&brand).await;
    assert!(lin.follows(&brand).await.deliveries().is_empty());
    lin.unfollows(&brand).await;
    lin.follows(&brand).await;

    let times: Vec<i64> = receiver
        .received()
        .iter()
        .map(|push| push.message(&brand).find("CreateTime").unwrap().parse().unwrap())
        .collect();
    assert_eq!(times.len(), 3);
    assert!(times.is_sorted_by(|a, b| a < b), "one second, one event: {times:?}");
}

#[tokio::test]
async fn a_raw_event_arrives_byte_for_byte() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").callback(&receiver.url).await;
    let strange = "<xml><MsgType>event</MsgType><Event>never_heard_of</Event>\r\n<X/></xml> trailing";

    let deliveries = brand.pushes_raw(strange).await;

    assert!(deliveries[0].verdict.ok, "{:?}", deliveries[0].verdict);
    assert_eq!(receiver.received()[0].plaintext(&brand), strange);
    assert_eq!(receiver.received()[0].query.openid, None);
}

#[tokio::test]
async fn a_ciphertext_stands_beside_whatever_a_raw_event_in_json_has() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let shop = wechat.mini_program("shop").callback(&receiver.url).compatible_mode().await;

    for raw in ["{}", "{ }", r#"{"Event":"x"}"#, r#"{"Event":{}}"#] {
        let deliveries = shop.pushes_raw(raw).await;

        let body: serde_json::Value = serde_json::from_str(&deliveries[0].request.body).unwrap();
        let fields = body.as_object().unwrap();
        assert!(fields.contains_key("Encrypt"), "{body}");
        assert_eq!(fields.contains_key("Event"), raw.contains("Event"), "{body}");
    }
}

#[tokio::test]
async fn a_url_is_verified_by_the_very_bytes_of_the_echostr() {
    let wechat = MockWechat::start().await;
    let echoing = Receiver::start(|_, push| Answer::Body(push.query.echostr.clone().unwrap())).await;
    let quoting =
        Receiver::start(|_, push| Answer::Body(format!("\"{}\"", push.query.echostr.clone().unwrap()))).await;
    let refusing = Receiver::start(|_, _| Answer::Status(403)).await;

    let verdict = async |receiver: &Receiver| {
        wechat.official_account("brand").callback(&receiver.url).await.verify_url().await
    };

    assert!(verdict(&echoing).await.ok);
    assert!(verdict(&quoting).await.reason.contains("nothing else"));
    assert!(verdict(&refusing).await.reason.contains("403"));
}

#[tokio::test]
async fn a_device_sends_through_the_phone_that_it_is_bound_to() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let receiver = Receiver::start(|_, received| match Fields::parse(&received.body) {
        // What is answered goes to the device, and not into the chat.
        Ok(push) if push.find("MsgType") == Some("device_text") => {
            let answer = Fields::new()
                .text("ToUserName", push.find("FromUserName").unwrap())
                .text("FromUserName", push.find("ToUserName").unwrap())
                .number("CreateTime", 1_760_000_001)
                .text("MsgType", "device_text")
                .text("DeviceID", push.find("DeviceID").unwrap())
                .text("Content", "b2s=");
            Answer::Body(answer.to_xml())
        }
        _ => Answer::Body("success".into()),
    })
    .await;
    let brand = wechat.official_account("brand").callback(&receiver.url).plain_mode().await;
    let lin = wechat.person("lin");
    let act = async |verb: &str, more: serde_json::Value| {
        let mut body = json!({"account": "brand", "device_id": "gh_0000000000aa_1"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        http.post(&format!("/_mock/people/lin/{verb}"), body).await
    };
    let stranger = act("device_text", json!({})).await;
    assert!(stranger["error"].as_str().unwrap().contains("does not follow"), "{stranger}");
    lin.follows(&brand).await;

    let bound = act("device_event", json!({"event": "bind"})).await;
    let sent = act("device_text", json!({"data": "AQI="})).await;

    let received: Vec<Fields> = receiver.received().iter().map(|r| r.message(&brand)).collect();
    let (event, text) = (&received[1], &received[2]);
    for (push, kind) in [(event, "device_event"), (text, "device_text")] {
        assert_eq!(push.find("MsgType"), Some(kind));
        assert_eq!(push.find("DeviceType"), Some("gh_0000000000aa"));
        assert_eq!(push.find("DeviceID"), Some("gh_0000000000aa_1"));
        assert_eq!(push.find("OpenID"), Some(lin.open_id(&brand).as_str()));
    }
    assert_eq!(
        (event.find("Event"), event.find("SessionID"), event.find("MsgId")),
        (Some("bind"), Some("0"), None)
    );
    assert!(text.find("Content") == Some("AQI=") && text.find("MsgId").is_some());
    for (done, reason) in [(bound, "acknowledged with success"), (sent, "goes to the device")] {
        let verdict = &done["deliveries"][0]["verdict"];
        assert!(verdict["ok"] == true && verdict["reason"].as_str().unwrap().contains(reason), "{verdict}");
        assert_eq!(done["shown"], json!([]));
    }
}
