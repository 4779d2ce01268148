//! Every kind of message that an account can send.

use mock_wechat::{MockWechat, wire::picture::jpeg};
use serde_json::json;

use crate::{api::Api, brand, browser::Browser};

#[tokio::test]
async fn every_kind_of_message_is_shown_as_what_it_is() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    let lin = wechat.person("lin");
    lin.follows(&account).await;
    // A payment allows any number of messages.
    lin.pays(&account, 12_900).await;
    let api = Api::of(&wechat, &account).await;
    let jpeg = jpeg("a picture", 200).unwrap();
    let picture = api.upload("image", &jpeg).await;
    let thumb = api.upload("thumb", &jpeg).await;
    let voice = api.upload("voice", b"#!AMR\n0123456789").await;
    let video = api.upload("video", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom").await;
    for (kind, content) in [
        ("image", json!({"media_id": picture})),
        ("voice", json!({"media_id": voice})),
        ("video", json!({"media_id": video, "title": "Opening", "description": "The new store in a minute"})),
        (
            "news",
            json!({"articles": [{"title": "会员日：双倍积分", "description": "本周六全天", "url": "https://example.com/day", "picurl": ""}]}),
        ),
        (
            "miniprogrampage",
            json!({"title": "积分商城", "appid": "wx00000000000000bb", "pagepath": "pages/mall/index", "thumb_media_id": thumb}),
        ),
        (
            "msgmenu",
            json!({"head_content": "Are you content?\n", "list": [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}], "tail_content": "Thank you"}),
        ),
    ] {
        let body = json!({"touser": lin.open_id(&account), "msgtype": kind, kind: content});
        let answer = api.post("/cgi-bin/message/custom/send", &body).await;
        assert_eq!(answer["errcode"], 0, "{kind}: {answer}");
    }
    let list = api.get("/cgi-bin/template/get_all_private_template").await;
    let filled = json!({
        "touser": lin.open_id(&account),
        "template_id": list["template_list"][0]["template_id"],
        "url": "https://example.com/points",
        "data": {"keyword1": {"value": "消费"}, "keyword2": {"value": "+100"}},
    });
    assert_eq!(api.post("/cgi-bin/message/template/send", &filled).await["errcode"], 0);
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;

    browser.sees(".receipt", "¥129.00").await;
    browser.sees(".card.template", "+100").await;
    let loaded = "document.querySelector('.picture img').decode().then(() => arguments[0](true))";
    browser.script(loaded, &json!([])).await;
    browser.sees(".picture", &picture).await;
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
