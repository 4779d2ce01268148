//! Without a mouse.

use mock_wechat::MockWechat;
use serde_json::json;

use crate::{brand, browser::Browser};

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";

/// Presses Tab until the element has the focus.
async fn tab_to(browser: &Browser, css: &str) {
    for _ in 0..120 {
        browser.press(&[TAB]).await;
        if browser.value(&format!("document.activeElement.matches({css:?})")).await == json!(true) {
            return;
        }
    }
    panic!("Tab never came to {css}");
}

#[tokio::test]
async fn everything_is_reached_with_the_keyboard() {
    let wechat = MockWechat::start().await;
    brand::welcoming(&wechat).await;
    let browser = Browser::open(&wechat.url()).await;

    tab_to(&browser, "#scan-first").await;
    browser.press(&[ENTER]).await;
    browser.sees(".sheet", "store-12").await;
    assert_eq!(browser.value("document.activeElement.matches('.codes .code')").await, json!(true));
    browser.press(&[ESCAPE]).await;
    browser.sees("#phone .screen:not([inert])", "Nothing here yet").await;
    assert_eq!(browser.value("document.activeElement.id").await, json!("scan-first"));
    browser.press(&[ENTER]).await;
    browser.sees(".sheet", "store-12").await;
    browser.press(&[ENTER]).await;
    browser.sees(".theirs .bubble", "欢迎").await;

    tab_to(&browser, "#to-keyboard").await;
    browser.picture("keyboard-focus").await;
    browser.press(&[ENTER]).await;
    browser.sees("#send", "Send").await;
    tab_to(&browser, "#message").await;
    browser.press(&["h", "i", ENTER]).await;
    browser.sees(".theirs .bubble", "You wrote: hi").await;
    assert_eq!(browser.value("document.activeElement.id").await, json!("message"), "one writes on");
    assert_eq!(browser.value("document.activeElement.value").await, json!(""));

    tab_to(&browser, ".push > summary").await;
    browser.press(&[ENTER]).await;
    browser.sees("#timeline .push[open] .rest", "<![CDATA[hi]]>").await;
}

#[tokio::test]
async fn the_parts_of_the_narrow_page_are_reached_with_the_keyboard() {
    let wechat = MockWechat::start().await;
    brand::welcoming(&wechat).await;
    let browser = Browser::open_on_phone(&wechat.url()).await;

    tab_to(&browser, "#scan-first").await;
    browser.press(&[ENTER]).await;
    browser.sees(".sheet", "store-12").await;
    browser.press(&[ENTER]).await;
    browser.sees(".theirs .bubble", "欢迎").await;

    tab_to(&browser, "a[href*='part=wire']").await;
    browser.press(&[ENTER]).await;
    browser.sees("#timeline .push summary", "subscribe").await;
    tab_to(&browser, ".push > summary").await;
    browser.press(&[ENTER]).await;
    browser.sees("#timeline .push[open] .rest", "qrscene_store-12").await;

    tab_to(&browser, "a[href*='part=controls']").await;
    browser.press(&[ENTER]).await;
    browser.sees("#windows", "Followed").await;
}

#[tokio::test]
async fn what_is_being_written_stays_when_something_happens_elsewhere() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    wechat.person("lin").follows(&account).await;
    let browser = Browser::open(&format!("{}/?chat=brand&keyboard=1", wechat.url())).await;
    browser.click("#message").await;
    browser.press(&["a", "b"]).await;

    wechat.person("lin").texts(&account, "meanwhile").await;
    browser.sees(".mine .bubble", "meanwhile").await;
    browser.press(&["c"]).await;

    assert_eq!(browser.value("document.getElementById('message').value").await, json!("abc"));
}

#[tokio::test]
async fn whatever_can_be_used_has_a_name() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    wechat.person("lin").follows(&account).await;
    let browser = Browser::open(&wechat.url()).await;
    for view in [
        "?",
        "?tab=discover",
        "?tab=me",
        "?chat=brand&keyboard=1",
        "?chat=shop",
        "?sheet=scan",
        "?sheet=pay",
        "?chat=brand&sheet=profile",
        "?chat=brand&sheet=more",
    ] {
        browser.go(&format!("{}/{view}", wechat.url())).await;
        let nameless = browser.value(NAMELESS).await;
        assert_eq!(nameless, json!([]), "{view}");
    }
}

/// Links, buttons and fields that a screen reader could say nothing about, and ids that occur twice.
const NAMELESS: &str = "[
    ...[...document.querySelectorAll('a:not([aria-hidden]), button, summary')]
        .filter((e) => !e.innerText.trim() && !e.ariaLabel && e.checkVisibility()),
    ...[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
        .filter((e) => !e.ariaLabel && !e.labels.length),
    ...[...document.querySelectorAll('[id]')].filter((e) => document.querySelectorAll('#' + CSS.escape(e.id)).length > 1),
].map((e) => e.outerHTML)";
