//! What happens when an answer does not come.

use mock_wechat::{MockWechat, testkit::AccountBuilder, world::account::PushRules};

use crate::receiver::{Answer, Receiver};

/// Impatient, so that the tests are quick: the real WeChat waits 5 s.
fn impatient(account: AccountBuilder) -> AccountBuilder {
    account.push_rules(PushRules { timeout_ms: 150, ..PushRules::default() })
}

#[tokio::test]
async fn an_unanswered_push_is_sent_three_times_each_signed_afresh() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::start(|_, _| Answer::Silence).await;
    let brand = impatient(wechat.official_account("brand")).callback(&receiver.url).await;

    let chat = wechat.person("lin").follows(&brand).await;

    chat.shows_fault_line();
    let received = receiver.received();
    let plain: Vec<_> = received.iter().map(|push| push.plaintext(&brand)).collect();
    assert_eq!(plain.len(), 3);
    assert!(plain.iter().all(|text| *text == plain[0]), "the same event");
    assert_ne!(received[0].query.nonce, received[1].query.nonce);
    assert_ne!(received[0].body, received[1].body, "a fresh ciphertext");
    assert_eq!(chat.deliveries().iter().map(|d| d.attempt).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(chat.deliveries()[0].verdict.reason.contains("within 150 ms"));
    assert!(chat.deliveries()[0].status.is_none() && chat.deliveries()[0].ms >= 150);
}

#[tokio::test]
async fn a_retry_that_is_answered_ends_the_tries_and_its_reply_is_shown() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").plain_mode().await;
    let lin = wechat.person("lin");
    let reply = crate::receiver::text_reply(&lin.open_id(&brand), brand.original_id(), "at last");
    let receiver = Receiver::start(move |n, _| match n {
        0 => Answer::Status(503),
        _ => Answer::Body(reply.clone()),
    })
    .await;
    let brand = brand.change().callback(&receiver.url).await;

    let chat = lin.follows(&brand).await;

    chat.is_answered_well().shows_text_containing("at last");
    assert_eq!(chat.deliveries().iter().map(|d| d.status).collect::<Vec<_>>(), [Some(503), Some(200)]);
}

#[tokio::test]
async fn count_and_signing_of_retries_are_the_account_s() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::start(|_, _| Answer::Status(500)).await;
    let rules = PushRules { deliveries: 4, resign: false, gap_ms: 1, ..PushRules::default() };
    let brand = wechat.official_account("brand").push_rules(rules).callback(&receiver.url).await;

    wechat.person("lin").follows(&brand).await.shows_fault_line();

    let received = receiver.received();
    assert_eq!(received.len(), 4);
    assert!(
        received
            .iter()
            .all(|p| p.query.signature == received[0].query.signature && p.body == received[0].body)
    );
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_named_as_that() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").callback("http://127.0.0.1:1/wechat").await;

    let chat = wechat.person("lin").follows(&brand).await;

    chat.shows_fault_line();
    assert!(
        chat.deliveries()[0].verdict.reason.contains("could not connect"),
        "{:?}",
        chat.deliveries()[0].verdict
    );
}

#[tokio::test]
async fn a_refusal_after_the_clock_was_moved_is_explained() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::start(|_, _| Answer::Status(403)).await;
    let brand = wechat.official_account("brand").callback(&receiver.url).await;
    let lin = wechat.person("lin");

    let before = lin.follows(&brand).await;
    wechat.advance(std::time::Duration::from_secs(7200));
    let after = lin.clicks(&brand, "POINTS").await;

    assert!(!before.deliveries()[0].verdict.reason.contains("clock"));
    assert!(after.deliveries()[0].verdict.reason.contains("7200 s ahead"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let wechat = MockWechat::start().await;
    let receiver = Receiver::start(|_, _| Answer::Status(302)).await;
    let brand = wechat.official_account("brand").callback(&receiver.url).await;

    let chat = wechat.person("lin").follows(&brand).await;

    assert_eq!(chat.deliveries().iter().map(|d| d.status).collect::<Vec<_>>(), [Some(302); 3]);
}

#[tokio::test]
async fn an_account_without_a_callback_pushes_nothing() {
    let wechat = MockWechat::start().await;
    let brand = wechat.official_account("brand").without_callback().await;

    let chat = wechat.person("lin").follows(&brand).await;

    assert!(chat.deliveries().is_empty());
    chat.shows_nothing();
}
