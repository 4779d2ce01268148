//! Every kind of message that an account can send.

use mock_wechat::MockWechat;
use serde_json::{Value, json};

use crate::{brand, browser::Browser};

#[tokio::test]
async fn every_kind_of_message_is_shown_as_what_it_is() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    let lin = wechat.person("lin");
    lin.follows(&account).await;
    // A payment allows any number of messages.
    lin.pays(&account, 12_900).await;
    let client = reqwest::Client::new();
    let query =
        format!("grant_type=client_credential&appid={}&secret={}", account.app_id(), account.secret());
    let token: Value = client
        .get(format!("{}/cgi-bin/token?{query}", wechat.url()))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let send = format!(
        "{}/cgi-bin/message/custom/send?access_token={}",
        wechat.url(),
        token["access_token"].as_str().unwrap()
    );
    for (kind, content) in [
        ("image", json!({"media_id": "3xYz-Media_0001"})),
        ("voice", json!({"media_id": "3xYz-Media_0002"})),
        (
            "video",
            json!({"media_id": "3xYz-Media_0003", "title": "Opening", "description": "The new store in a minute"}),
        ),
        (
            "news",
            json!({"articles": [{"title": "会员日：双倍积分", "description": "本周六全天", "url": "https://example.com/day", "picurl": ""}]}),
        ),
        (
            "miniprogrampage",
            json!({"title": "积分商城", "appid": "wx00000000000000bb", "pagepath": "pages/mall/index", "thumb_media_id": "x"}),
        ),
        (
            "msgmenu",
            json!({"head_content": "Are you content?\n", "list": [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}], "tail_content": "Thank you"}),
        ),
    ] {
        let body = json!({"touser": lin.open_id(&account), "msgtype": kind, kind: content});
        let answer: Value =
            client.post(&send).body(body.to_string()).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["errcode"], 0, "{kind}: {answer}");
    }
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;

    browser.sees(".receipt", "¥129.00").await;
    browser.sees(".picture", "3xYz-Media_0001").await;
    browser.sees(".voice", "Voice").await;
    browser.sees(".card.media", "The new store in a minute").await;
    browser.sees(".card.news", "会员日：双倍积分").await;
    browser.sees(".card.mini", "积分商城").await;
    browser.picture("messages-low").await;
    browser.script("document.querySelector('.scroll.chat').scrollTop = 0; arguments[0]()", &json!([])).await;
    browser.picture("messages-high").await;

    browser.click_on("满意").await;
    browser.sees(".mine .bubble", "满意").await;
    browser.sees("#timeline .push", "text").await;
    let pushed = wechat.deliveries();
    assert!(
        pushed.last().unwrap().request.plaintext.contains("<bizmsgmenuid><![CDATA[101]]></bizmsgmenuid>")
    );
    browser.click(".card.mini a").await;
    browser.sees(".mini-page", "/pages/mall/index").await;
}
