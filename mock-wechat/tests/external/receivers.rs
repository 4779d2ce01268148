//! SDKs as an account's server, in all three modes: what they answer appears in the person's chat.

use std::process::Stdio;

use mock_wechat::{
    Action, Fault, MockWechat,
    testkit::{Account, AccountBuilder, Person},
};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::sdk::program;

/// How an SDK greets what WeChat did not sign.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forgery {
    Refused,
    /// It looks at the signature of an encrypted push alone.
    TakenInClear,
}

type Change = fn(AccountBuilder) -> AccountBuilder;

async fn converses_in_every_mode(name: &str, forgery: Forgery) {
    let modes: [(&str, Change); 3] = [
        ("plain", AccountBuilder::plain_mode),
        ("compatible", AccountBuilder::compatible_mode),
        ("safe", AccountBuilder::safe_mode),
    ];
    for (mode, in_mode) in modes {
        let mut server = program("receivers", name).arg(mode).stdout(Stdio::piped()).spawn().unwrap();
        let url = BufReader::new(server.stdout.take().unwrap()).lines().next_line().await.unwrap();
        let url = url.unwrap_or_else(|| panic!("{name} ended before it listened"));
        let wechat = MockWechat::start().await;
        let brand = in_mode(wechat.official_account("brand").callback(url)).await;

        converses(&wechat, &brand).await;

        wechat.fault(Fault::on("push", Action::BadSignature));
        let forged = wechat.person("mallory").follows(&brand).await;
        match forgery == Forgery::TakenInClear && mode == "plain" {
            true => forged.shows_text_containing("Welcome!"),
            false => forged.shows_fault_line().shows_no_text_containing("Welcome!"),
        };
        server.kill().await.unwrap();
    }
}

async fn converses(wechat: &MockWechat, brand: &Account) {
    assert!(brand.verify_url().await.ok, "the URL is verified");
    let lin = wechat.person("lin");
    lin.follows(brand).await.is_answered_well().shows_text_containing("Welcome!");
    lin.clicks(brand, "POINTS").await.is_answered_well().shows_text_containing("You have 100 points.");
    for words in ["你好 👋", "<b>&amp;</b>", "$1 {{name}} \\0"] {
        let said = format!("You said: {words}");
        lin.texts(brand, words).await.is_answered_well().shows_text_containing(&said);
    }
    shows(&lin, brand, "news", "articles", "双倍积分").await;
    shows(&lin, brand, "picture", "media_id", "3xYz-picture").await;
    lin.sends_location(brand, 31.2, 121.4, "").await.is_answered_well().shows_nothing();
    lin.unfollows(brand).await.is_answered_well().shows_nothing();
    let scanned = wechat.person("王小明").scans(brand, "store-12").await;
    scanned.is_answered_well().shows_text_containing("Welcome from store-12!");
}

/// The answer to these words is of another type than text, and this part of it says that.
async fn shows(lin: &Person, brand: &Account, words: &str, part: &str, value: &str) {
    let chat = lin.texts(brand, words).await;
    chat.is_answered_well();
    let shown = chat.shown()[0].more[part].to_string();
    assert!(shown.contains(value), "{words}: {shown}");
}

#[tokio::test]
async fn replies_of_wechatpy_appear_in_the_chat() {
    converses_in_every_mode("wechatpy_receiver.py", Forgery::Refused).await;
}

#[tokio::test]
async fn replies_of_werobot_appear_in_the_chat() {
    converses_in_every_mode("werobot_receiver.py", Forgery::Refused).await;
}

#[tokio::test]
async fn replies_of_co_wechat_appear_in_the_chat() {
    converses_in_every_mode("co_wechat_receiver.js", Forgery::Refused).await;
}

#[tokio::test]
async fn replies_of_node_easywechat_appear_in_the_chat() {
    converses_in_every_mode("node_easywechat_receiver.js", Forgery::TakenInClear).await;
}
