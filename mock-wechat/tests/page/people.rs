//! Several people, two languages, and names that want to be more than names.

use mock_wechat::MockWechat;
use serde_json::json;

use crate::{brand, browser::Browser};

const HOSTILE: &str = "<img src=x onerror=\"window.owned=1\">";

#[tokio::test]
async fn a_new_person_has_a_phone_of_their_own() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    wechat.person("lin").follows(&account).await;
    let browser = Browser::open(&wechat.url()).await;
    browser.sees("#phone", "brand").await;

    browser.click("#people summary").await;
    browser.picture("people").await;
    browser.write("#new-person", "小美").await;
    browser.click_on("Create").await;
    browser.sees("#people summary", "小美").await;
    browser.sees("#phone", "Nothing here yet").await;

    browser.click("#people summary").await;
    browser.click_on("lin").await;
    browser.sees("#phone", "10,000").await;
}

#[tokio::test]
async fn the_chosen_language_and_darkness_are_remembered() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    wechat.person("lin").follows(&account).await;
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;

    browser.click("#language").await;
    browser.sees("#wire h2", "线路").await;
    browser.click("#theme").await;
    browser.click("#theme").await;
    browser.click("#theme").await;
    browser.go(&format!("{}/?chat=brand", wechat.url())).await;

    browser.sees("#windows", "消息窗口").await;
    assert_eq!(browser.value("document.documentElement.lang").await, json!("zh-CN"));
    assert_eq!(browser.value("document.documentElement.dataset.theme").await, json!("dark"));
    browser.picture("dark-chinese").await;
}

#[tokio::test]
async fn names_texts_and_replies_never_become_markup() {
    let wechat = MockWechat::start().await;
    let account = brand::answering(&wechat, |_| {
        format!("{HOSTILE} <a href=\"javascript:window.owned=1\">{HOSTILE}</a>")
    })
    .await;
    let person = wechat.person(HOSTILE);
    person.follows_from(&account, HOSTILE).await;
    person.texts(&account, &format!("</textarea></pre><script>window.owned=1</script>{HOSTILE}")).await;
    let browser = Browser::open(&format!(
        "{}/?chat=brand&note=%3Cimg%20src=x%20onerror=window.owned=1%3E",
        wechat.url()
    ))
    .await;

    browser.sees("#people summary", HOSTILE).await;
    browser.sees(".theirs .bubble", HOSTILE).await;
    browser.sees("#note", "<img").await;
    browser.click("#note-close").await;
    browser.click("#timeline .push summary").await;
    browser.sees("#timeline .push[open] .rest", "<script>window.owned=1</script>").await;
    browser.picture("hostile").await;

    assert_eq!(browser.value("window.owned === undefined").await, json!(true));
    assert_eq!(
        browser.value("document.querySelectorAll('img:not(.brand img), #phone script').length").await,
        json!(0)
    );
    assert_eq!(browser.value("document.querySelectorAll('a[href^=\"javascript\"]').length").await, json!(0));
}
