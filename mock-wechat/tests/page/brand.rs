//! The server of the Official Account `brand`: it answers every push in words.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, routing::post};
use mock_wechat::{MockWechat, testkit::Account, wire::fields::Fields};

/// What the welcome says.
pub(crate) const WELCOME: &str =
    "欢迎！您已累积 10,000 积分。<a href=\"https://example.com/join?a=1&b=2\">立即入会</a>";

type Words = dyn Fn(&Fields) -> String + Send + Sync;

/// `brand` with a server that welcomes, and tells the points when the menu asks.
pub(crate) async fn welcoming(wechat: &MockWechat) -> Account {
    answering(wechat, |message| match (message.find("Event"), message.find("EventKey")) {
        (Some("subscribe"), _) => WELCOME.to_owned(),
        (Some("CLICK"), Some(key)) => format!("You asked for {key}: 10,000 points."),
        (Some("SCAN"), Some(scene)) => format!("Good to see you at {scene}."),
        (None, _) => format!("You wrote: {}", message.find("Content").unwrap_or_default()),
        _ => String::new(),
    })
    .await
}

/// `brand` with a server that answers in these words; with nothing, where there are none.
pub(crate) async fn answering(
    wechat: &MockWechat,
    words: impl Fn(&Fields) -> String + Send + Sync + 'static,
) -> Account {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wechat", listener.local_addr().unwrap());
    let words: Arc<Words> = Arc::new(words);
    let router = Router::new().route("/wechat", post(answer)).with_state(words);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    wechat.official_account("brand").plain_mode().callback(url).await
}

/// What an account is told, in clear.
pub(crate) async fn heard(account: &Account) -> Arc<Mutex<Vec<String>>> {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wechat", listener.local_addr().unwrap());
    let keeps = told.clone();
    let router = Router::new().route(
        "/wechat",
        post(move |body: String| async move {
            keeps.lock().unwrap().push(body);
            "success"
        }),
    );
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    account.change().plain_mode().callback(url).await;
    told
}

async fn answer(State(words): State<Arc<Words>>, body: String) -> String {
    let push = Fields::parse(&body).unwrap();
    let content = words(&push);
    if content.is_empty() {
        return "success".into();
    }
    Fields::new()
        .text("ToUserName", push.find("FromUserName").unwrap())
        .text("FromUserName", push.find("ToUserName").unwrap())
        .number("CreateTime", 1_760_000_001)
        .text("MsgType", "text")
        .text("Content", content)
        .to_xml()
}
