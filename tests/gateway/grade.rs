//! mock-wechat's examination of our own gateway: nothing to complain of, in any mode.

use mock_wechat::grade::{Grade, grade};
use mock_wechat::world::account::{Account, Mode};
use serde_json::Value;

use crate::harness::TestGateway;

async fn is_faultless(account: &str, mode: Mode) {
    let word = serde_json::to_value(mode).unwrap().as_str().unwrap().to_owned();
    let setting = format!("GATEWAY_ACCOUNTS__{}__MODE", account.to_uppercase());
    // A busy machine shall not make the store look late: what is examined is what the gateway says.
    let patience = ("GATEWAY_BUDGET__SETTLE_MS", "2500");
    let gateway = TestGateway::start_with(&[(&setting, &word), patience]).await;
    let known: Value = {
        let url = format!("{}/_mock/accounts/{account}", gateway.wechat.url());
        gateway.http.get(url).send().await.unwrap().json().await.unwrap()
    };
    let account = Account { mode, ..serde_json::from_value(known).unwrap() };

    let card = grade(&account, |_| {}).await.unwrap();

    assert_eq!(card.grade, Grade::A, "{account:?} in {word} mode:\n{}", card.complaints());
    assert_eq!(card.skipped, 0, "{}", card.complaints());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_examination_finds_nothing_in_safe_mode() {
    is_faultless("brand", Mode::Safe).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_examination_finds_nothing_in_plain_mode() {
    is_faultless("brand", Mode::Plain).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_examination_finds_nothing_in_compatible_mode() {
    is_faultless("brand", Mode::Compatible).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_examination_finds_nothing_in_a_mini_program_with_json() {
    is_faultless("shop", Mode::Safe).await;
}
