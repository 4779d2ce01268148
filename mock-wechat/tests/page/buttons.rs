//! Menu buttons that ask the phone for something, and what else can be sent.

use mock_wechat::{MockWechat, testkit::Account};
use serde_json::json;

use crate::{brand, browser::Browser};

async fn with_menu(wechat: &MockWechat) -> Account {
    let account = brand::answering(wechat, |push| {
        let name = push.find("Event").or(push.find("MsgType")).unwrap();
        let scanned = push.groups("ScanCodeInfo").next().and_then(|info| info.find("ScanResult"));
        format!("Got {name} {}", scanned.unwrap_or_default())
    })
    .await;
    let button = |kind: &str, name: &str| json!({"type": kind, "name": name, "key": kind});
    let menu = json!({"button": [
        button("scancode_waitmsg", "扫码"), button("pic_sysphoto", "拍照"), button("location_select", "位置"),
    ]});
    let url = format!("{}/_mock/accounts/brand/menu", wechat.url());
    let put = crate::client().put(url).body(menu.to_string()).send().await.unwrap();
    assert!(put.status().is_success());
    wechat.person("lin").follows(&account).await;
    account
}

#[tokio::test]
async fn a_button_scans_takes_a_picture_and_chooses_a_place() {
    let wechat = MockWechat::start().await;
    with_menu(&wechat).await;
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;

    browser.click_on("扫码").await;
    browser.write("#camera-result", "EAN_13,6901234567892").await;
    browser.picture("camera").await;
    browser.click("#camera-scan").await;
    browser.sees(".theirs .bubble", "Got scancode_waitmsg EAN_13,6901234567892").await;
    browser.click_on("拍照").await;
    browser.sees(".theirs .bubble", "Got pic_sysphoto").await;
    browser.sees(".theirs .bubble", "Got image").await;
    browser.click_on("位置").await;
    browser.sees(".theirs .bubble", "Got location_select").await;
    browser.sees(".mine .card.place", "上海市人民广场").await;
    browser.picture("buttons").await;
}

#[tokio::test]
async fn pictures_voices_films_links_and_cards_are_sent() {
    let wechat = MockWechat::start().await;
    with_menu(&wechat).await;
    let browser = Browser::open(&format!("{}/?chat=brand&keyboard=1", wechat.url())).await;

    for kind in ["image", "voice", "video", "link", "miniprogrampage"] {
        browser.click("#more").await;
        browser.click(&format!("#send-{kind}")).await;
        browser.sees(".theirs .bubble", &format!("Got {kind}")).await;
    }
    browser.sees(".mine .card.mini", "shop").await;
    browser.sees(".mine .article", "会员日").await;
    browser.picture("sent").await;
}
