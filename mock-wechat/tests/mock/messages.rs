//! Messages of every type that a person can send.

use mock_wechat::{MockWechat, testkit::Account};
use reqwest::Method;
use serde_json::json;

use crate::{client::Http, receiver::Receiver};

async fn listening() -> (MockWechat, Http, Account, Receiver) {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").plain_mode().callback(&receiver.url).await;
    wechat.person("lin").follows(&brand).await;
    let http = Http::to(&wechat);
    (wechat, http, brand, receiver)
}

/// Names of the fields of a plain push behind the four that all share, in their order.
fn names(body: &str) -> Vec<&str> {
    let opened = body.split('<').filter(|tag| !tag.starts_with(['/', '!']));
    opened.filter_map(|tag| tag.split_once('>').map(|(name, _)| name)).skip(5).collect()
}

#[tokio::test]
async fn every_type_has_its_fields_in_the_order_of_logged_pushes() {
    let (wechat, _http, brand, receiver) = listening().await;
    let shop = wechat.mini_program("shop").await;
    let lin = wechat.person("lin");

    lin.sends_image(&brand).await.is_answered_well();
    lin.sends_voice(&brand).await;
    lin.says(&brand, "查询积分").await;
    lin.sends_video(&brand).await;
    lin.sends_short_video(&brand).await;
    lin.sends_link(&brand, "会员日", "https://example.com/a").await;
    lin.sends_card(&brand, "积分商城", &shop, "pages/mall/index?id=7").await;
    lin.picks(&brand, "101", "满意").await;

    let received = receiver.received();
    let layouts: Vec<_> = received[1..]
        .iter()
        .map(|push| (push.message(&brand).find("MsgType").unwrap().to_owned(), names(&push.body).join(" ")))
        .collect();
    let expected = [
        ("image", "PicUrl MsgId MediaId"),
        ("voice", "MediaId Format MsgId"),
        ("voice", "MediaId Format MsgId Recognition"),
        ("video", "MediaId ThumbMediaId MsgId"),
        ("shortvideo", "MediaId ThumbMediaId MsgId"),
        ("link", "Title Description Url MsgId"),
        ("miniprogrampage", "MsgId Title AppId PagePath ThumbUrl ThumbMediaId"),
        ("text", "Content MsgId bizmsgmenuid"),
    ]
    .map(|(kind, names)| (kind.to_owned(), names.to_owned()));
    assert_eq!(layouts, expected);
    let card = received[7].message(&brand);
    assert_eq!([card.find("AppId"), card.find("Title")], [Some(shop.app_id()), Some("积分商城")]);
}

#[tokio::test]
async fn a_file_that_is_sent_is_the_file_that_is_fetched() {
    let (wechat, http, brand, receiver) = listening().await;
    let voice = "IyFBTVIKfHx8";

    http.post("/_mock/people/lin/voice", json!({"account": "brand", "data": voice})).await;
    wechat.person("lin").sends_video(&brand).await;

    let received = receiver.received();
    let [spoken, filmed] = [1, 2].map(|n| received[n].message(&brand));
    let token = http.stable_token(&brand).await;
    let fetch = async |id: &str| {
        let path = format!("/cgi-bin/media/get?access_token={token}&media_id={id}");
        http.request(Method::GET, &path).send().await.unwrap()
    };
    let file = fetch(spoken.find("MediaId").unwrap()).await;
    assert_eq!(file.headers()["content-type"], "audio/amr");
    assert_eq!(file.bytes().await.unwrap(), &b"#!AMR\n|||"[..]);
    let thumb = fetch(filmed.find("ThumbMediaId").unwrap()).await;
    assert_eq!(thumb.headers()["content-type"], "image/jpeg");
}

#[tokio::test]
async fn the_person_sees_what_they_sent_and_the_account_may_write_for_two_days() {
    let (wechat, http, brand, _receiver) = listening().await;
    let lin = wechat.person("lin");

    lin.sends_image(&brand).await;
    lin.sends_link(&brand, "会员日", "https://example.com/a").await;

    let chat = http.get("/_mock/people/lin/chat?account=brand").await;
    let kinds: Vec<_> = chat["messages"].as_array().unwrap().iter().map(|m| m["type"].clone()).collect();
    assert_eq!(kinds, ["image", "link"]);
    assert!(chat["messages"][0]["media_id"].as_str().unwrap().len() == 64, "{chat}");
    let windows = chat["windows"].as_array().unwrap();
    assert!(windows.iter().any(|window| window["trigger"] == "message" && window["left"] == 5), "{chat}");
}

#[tokio::test]
async fn a_mini_program_takes_texts_pictures_and_cards_only() {
    let (wechat, http, _brand, _) = listening().await;
    let receiver = Receiver::answering("success").await;
    let shop = wechat.mini_program("shop").callback(&receiver.url).await;
    let lin = wechat.person("lin");

    lin.sends_image(&shop).await.is_answered_well();
    lin.sends_card(&shop, "积分商城", &shop, "pages/mall/index").await.is_answered_well();

    let kinds: Vec<_> = receiver
        .received()
        .iter()
        .map(|push| push.message(&shop).find("MsgType").unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["image", "miniprogrampage"]);
    for (verb, body) in [
        ("voice", json!({"account": "shop"})),
        ("video", json!({"account": "shop"})),
        ("shortvideo", json!({"account": "shop"})),
        ("link", json!({"account": "shop", "title": "t", "url": "https://example.com"})),
    ] {
        let error = http.post(&format!("/_mock/people/lin/{verb}"), body).await;
        assert!(error["error"].as_str().unwrap().contains("takes an Official Account"), "{verb}: {error}");
    }
}

#[tokio::test]
async fn consent_is_given_refused_and_withdrawn() {
    let (wechat, http, brand, receiver) = listening().await;
    let token = http.stable_token(&brand).await;
    let templates = http.get(&format!("/wxaapi/newtmpl/gettemplate?access_token={token}")).await;
    let template = templates["data"][0]["priTmplId"].as_str().unwrap();
    let lin = wechat.person("lin");

    lin.agrees_to(&brand, template).await.is_answered_well();
    lin.refuses(&brand, template).await;
    lin.withdraws_from(&brand, template).await;

    let told: Vec<_> = receiver.received()[1..]
        .iter()
        .map(|push| {
            let body = &push.body;
            let accepted = body.contains("<SubscribeStatusString><![CDATA[accept]]>");
            (push.message(&brand).find("Event").unwrap().to_owned(), accepted)
        })
        .collect();
    let [popup, change] = ["subscribe_msg_popup_event", "subscribe_msg_change_event"].map(str::to_owned);
    assert_eq!(told, [(popup.clone(), true), (popup, false), (change, false)]);
}
