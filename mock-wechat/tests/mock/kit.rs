//! The library: isolation, expectations, failure messages.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mock_wechat::MockWechat;

use crate::{
    client::Http,
    receiver::{Receiver, text_reply},
};

fn panic_of(action: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(action)).unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

#[tokio::test]
async fn two_mocks_share_nothing_but_ids() {
    let (one, other) = (MockWechat::start().await, MockWechat::start().await);
    let brand = one.official_account("brand").without_callback().await;
    one.person("lin").follows(&brand).await;

    assert_ne!(one.url(), other.url());
    assert_eq!(one.person("lin").open_id(&brand), other.person("lin").open_id(&brand));
    let brand_there = other.official_account("brand").await;
    assert!(!other.person("lin").chat(&brand_there).follows());
}

#[test]
fn it_works_without_any_runtime_of_the_test_s_own() {
    futures::executor::block_on(async {
        let wechat = MockWechat::start().await;
        let brand = wechat.official_account("brand").callback("http://127.0.0.1:1/").await;
        wechat.person("lin").follows(&brand).await.shows_fault_line();
    });
}

#[tokio::test]
async fn a_failed_assertion_shows_the_nearest_text_and_the_wire() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").plain_mode().await;
    let lin = wechat.person("lin");
    let reply = text_reply(&lin.open_id(&brand), brand.original_id(), "You have 1,000 points");
    let receiver = Receiver::answering(&reply).await;
    let brand = brand.change().callback(&receiver.url).await;
    let chat = lin.follows(&brand).await;

    let message = panic_of(|| {
        chat.shows_text_containing("10,000 points");
    });

    for needle in [
        "the chat of lin with brand",
        "expected: a text containing \"10,000 points\"",
        "nearest:  \"You have 1,000 points\"",
        "subscribe (attempt 1): 200",
        "<Event><![CDATA[subscribe]]></Event>",
    ] {
        assert!(message.contains(needle), "{needle} is not in\n{message}");
    }
}

#[tokio::test]
async fn expectations_are_verified_when_the_mock_is_dropped() {
    let wechat = MockWechat::start().await;
    wechat.expect_call("/cgi-bin/user/get").exactly(2);
    wechat.expect_call("/cgi-bin/token").never();
    Http::to(&wechat).get("/cgi-bin/user/get").await;

    let message = panic_of(|| drop(wechat));

    assert!(message.contains("expected exactly 2 call(s) to /cgi-bin/user/get, there were 1"), "{message}");
    assert!(!message.contains("no call"), "the other one is met: {message}");
    assert!(message.contains("GET /cgi-bin/user/get  -> 200"), "{message}");
}

#[tokio::test]
async fn what_an_account_sends_later_is_waited_for() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").without_callback().await;
    let lin = wechat.person("lin");
    let chat = lin.follows(&brand).await;
    chat.shows_nothing();
    let http = Http::to(&wechat);
    let to = lin.open_id(&brand);

    let sending = async {
        let token = http.stable_token(&brand).await;
        let text = serde_json::json!({"touser": to, "msgtype": "text", "text": {"content": "10,000 points"}});
        http.post(&format!("/cgi-bin/message/custom/send?access_token={token}"), text).await
    };
    let (_, answer) = futures::join!(chat.wait_for_text_containing("10,000"), sending);

    assert_eq!(answer["errcode"], 0);
    wechat.wait_for_calls("/cgi-bin/message/custom/send", 1).await;
}

#[tokio::test]
async fn an_impossible_act_panics_with_the_reason() {
    let wechat = MockWechat::start().await;
    let shop = wechat.mini_program("shop").await;
    let lin = wechat.person("lin");

    let panic = tokio::spawn(async move { lin.follows(&shop).await }).await.unwrap_err().into_panic();

    assert!(panic.downcast_ref::<String>().unwrap().contains("takes an Official Account"));
}
