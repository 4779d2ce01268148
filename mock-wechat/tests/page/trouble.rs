//! When the account's server does not do what it should.

use mock_wechat::MockWechat;

use crate::{brand, browser::Browser};

#[tokio::test]
async fn without_a_receiver_the_phone_shows_the_grey_line_and_the_wire_says_why() {
    let wechat = MockWechat::start().await;
    // A port that was free a moment ago: nobody listens there.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    wechat.official_account("brand").callback(format!("http://{free}/wechat")).await;
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;

    browser.click("#follow").await;

    browser.sees(".notice.fault", "experiencing problems").await;
    browser.sees("#timeline .push.bad", "could not connect").await;
    browser.sees("#timeline .push.bad", "Nothing listens there. Start your server on this address").await;
    browser.sees("#note", "the wire says why").await;
    browser.click("#timeline .push:last-child summary").await;
    // The local account is in safe mode: what was sent cannot be read, what was meant can.
    browser.sees(".push[open] .rest", "Decrypted request").await;
    browser.sees(".push[open] .rest", "<Event><![CDATA[subscribe]]></Event>").await;
    browser.sees(".push[open] .rest", "<Encrypt><![CDATA[").await;
    browser.picture("fault-line").await;
}

#[tokio::test]
async fn an_account_without_a_callback_is_told_where_to_set_one_and_then_works() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    let callback = account.configuration().callback.clone().unwrap();
    wechat.official_account("brand").without_callback().await;
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;
    browser.click("#follow").await;
    browser.sees("#note", "no callback").await;

    browser.click("#settings summary").await;
    browser.write("#settings [name=callback]", &callback).await;
    browser.click("#settings-save").await;
    browser.sees("#note", "Saved").await;
    browser.click_on("我的积分").await;

    browser.sees(".theirs .bubble", "You asked for POINTS").await;
}

#[tokio::test]
async fn a_push_copied_as_curl_arrives_as_it_did_before() {
    let wechat = MockWechat::start().await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let account = brand::answering(&wechat, move |push| {
        tell.send(push.find("Content").map(str::to_owned)).unwrap();
        String::new()
    })
    .await;
    wechat.person("lin").follows(&account).await;
    wechat.person("lin").texts(&account, "it's $HOME `ls` \"x\"").await;
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;
    browser.click("#timeline .push summary").await;
    browser.sees(".push[open] .do", "Copy as curl").await;

    let command = browser.value("document.querySelector('.push[open] [id^=curl]').textContent").await;
    let command = command.as_str().unwrap().to_owned();
    let shell = move || std::process::Command::new("sh").arg("-c").arg(command).output().unwrap();
    let ran = tokio::task::spawn_blocking(shell).await.unwrap();

    assert!(String::from_utf8_lossy(&ran.stdout).ends_with("success"), "{ran:?}");
    let contents: Vec<_> = std::iter::from_fn(|| told.try_recv().ok()).collect();
    let said = Some("it's $HOME `ls` \"x\"".to_owned());
    assert_eq!(contents, [None, said.clone(), said]);
}

#[tokio::test]
async fn a_push_is_sent_again_and_edited_and_sent() {
    let wechat = MockWechat::start().await;
    let account = brand::welcoming(&wechat).await;
    wechat.person("lin").follows(&account).await;
    wechat.person("lin").texts(&account, "hello").await;
    let before = wechat.deliveries();
    let browser = Browser::open(&format!("{}/?chat=brand", wechat.url())).await;

    browser.click("#timeline .push summary").await;
    browser.click_on("Send again").await;
    browser.sees("#note", "Sent.").await;
    let all = wechat.deliveries();
    let (first, same) = (before.last().unwrap(), all.last().unwrap());
    assert_eq!((&first.request.url, &first.request.body), (&same.request.url, &same.request.body));

    browser.click("#note-close").await;
    browser.click_on("Send with new signature").await;
    browser.sees("#note", "Sent.").await;
    let all = wechat.deliveries();
    let signed = all.last().unwrap();
    assert_ne!(first.request.url, signed.request.url);
    assert_eq!(first.request.plaintext, signed.request.plaintext);

    browser.click("#note-close").await;
    browser.click_on("Edit and send").await;
    let edited = first.request.plaintext.replace("hello", "edited by hand");
    browser.write(".edit textarea", &edited).await;
    browser.picture("edit").await;
    browser.click(".edit .button").await;
    browser.sees(".theirs .bubble", "You wrote: edited by hand").await;
}
