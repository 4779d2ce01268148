//! `load`: what was acknowledged, compared with what arrived.

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use mock_wechat::{MockWechat, wire::fields::Fields};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    program::{Ended, client, mock_wechat},
    receiver::Receiver,
    trigger::reply,
};

async fn loaded(more: &[&str]) -> (Ended, Value) {
    let mut arguments = vec!["load", "--rate", "100", "--for", "200ms", "--settle", "2s", "--json"];
    arguments.extend(more);
    let ended = mock_wechat(&arguments).await;
    let figures = serde_json::from_str(&ended.said).unwrap_or_default();
    (ended, figures)
}

#[tokio::test]
async fn everybody_is_acknowledged_and_nobody_is_lost_where_each_is_answered() {
    let receiver = Receiver::start(|_, body| reply(body, "welcome")).await;

    let (ended, figures) = loaded(&["--callback", &receiver.url, "--token", "localtoken"]).await;

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(
        (&figures["followers"], &figures["acknowledged"], &figures["lost"]),
        (&json!(20), &json!(20), &json!(0))
    );
    let mut senders: Vec<String> = receiver
        .bodies()
        .iter()
        .map(|body| Fields::parse(body).unwrap().find("FromUserName").unwrap().to_owned())
        .collect();
    senders.sort();
    senders.dedup();
    assert_eq!(senders.len(), 20, "every follower is somebody else");
}

#[tokio::test]
async fn followers_who_are_acknowledged_and_forgotten_are_counted_as_lost() {
    let count = AtomicUsize::new(0);
    let receiver = Receiver::start(move |_, body| match count.fetch_add(1, Ordering::Relaxed) % 5 {
        0 => "success".into(),
        _ => reply(body, "welcome"),
    })
    .await;

    let (ended, figures) = loaded(&["--callback", &receiver.url, "--token", "localtoken"]).await;

    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!((&figures["acknowledged"], &figures["lost"]), (&json!(20), &json!(4)), "{ended:?}");
}

#[tokio::test]
async fn a_receiver_that_nothing_is_seen_of_is_not_accused_of_losses() {
    let receiver = Receiver::start(|_, _| "success".into()).await;

    let (ended, figures) = loaded(&["--callback", &receiver.url, "--token", "localtoken"]).await;

    assert_eq!((ended.code, &figures["lost"]), (Some(0), &Value::Null), "{ended:?}");
}

#[tokio::test]
async fn whoever_is_looked_up_or_written_to_at_the_mock_has_arrived_and_is_told_once() {
    let wechat = MockWechat::start().await;
    let api = Api::of(&wechat).await;
    let receiver = api.clone().receiver(|n| if n % 2 == 0 { What::LookUp } else { What::Write(1) }).await;
    wechat.official_account("brand").callback(receiver).plain_mode().await;

    let (ended, figures) = loaded(&["--mock", &wechat.url()]).await;

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(
        (&figures["heard_of"], &figures["lost"], &figures["told_twice"]),
        (&json!(20), &json!(0), &json!(0))
    );
    assert_eq!(figures["replied"], 0);
}

#[tokio::test]
async fn whoever_is_told_the_same_twice_is_counted() {
    let wechat = MockWechat::start().await;
    let api = Api::of(&wechat).await;
    let receiver = api.receiver(|n| if n == 3 { What::Write(2) } else { What::Write(1) }).await;
    wechat.official_account("brand").callback(receiver).plain_mode().await;

    let (ended, figures) = loaded(&["--mock", &wechat.url()]).await;

    assert_eq!((ended.code, &figures["told_twice"]), (Some(1), &json!(1)), "{ended:?}");
}

#[tokio::test]
async fn refusals_are_counted_with_their_reasons_and_printed_with_a_histogram() {
    let router = Router::new().route("/wechat", post(|| async { StatusCode::SERVICE_UNAVAILABLE }));
    let url = serve(router).await;

    let arguments = ["load", "--rate", "50", "--for", "100ms", "--settle", "0s", "--callback", &url];
    let ended = mock_wechat(&[&arguments[..], &["--token", "localtoken"]].concat()).await;

    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.said.contains("5 x HTTP status 503; WeChat wants 200"), "{ended:?}");
    assert!(ended.said.contains("acknowledged  0 (15 attempts)"), "{ended:?}");
    assert!(ended.said.contains("<= ") && ended.said.contains('#'), "{ended:?}");
}

#[tokio::test]
async fn a_terminal_shows_how_far_it_is_and_then_the_figures() {
    let count = AtomicUsize::new(0);
    let receiver = Receiver::start(move |_, body| match count.fetch_add(1, Ordering::Relaxed) {
        3 => "success".into(),
        _ => reply(body, "welcome"),
    })
    .await;
    let program = env!("CARGO_BIN_EXE_mock-wechat");
    let load = format!("{program} load --rate 50 --for 1s --settle 1s --token localtoken");
    let command = format!("stty cols 120 && {load} --callback {}", receiver.url);

    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();

    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for bar in ["/50 followers, ", " left", "waiting for the receiver's calls"] {
        assert!(said.contains(bar), "{bar} is missing: {said}");
    }
    let figures = said.rsplit("followers in").next().unwrap();
    for line in ["acknowledged  50 (50 attempts)", "replied to    49", "lost          1 (", "FAIL"] {
        assert!(figures.contains(line), "{line} is missing: {said}");
    }
}

/// WeChat's API as a receiver uses it.
#[derive(Clone)]
struct Api {
    base: String,
    token: String,
    http: reqwest::Client,
}

/// What a receiver does about a follower.
enum What {
    LookUp,
    /// Says welcome, that often.
    Write(u32),
}

impl Api {
    async fn of(wechat: &MockWechat) -> Self {
        let http = client();
        let (id, secret) = ("wx00000000000000aa", "00000000000000000000000000000aaa");
        let url =
            format!("{}/cgi-bin/token?grant_type=client_credential&appid={id}&secret={secret}", wechat.url());
        let answer: Value = http.get(url).send().await.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str().unwrap().to_owned();
        Self { base: wechat.url(), token, http }
    }

    /// A receiver that acknowledges each follower and then does this about them; its URL.
    async fn receiver(self, what: impl Fn(usize) -> What + Clone + Send + Sync + 'static) -> String {
        let count = Arc::new(AtomicUsize::new(0));
        let handler = move |body: Bytes| {
            let (api, what) = (self.clone(), what(count.fetch_add(1, Ordering::Relaxed)));
            async move {
                let push = Fields::parse(std::str::from_utf8(&body).unwrap()).unwrap();
                let open_id = push.find("FromUserName").unwrap().to_owned();
                tokio::spawn(async move { api.perform(&open_id, what).await });
                "success"
            }
        };
        serve(Router::new().route("/wechat", post(handler))).await
    }

    async fn perform(&self, open_id: &str, what: What) {
        let Self { base, token, http } = self;
        match what {
            What::LookUp => {
                let url = format!("{base}/cgi-bin/user/info?access_token={token}&openid={open_id}");
                http.get(url).send().await.unwrap();
            }
            What::Write(times) => {
                let message = json!({"touser": open_id, "msgtype": "text", "text": {"content": "welcome"}});
                for _ in 0..times {
                    let url = format!("{base}/cgi-bin/message/custom/send?access_token={token}");
                    http.post(url).json(&message).send().await.unwrap();
                }
            }
        }
    }
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/wechat", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}
