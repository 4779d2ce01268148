//! On a real phone.

use mock_wechat::MockWechat;
use serde_json::json;

use crate::{brand, browser::Browser};

#[tokio::test]
async fn on_a_phone_s_width_one_part_at_a_time_fills_the_screen() {
    let wechat = MockWechat::start().await;
    brand::welcoming(&wechat).await;
    let browser = Browser::open_on_phone(&wechat.url()).await;
    let too_wide = "document.documentElement.scrollWidth > 390";
    browser.picture("small-1-start").await;

    browser.click("#scan-first").await;
    browser.sees(".sheet", "store-12").await;
    browser.picture("small-2-scan").await;
    browser.click(".codes .code").await;
    browser.sees(".theirs .bubble", "10,000").await;
    assert_eq!(browser.value(too_wide).await, json!(false));
    browser.picture("small-3-welcome").await;

    browser.click_on("Wire").await;
    browser.click("#timeline .push summary").await;
    browser.sees("#timeline .push[open] .rest", "<![CDATA[subscribe]]>").await;
    assert_eq!(browser.value(too_wide).await, json!(false));
    browser.picture("small-4-wire").await;

    browser.click_on("Controls").await;
    browser.sees("#windows", "Followed").await;
    assert_eq!(browser.value(too_wide).await, json!(false));
    browser.picture("small-5-controls").await;
}
