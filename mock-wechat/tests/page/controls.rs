//! The panel above the wire, and the filter.

use mock_wechat::MockWechat;

use crate::{brand, browser::Browser};

#[tokio::test]
async fn a_fault_from_the_panel_befalls_the_next_push() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    wechat.person("lin").follows(&account).await;
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;

    browser.click("#faults summary").await;
    browser.click("#fault-do option:nth-child(5)").await;
    browser.write("#fault-value", "2").await;
    browser.click("#fault-add").await;
    browser.sees(".faults", "duplicate 2").await;
    browser.picture("faults").await;
    browser.click_on("我的积分").await;
    browser.sees("#timeline .push", "copy").await;
    browser.sees(".faults", "happened 1/1").await;

    assert_eq!(wechat.deliveries().len(), 1 + 3);
    browser.click(".faults .link").await;
    browser.sees("#faults", "Nothing goes wrong on purpose").await;
}

#[tokio::test]
async fn a_nonsensical_fault_is_refused_with_what_would_make_sense() {
    let wechat = MockWechat::start().await;
    let browser = Browser::open(&wechat.url()).await;
    browser.click("#faults summary").await;
    browser.write("#fault-on", "nowhere").await;
    browser.write("#fault-value", "100").await;
    browser.click("#fault-add").await;
    browser.sees("#note .bad, .note.bad", "/cgi-bin/user/info").await;
}

#[tokio::test]
async fn the_clock_moves_windows_count_down_and_close() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    wechat.person("lin").follows(&account).await;
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;
    browser.sees("#windows", "Followed").await;
    browser.sees("#windows .countdown", "0:").await;

    browser.click("#clock [value='1m']").await;
    browser.sees("#windows", "45015").await;
    browser.sees("#clock", "ahead of real time by 1 min").await;
    browser.write("#clock-by", "soon").await;
    browser.click_on("Advance").await;
    browser.sees(".note.bad", "not a span of time").await;
    browser.click_on("Back to real time").await;
    browser.sees("#clock", "real time").await;
}

#[tokio::test]
async fn what_happens_elsewhere_appears_by_itself() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    wechat.person("lin").follows(&account).await;
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;
    browser.sees(".theirs .bubble", "欢迎").await;

    wechat.person("lin").texts(&account, "from a test").await;
    browser.sees(".mine .bubble", "from a test").await;
    browser.sees(".theirs .bubble", "You wrote: from a test").await;

    let url = format!("{}/_mock/clock", wechat.url());
    crate::client().post(url).body(r#"{"advance": "3h"}"#).send().await.unwrap();
    browser.sees("#clock", "ahead of real time by 3 h").await;
}

#[tokio::test]
async fn the_filter_tells_people_accounts_and_kinds_apart() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    wechat.person("lin").follows(&account).await;
    wechat.person("mei").texts(&wechat.mini_program("shop").without_callback().await, "x").await;
    wechat.person("mei").follows_from(&account, "of-mei").await;
    let token = format!(
        "{}/cgi-bin/token?grant_type=client_credential&appid={}&secret=wrong",
        wechat.url(),
        account.app_id()
    );
    crate::client().get(token).send().await.unwrap();
    let browser = Browser::open(&format!("{}/?person=lin&chat=brand", wechat.url())).await;
    let entries = "document.querySelectorAll('#timeline .entry').length";

    browser.sees("#timeline", "/cgi-bin/token").await;
    assert_eq!(browser.value(entries).await, 2, "lin's follow and the call");
    browser.click("#scope-account").await;
    browser.sees("#scope-account[aria-current]", "Account").await;
    assert_eq!(browser.value(entries).await, 3);
    browser.click("#kind-bad").await;
    browser.sees("#kind-bad[aria-current]", "Failed").await;
    assert_eq!(browser.value(entries).await, 1);
    browser.click("#kind-any").await;
    browser.write("#find", "of-mei").await;
    browser.press(&["\u{E007}"]).await;
    browser.script(WAIT_FOR_ONE, &serde_json::json!([])).await;
    browser.picture("filter").await;
}

/// Until the filter has left one entry.
const WAIT_FOR_ONE: &str = "const done = arguments[0];
    const look = () => document.querySelectorAll('#timeline .entry').length === 1;
    if (look()) done(); else new MutationObserver((_, watch) => { if (look()) { watch.disconnect(); done(); } })
        .observe(document, { childList: true, subtree: true });";

#[tokio::test]
async fn a_notification_that_was_not_taken_counts_down_beside_the_clock() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await.change().pay_notify_url("http://127.0.0.1:1/").await;
    wechat.person("lin").pays(&account, 12_900).await;
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;
    browser.sees("#retries", "attempt 2").await;
    browser.sees("#retries .countdown", "0:").await;
    browser.picture("retries").await;

    browser.click("#clock [value='1m']").await;

    browser.sees("#retries", "attempt 5").await;
    browser.sees("#timeline", "TRANSACTION.SUCCESS").await;
}
