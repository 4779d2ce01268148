//! Menu buttons that ask the phone for something: scans, pictures, a place.

use mock_wechat::{MockWechat, testkit::Account, wire::fields::Fields};
use serde_json::json;

use crate::{
    client::{Http, json_of},
    receiver::Receiver,
};

/// A follower of an account whose menu has every button that asks for something.
async fn asked() -> (MockWechat, Http, Account, Receiver) {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").callback(&receiver.url).await;
    let http = Http::to(&wechat);
    let button = |kind: &str| json!({"name": kind, "type": kind, "key": format!("K_{kind}")});
    let menu = json!({"button": [
        {"name": "scan", "sub_button": [button("scancode_push"), button("scancode_waitmsg")]},
        {"name": "send", "sub_button": [button("pic_sysphoto"), button("pic_photo_or_album"), button("pic_weixin")]},
        button("location_select"),
    ]});
    let put = http.request(reqwest::Method::PUT, "/_mock/accounts/brand/menu").body(menu.to_string());
    assert!(json_of(put.send().await.unwrap()).await["button"].is_array());
    wechat.person("lin").follows(&brand).await;
    (wechat, http, brand, receiver)
}

fn told(receiver: &Receiver, brand: &Account) -> Vec<Fields> {
    receiver.received()[1..].iter().map(|push| push.message(brand)).collect()
}

#[tokio::test]
async fn a_scan_tells_what_was_read_and_opens_the_menu_s_window() {
    let (wechat, http, brand, receiver) = asked().await;
    let lin = wechat.person("lin");

    lin.scans_by_menu(&brand, "K_scancode_push", "https://m.example.com/t/88").await.is_answered_well();
    http.post(
        "/_mock/people/lin/scancode_waitmsg",
        json!({"account": "brand", "key": "K_scancode_waitmsg", "result": "EAN_13,6901234567892", "scan_type": "barcode"}),
    )
    .await;

    let told = told(&receiver, &brand);
    let scanned: Vec<_> = told
        .iter()
        .map(|push| {
            let scan = push.groups("ScanCodeInfo").next().unwrap();
            (push.find("Event").unwrap(), scan.find("ScanType").unwrap(), scan.find("ScanResult").unwrap())
        })
        .collect();
    assert_eq!(
        scanned,
        [
            ("scancode_push", "qrcode", "https://m.example.com/t/88"),
            ("scancode_waitmsg", "barcode", "EAN_13,6901234567892"),
        ]
    );
    assert_eq!(told[0].find("EventKey"), Some("K_scancode_push"));
    let windows = http.get("/_mock/people/lin/chat?account=brand").await["windows"].clone();
    assert!(windows.as_array().unwrap().iter().any(|window| window["trigger"] == "menu"), "{windows}");
}

#[tokio::test]
async fn pictures_are_told_of_by_their_fingerprints_and_arrive_as_messages_whose_files_can_be_fetched() {
    let (wechat, http, brand, receiver) = asked().await;
    let lin = wechat.person("lin");

    lin.takes_photos(&brand, "K_pic_sysphoto", 2).await.is_answered_well();

    let told = told(&receiver, &brand);
    let [event, first, second] = &told[..] else { panic!("an event and two messages: {told:?}") };
    assert_eq!(event.find("Event"), Some("pic_sysphoto"));
    let sent = event.groups("SendPicsInfo").next().unwrap();
    assert_eq!(sent.find("Count"), Some("2"));
    let list = sent.groups("PicList").next().unwrap();
    let sums: Vec<_> = list.groups("item").map(|item| item.find("PicMd5Sum").unwrap()).collect();
    let token = http.stable_token(&brand).await;
    for (message, sum) in [first, second].into_iter().zip(sums) {
        assert_eq!(message.find("MsgType"), Some("image"));
        let id = message.find("MediaId").unwrap();
        let path = format!("/cgi-bin/media/get?access_token={token}&media_id={id}");
        let file = http.request(reqwest::Method::GET, &path).send().await.unwrap().bytes().await.unwrap();
        assert!(file.starts_with(b"\xff\xd8\xff"), "a JPEG");
        assert_eq!(mock_wechat::wire::file::md5(&file), sum);
    }
    assert_ne!(first.find("MediaId"), second.find("MediaId"));
}

#[tokio::test]
async fn every_way_to_choose_pictures_has_its_event() {
    let (wechat, _http, brand, receiver) = asked().await;
    let lin = wechat.person("lin");

    lin.chooses_photos(&brand, "K_pic_photo_or_album", 1).await;
    lin.chooses_album_photos(&brand, "K_pic_weixin", 1).await;

    let told = told(&receiver, &brand);
    let events: Vec<_> = told.iter().filter_map(|push| push.find("Event")).collect();
    assert_eq!(events, ["pic_photo_or_album", "pic_weixin"]);
}

#[tokio::test]
async fn a_chosen_place_is_told_of_with_numbers_as_text_and_again_as_a_message() {
    let (wechat, _http, brand, receiver) = asked().await;
    let lin = wechat.person("lin");

    let chat = lin.chooses_place(&brand, "K_location_select", 31.2048, 121.4719, "某市某区某路 8 号").await;

    let plaintext = &chat.deliveries()[0].request.plaintext;
    assert!(
        plaintext.contains(
            "<SendLocationInfo><Location_X><![CDATA[31.2048]]></Location_X>\n\
             <Location_Y><![CDATA[121.4719]]></Location_Y>\n\
             <Scale><![CDATA[15]]></Scale>\n\
             <Label><![CDATA[某市某区某路 8 号]]></Label>\n\
             <Poiname><![CDATA[]]></Poiname>\n\
             </SendLocationInfo>"
        ),
        "{plaintext}"
    );
    let told = told(&receiver, &brand);
    assert_eq!([told[1].find("MsgType"), told[1].find("Location_X")], [Some("location"), Some("31.204800")]);
}

#[tokio::test]
async fn what_the_menu_does_not_have_cannot_be_tapped() {
    let (_wechat, http, _brand, receiver) = asked().await;
    for (verb, arguments, needle) in [
        ("scancode_push", json!({"key": "K_scancode_waitmsg", "result": "x"}), "no such button"),
        ("scancode_push", json!({"key": "K_scancode_push"}), "missing field `result`"),
        ("pic_weixin", json!({"key": "K_pic_weixin", "pictures": []}), "1 to 9"),
        ("pic_weixin", json!({"key": "K_pic_weixin", "pictures": [{"data": "AAAA"}]}), "image/"),
        ("pic_weixin", json!({"key": "K_pic_weixin", "pictures": [{"data": "?"}]}), "base64"),
        ("location_select", json!({"key": "elsewhere", "latitude": 1, "longitude": 1}), "no such button"),
    ] {
        let mut body = arguments;
        body["account"] = json!("brand");
        let error = http.post(&format!("/_mock/people/lin/{verb}"), body).await;
        assert!(error["error"].as_str().unwrap().contains(needle), "{verb}: {error}");
    }
    assert_eq!(receiver.received().len(), 1, "only the follow");
}
