//! What a person is asked: subscription messages, and pages that want to know who they are.

use axum::{Router, extract::RawQuery, response::Html, routing::get};
use mock_wechat::MockWechat;
use serde_json::json;

use crate::{api::Api, brand, browser::Browser};

#[tokio::test]
async fn a_yes_to_a_subscription_message_is_good_for_one_and_can_be_withdrawn() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    let lin = wechat.person("lin");
    lin.follows(&account).await;
    let api = Api::of(&wechat, &account).await;
    let templates = api.get("/wxaapi/newtmpl/gettemplate").await;
    let message = json!({
        "touser": lin.open_id(&account), "template_id": templates["data"][0]["priTmplId"],
        "data": {"number1": {"value": "100"}, "thing2": {"value": "生日礼"}},
    });
    let send = async || api.post("/cgi-bin/message/subscribe/bizsend", &message).await["errcode"].clone();
    let browser = Browser::open(&format!("{}/?chat=brand&keyboard=1", wechat.url())).await;

    browser.click("#more").await;
    browser.picture("more-official").await;
    browser.click("#more-consent").await;
    browser.sees(".sheet", "积分变动提醒").await;
    browser.picture("consent").await;
    browser.click("#consent-refuse").await;
    browser.sees("#timeline .push", "subscribe_msg_popup_event").await;
    assert_eq!(send().await, 43101);

    for _ in 0..2 {
        browser.go(&format!("{}/?chat=brand&sheet=consent", wechat.url())).await;
        browser.click("#consent-allow").await;
        browser.sees("#phone .screen:not([inert])", "brand").await;
    }
    assert_eq!(send().await, 0);
    browser.sees(".card.template", "100").await;
    browser.go(&format!("{}/?chat=brand&sheet=consent", wechat.url())).await;
    browser.sees(".held", "1 more may be sent").await;
    browser.picture("consent-held").await;
    browser.click_on("Withdraw").await;
    browser.sees("#timeline .push", "subscribe_msg_change_event").await;
    assert_eq!(send().await, 43101);
}

#[tokio::test]
async fn a_mini_program_asks_for_several_at_once() {
    let wechat = MockWechat::start().await;
    brand::welcoming(&wechat).await;
    let shop = wechat.mini_program("shop").without_callback().await;
    let api = Api::of(&wechat, &shop).await;
    let added = api.post("/wxaapi/newtmpl/addtemplate", &json!({"tid": "307", "kidList": [1, 3]})).await;
    assert_eq!(added["errcode"], 0);
    let callback = brand::heard(&shop).await;
    let browser = Browser::open(&format!("{}/?chat=shop", wechat.url())).await;

    browser.click("#ask-consent").await;
    browser.sees(".sheet", "积分变动提醒").await;
    browser.click(".choice:last-of-type input").await;
    browser.picture("consent-mini-program").await;
    browser.click("#consent-allow").await;
    browser.sees("#timeline .push", "subscribe_msg_popup_event").await;

    let told: serde_json::Value = serde_json::from_str(&callback.lock().unwrap()[0]).unwrap();
    let answers: Vec<&str> = told["List"]
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| answer["SubscribeStatusString"].as_str().unwrap())
        .collect();
    assert_eq!(answers, ["accept", "reject"]);
    assert_eq!(told["List"][0]["PopupScene"], "0");
}

#[tokio::test]
async fn a_link_to_web_oauth_asks_on_the_phone_and_opens_the_page_with_a_code() {
    let wechat = MockWechat::start().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let page = |RawQuery(query): RawQuery| async move { Html(format!("<p id=got>{}</p>", query.unwrap())) };
    let router = Router::new().route("/back", get(page));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let redirect = format!("{site}/back").replace(':', "%3A").replace('/', "%2F");
    let link = |scope: &str| {
        format!(
            "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx00000000000000aa&redirect_uri={redirect}\
             &response_type=code&scope={scope}&state=s1#wechat_redirect"
        )
    };
    let (whole, base) = (link("snsapi_userinfo"), link("snsapi_base"));
    let words = format!("<a href=\"{whole}\">Join</a> or <a href=\"{base}\">look</a>");
    let account = brand::answering(&wechat, move |_| words.clone()).await;
    wechat.person("mei").follows(&account).await;
    let browser = Browser::open(&format!("{}/?person=mei&chat=brand", wechat.url())).await;
    let open = async |choice: &str| {
        let address = browser.value(&format!("document.querySelector('{choice}').href")).await;
        browser.go(address.as_str().unwrap()).await;
        browser.text("#got").await
    };

    browser.click_on("Join").await;
    browser.sees(".sheet .asking", "brand asks for your nickname").await;
    browser.picture("authorize").await;
    assert!(open("#authorize-allow").await.contains("code=0"));
    browser.go(&format!("{}/?person=mei&chat=brand", wechat.url())).await;
    browser.click_on("Join").await;
    browser.sees(".sheet .asking", "brand asks for your nickname").await;
    assert_eq!(open("#authorize-refuse").await, "state=s1");

    browser.go(&format!("{}/?person=mei&chat=brand", wechat.url())).await;
    browser.click_on("look").await;
    browser.sees(".sheet .asking", "without asking").await;
    assert!(open("#authorize-snapshot").await.contains("code=0"));

    // Where a page of one's own leads there, WeChat's page begins with the phone that was looked at.
    let own = base.replace("https://open.weixin.qq.com", &wechat.url());
    browser.go(&own).await;
    assert_eq!(browser.value("document.querySelector('#whose').value").await, json!("mei"));
    browser.picture("authorize-page").await;
    browser.click("button").await;
    assert!(browser.text("#got").await.contains("code=0"));
}

#[tokio::test]
async fn an_account_s_owner_authorises_a_third_party_platform_and_withdraws() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    let agency = wechat.third_party_platform("agency").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let router = Router::new().route("/events", axum::routing::post(|| async { "success" }));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    agency.change().callback(url).await;
    wechat.person("lin").follows(&account).await;
    let browser =
        Browser::open(&format!("{}/?chat=brand&sheet=profile&scope=everything", wechat.url())).await;

    browser.picture("third-party").await;
    browser.click("#authorize-agency").await;
    browser.sees("#timeline .push", "authorized").await;
    browser.click("#withdraw-agency").await;
    browser.sees("#timeline .push", "unauthorized").await;
    browser.sees("#authorize-agency", "Authorise").await;
    let told: Vec<String> = wechat.deliveries().iter().skip(1).map(|told| told.event.clone()).collect();
    assert_eq!(told, ["authorized", "unauthorized"]);
}
