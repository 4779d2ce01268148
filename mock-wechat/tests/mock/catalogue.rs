//! Every kind of push of the catalogue, in every mode and format.

use mock_wechat::{MockWechat, testkit::Account, wire::fields::Fields};
use reqwest::redirect::Policy;
use serde_json::{Value, json};

use crate::{client::Http, receiver::Receiver};

/// The catalogue's entries for a kind of account.
async fn kinds(http: &Http, of: &str) -> Vec<Value> {
    let all = http.get("/_mock/events").await["events"].as_array().unwrap().clone();
    all.into_iter().filter(|kind| kind["for"] == of || kind["for"] == "both").collect()
}

/// Pushes each of them from lin, and reads it as its receiver does.
async fn push_all(http: &Http, receiver: &Receiver, account: &Account, kinds: &[Value]) {
    for kind in kinds {
        let event = kind["event"].as_str().unwrap();
        let body = json!({"account": account.name(), "person": "lin"});
        let pushed = http.post(&format!("/_mock/events/{event}"), body).await;
        assert_eq!(pushed["deliveries"][0]["status"], 200, "{event}: {pushed}");
        let message = receiver.received().pop().unwrap().message(account);
        let name = if kind["is_event"] == true { message.find("Event") } else { message.find("MsgType") };
        assert_eq!(name, Some(event));
        assert!(message.find("ToUserName").is_some() && message.find("CreateTime").is_some(), "{event}");
    }
}

#[tokio::test]
async fn an_official_account_is_told_of_every_kind_in_every_mode() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let receiver = Receiver::answering("success").await;
    let kinds = kinds(&http, "official_account").await;
    assert!(kinds.len() > 50, "{} kinds", kinds.len());

    for mode in ["plain", "compatible", "safe"] {
        let brand = wechat.official_account("brand").callback(&receiver.url);
        let brand = match mode {
            "plain" => brand.plain_mode().await,
            "compatible" => brand.compatible_mode().await,
            _ => brand.safe_mode().await,
        };
        push_all(&http, &receiver, &brand, &kinds).await;
    }
}

#[tokio::test]
async fn messages_that_sdks_alone_remember_are_pushed_on_request() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let receiver = Receiver::answering("success").await;
    let club = wechat.official_account("club").callback(&receiver.url).plain_mode().await;

    for (kind, field, has_id) in
        [("file", "FileKey", true), ("hardware", "Content", true), ("device_status", "DeviceStatus", false)]
    {
        let body = json!({"account": "club", "person": "lin"});
        let pushed = http.post(&format!("/_mock/events/{kind}"), body).await;
        assert_eq!(pushed["deliveries"][0]["verdict"]["ok"], true, "{kind}: {pushed}");
        let told = receiver.received().pop().unwrap().message(&club);
        assert_eq!((told.find("MsgType"), told.find("Event")), (Some(kind), None));
        assert_eq!((told.find(field).is_some(), told.find("MsgId").is_some()), (true, has_id), "{kind}");
        if let Some(of) = told.find("DeviceType") {
            assert_eq!(Some(of), told.find("ToUserName"), "the account that runs");
        }
    }
}

#[tokio::test]
async fn a_mini_program_is_told_of_every_kind_in_both_formats() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let receiver = Receiver::answering("success").await;
    let kinds = kinds(&http, "mini_program").await;

    let shop = wechat.mini_program("shop").callback(&receiver.url).json().await;
    push_all(&http, &receiver, &shop, &kinds).await;
    let shop = wechat.mini_program("shop").xml().await;
    push_all(&http, &receiver, &shop, &kinds).await;
}

#[tokio::test]
async fn fields_tell_the_truth_about_the_person_unless_they_are_given() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").callback(&receiver.url).plain_mode().await;
    let push = async |fields: Value| {
        let body = json!({"account": "brand", "person": "lin", "fields": fields});
        http.post("/_mock/events/user_authorization_revoke", body).await;
        Fields::parse(&receiver.received().pop().unwrap().body).unwrap()
    };

    let told = push(json!({})).await;
    assert_eq!(told.find("OpenID"), Some(wechat.person("lin").open_id(&brand).as_str()));
    assert_eq!((told.find("AppID"), told.find("RevokeInfo")), (Some(brand.app_id()), Some("205")));
    let given = push(json!({"RevokeInfo": 204, "OpenID": "o-else", "Colour": "teal"})).await;
    let found = ["RevokeInfo", "OpenID", "Colour"].map(|name| given.find(name));
    assert_eq!(found, ["204", "o-else", "teal"].map(Some));

    http.post("/_mock/events/annual_renew", json!({"account": "brand"})).await;
    assert!(receiver.received().pop().unwrap().query.openid.is_none(), "from nobody");
    let unknown = http.post("/_mock/events/moon_landing", json!({"account": "brand"})).await;
    let error = unknown["error"].as_str().unwrap();
    assert!(error.contains("/_mock/events/raw") && error.contains("kf_create_session"), "{error}");
}

#[tokio::test]
async fn json_has_the_list_of_a_subscription_event_on_top_and_numbers_as_text() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let receiver = Receiver::answering("success").await;
    wechat.official_account("brand").callback(&receiver.url).plain_mode().json().await;

    let body = json!({"account": "brand", "person": "lin"});
    http.post("/_mock/events/subscribe_msg_sent_event", body).await;

    let told: Value = serde_json::from_str(&receiver.received().pop().unwrap().body).unwrap();
    assert_eq!(told["List"]["ErrorCode"], "0", "{told}");
    assert_eq!(told["List"]["MsgID"], "1876543210987654321");
}

#[tokio::test]
async fn virtual_payment_wants_an_error_code_for_an_answer() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    for (answer, ok) in [
        (r#"{"ErrCode":0,"ErrMsg":"success"}"#, true),
        ("<xml><ErrCode>0</ErrCode><ErrMsg><![CDATA[success]]></ErrMsg></xml>", true),
        (r#"{"ErrCode":1,"ErrMsg":"later"}"#, false),
        ("received", false),
    ] {
        let receiver = Receiver::answering(answer).await;
        wechat.mini_program("shop").callback(&receiver.url).await;
        let body = json!({"MsgType": "event", "Event": "xpay_goods_deliver_notify", "OutTradeNo": "VP1"});
        let pushed = http.post("/_mock/events/raw", json!({"account": "shop", "body": body})).await;
        assert_eq!(pushed["deliveries"][0]["verdict"]["ok"], ok, "{answer}: {pushed}");
    }
}

#[tokio::test]
async fn one_template_message_is_sent_after_a_yes_on_wechat_s_page() {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let brand = wechat.official_account("brand").without_callback().await;
    let lin = wechat.person("lin").open_id(&brand);
    let token = http.stable_token(&brand).await;
    let message = json!({
        "touser": lin, "template_id": "once-1", "scene": "12", "title": "报名成功",
        "data": {"content": {"value": "周六见"}},
    });
    http.post("/_mock/people/lin", json!({})).await;
    let path = format!("/cgi-bin/message/template/subscribe?access_token={token}");
    let send = || http.post(&path, message.clone());
    let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let page = async |more: &str| {
        let address = format!(
            "{}/mp/subscribemsg?action=get_confirm&appid={}&scene=12&template_id=once-1\
             &redirect_url=https%3A%2F%2Fm.example.com%2Fback&reserved=r1{more}#wechat_redirect",
            wechat.url(),
            brand.app_id()
        );
        browser.get(address).send().await.unwrap()
    };
    let to = async |more: &str| page(more).await.headers()["location"].to_str().unwrap().to_owned();

    assert!(page("").await.text().await.unwrap().contains("name=\"cancel\""));
    assert!(to("&person=lin&cancel=1").await.contains("action=cancel"));
    assert_eq!(send().await["errcode"], 43101);
    let expected = format!(
        "https://m.example.com/back?openid={lin}&template_id=once-1&action=confirm&scene=12&reserved=r1"
    );
    assert_eq!(to("&person=lin").await, expected);
    assert_eq!(send().await["errcode"], 0);
    assert_eq!(send().await["errcode"], 43101);
}
