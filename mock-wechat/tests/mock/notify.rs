//! Template and subscription messages, and what is pushed about them.

use mock_wechat::{
    MockWechat,
    testkit::{Account, Person},
};
use serde_json::{Value, json};

use crate::{client::Http, receiver::Receiver};

struct Setting {
    wechat: MockWechat,
    http: Http,
    account: Account,
    token: String,
    lin: Person,
}

async fn setting(account: &str) -> Setting {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let receiver = Receiver::answering("success").await;
    let account = match account {
        "shop" => wechat.mini_program("shop").callback(&receiver.url).await,
        brand => wechat.official_account(brand).callback(&receiver.url).await,
    };
    let token = http.stable_token(&account).await;
    let lin = wechat.person("lin");
    http.post("/_mock/people/lin", json!({})).await;
    Setting { wechat, http, account, token, lin }
}

impl Setting {
    async fn post(&self, path: &str, body: Value) -> Value {
        self.http.post(&format!("{path}?access_token={}", self.token), body).await
    }

    /// The message of a push of that event, once it came.
    async fn told(&self, event: &str, nth: usize) -> String {
        let path = format!("/_mock/deliveries?event={event}&wait=5s&count={nth}");
        let deliveries = self.http.get(&path).await["deliveries"].clone();
        deliveries[nth - 1]["request"]["plaintext"].as_str().unwrap().to_owned()
    }

    async fn subscription_template(&self) -> String {
        let list = self.http.get(&format!("/wxaapi/newtmpl/gettemplate?access_token={}", self.token)).await;
        list["data"][0]["priTmplId"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_template_message_is_shown_numbered_and_reported() {
    let s = setting("brand").await;
    let list =
        s.http.get(&format!("/cgi-bin/template/get_all_private_template?access_token={}", s.token)).await;
    let template = list["template_list"][0]["template_id"].clone();
    let message = json!({"touser": s.lin.open_id(&s.account), "template_id": template, "client_msg_id": "m1",
        "url": "https://example.com/", "data": {"keyword1": {"value": "消费"}, "keyword2": {"value": "+100"}}});
    let send = || s.post("/cgi-bin/message/template/send", message.clone());
    assert_eq!(send().await["errcode"], 43004, "not a follower");
    let chat = s.lin.follows(&s.account).await;

    let (first, again) = (send().await, send().await);

    assert!(first["msgid"].as_i64().unwrap() > 1 << 53, "{first}");
    assert_eq!(first, again, "the same client_msg_id is sent once");
    chat.wait_for_text_containing("积分：+100").await;
    let told = s.told("TEMPLATESENDJOBFINISH", 1).await;
    assert!(told.contains(&format!("<MsgID>{}</MsgID>", first["msgid"])), "{told}");
    assert!(told.contains("<Status><![CDATA[success]]></Status>"), "{told}");
    s.wechat.advance(std::time::Duration::from_secs(601));
    assert_ne!(send().await["msgid"], first["msgid"]);
}

#[tokio::test]
async fn templates_are_added_and_removed() {
    let s = setting("brand").await;
    let added = s.post("/cgi-bin/template/api_add_template", json!({"template_id_short": "TM00015"})).await;
    let id = added["template_id"].as_str().unwrap();
    assert_eq!(id.len(), 43);

    let delete = || s.post("/cgi-bin/template/del_private_template", json!({"template_id": id}));
    assert_eq!(delete().await["errcode"], 0);
    assert_eq!(delete().await["errcode"], 40037);
}

#[tokio::test]
async fn a_subscription_message_takes_a_consent_each_and_the_pushes_are_json_s_own_way() {
    let s = setting("shop").await;
    let template = s.subscription_template().await;
    let message = json!({"touser": s.lin.open_id(&s.account), "template_id": template, "page": "pages/index",
        "data": {"number1": {"value": "100"}, "thing2": {"value": "新积分"}}});
    let send = async || s.post("/cgi-bin/message/subscribe/send", message.clone()).await["errcode"].clone();
    assert_eq!(send().await, 43101);

    let agree = json!({"account": "shop", "template_id": template});
    let done = s.http.post("/_mock/people/lin/subscribe", agree).await;
    let popup: Value =
        serde_json::from_str(done["deliveries"][0]["request"]["plaintext"].as_str().unwrap()).unwrap();

    assert!(popup["CreateTime"].is_string(), "{popup}");
    assert_eq!(popup["List"]["SubscribeStatusString"], "accept", "an object where there is one");
    assert_eq!(popup["List"]["PopupScene"], "0");
    assert_eq!((send().await, send().await), (json!(0), json!(43101)));
    let told = s.told("subscribe_msg_sent_event", 1).await;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["List"]["ErrorCode"], "0");
}

#[tokio::test]
async fn values_of_a_subscription_message_must_fit_and_xml_wraps_the_list() {
    let s = setting("brand").await;
    let template = s.subscription_template().await;
    let body = |thing: &str| {
        json!({"touser": s.lin.open_id(&s.account), "template_id": template,
               "data": {"number1": {"value": 7}, "thing2": {"value": thing}}})
    };
    let wrong = s.post("/cgi-bin/message/subscribe/bizsend", body(&"很".repeat(21))).await;
    assert_eq!(wrong["errcode"], 47003);
    assert!(
        wrong["errmsg"].as_str().unwrap().starts_with("argument invalid! data.thing2.value invalid"),
        "{wrong}"
    );

    let agree = json!({"account": "brand", "template_id": template, "accept": false});
    let done = s.http.post("/_mock/people/lin/subscribe", agree).await;

    let told = done["deliveries"][0]["request"]["plaintext"].as_str().unwrap();
    assert!(told.contains("<SubscribeMsgPopupEvent><List><TemplateId>"), "{told}");
    assert!(told.contains("<![CDATA[reject]]>") && told.contains("<PopupScene>1</PopupScene>"), "{told}");
    assert_eq!(s.post("/cgi-bin/message/subscribe/bizsend", body("好")).await["errcode"], 43101);
}
