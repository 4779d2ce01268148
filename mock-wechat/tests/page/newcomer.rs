//! Somebody who never read a document, with a mouse.

use mock_wechat::MockWechat;

use crate::{brand, browser::Browser};

#[tokio::test]
async fn a_newcomer_scans_follows_is_welcomed_taps_the_menu_and_sees_the_wire() {
    let wechat = MockWechat::start().await;
    brand::welcoming(&wechat).await;
    let browser = Browser::open(&wechat.url()).await;
    browser.sees("#phone", "Nothing here yet").await;
    browser.picture("1-start").await;

    browser.click("#scan-first").await;
    browser.sees(".sheet", "store-12").await;
    let url = browser.scan(".codes .qr").await;
    assert!(url.starts_with("http://weixin.qq.com/q/02"), "{url}");
    browser.picture("2-scan").await;
    browser.click(".codes .code").await;

    browser.sees(".theirs .bubble", "欢迎！您已累积 10,000 积分。立即入会").await;
    browser.sees("#timeline .push.good", "subscribe").await;
    browser.sees("#windows", "Followed").await;
    browser.picture("3-welcome").await;

    browser.click_on("我的积分").await;
    browser.sees(".theirs .bubble", "You asked for POINTS: 10,000 points.").await;

    browser.click("#timeline .push summary").await;
    browser.sees("#timeline .push[open] .rest", "<EventKey><![CDATA[POINTS]]></EventKey>").await;
    browser.sees("#timeline .push[open] .rest", "You asked for POINTS").await;
    browser.sees("#timeline .push[open] .verdict", "a text of").await;
    browser.picture("4-wire").await;
}

#[tokio::test]
async fn a_menu_below_a_button_opens_and_its_page_is_told_by_a_view_event() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    wechat.person("lin").follows(&account).await;
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;

    browser.click_on("会员服务").await;
    browser.picture("menu-below").await;
    browser.click_on("会员中心").await;

    browser.sees(".sheet .url", "https://example.com/membership").await;
    browser.sees("#timeline .push", "VIEW").await;
    browser.picture("menu-page").await;
    browser.click("#sheet-close").await;
    browser.click_on("积分商城").await;
    browser.sees(".mini-page", "/pages/index/index").await;
    browser.click("#scope-everything").await;
    browser.sees("#timeline .push", "view_miniprogram").await;
}

#[tokio::test]
async fn a_follower_leaves_and_comes_back_on_the_account_s_own_page() {
    let wechat = MockWechat::start().await;
    brand::welcoming(&wechat).await;
    let browser = Browser::open(&wechat.url()).await;

    browser.click("#tab-contacts").await;
    browser.picture("contacts").await;
    browser.click("#contact-brand").await;
    browser.sees("#phone", "Follow the account").await;
    browser.picture("stranger").await;
    browser.click("#follow").await;
    browser.sees(".theirs .bubble", "欢迎").await;

    browser.click("#details").await;
    browser.picture("profile").await;
    browser.click("#unfollow").await;
    browser.sees("#timeline .push", "unsubscribe").await;
    browser.sees("#windows", "45015").await;
    browser.click("#follow").await;
    browser.sees("#timeline #windows, #windows", "Followed").await;
}

#[tokio::test]
async fn a_visitor_of_the_mini_program_gets_codes_that_the_api_takes() {
    let wechat = MockWechat::start().await;
    let shop = wechat.mini_program("shop").without_callback().await;
    let browser = Browser::open(&wechat.url()).await;

    browser.click("#tab-discover").await;
    browser.picture("discover").await;
    browser.click_on("shop").await;
    browser.click("#do-login").await;
    let js_code = browser.text("#js_code").await;
    browser.click("#do-phone").await;
    assert!(!browser.text("#phone_code").await.is_empty());
    browser.write("#visit-page", "pages/mall/index?id=7").await;
    browser.click_on("Open page").await;
    browser.sees(".mini-page", "/pages/mall/index?id=7").await;
    browser.picture("mini-program").await;

    let query = format!(
        "appid={}&secret={}&js_code={js_code}&grant_type=authorization_code",
        shop.app_id(),
        shop.secret()
    );
    let session = reqwest::get(format!("{}/sns/jscode2session?{query}", wechat.url()))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(session.contains(&wechat.person("lin").open_id(&shop)), "{session}");
    browser.sees("#timeline .call", "/sns/jscode2session").await;
}

#[tokio::test]
async fn a_payment_is_shown_and_given_back_and_an_event_is_attended() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    wechat.person("lin").follows(&account).await;
    let browser = Browser::open(&format!("{}/?chat=brand&keyboard=1", wechat.url())).await;

    browser.click("#more").await;
    browser.picture("more").await;
    browser.click("#more-pay").await;
    browser.write("#pay-yuan", "12.9").await;
    browser.picture("pay").await;
    browser.click("#pay-now").await;
    browser.sees(".receipt", "¥12.90").await;
    browser.sees("#windows", "any number").await;
    browser.click(".receipt .link").await;
    browser.sees(".line:last-child .receipt", "Refund").await;
    browser.picture("payment").await;

    browser.go(&format!("{}/?chat=brand&sheet=attend", wechat.url())).await;
    browser.click_on("Check in").await;
    browser.sees(".theirs .bubble", "Good to see you at event-spring-fair.").await;
}
