//! What is measured and traced.

use std::sync::{Arc, Mutex};

use tracing::Subscriber;
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::harness::TestGateway;

const STAGES: [&str; 5] = ["verify", "event", "identity", "settle", "answer"];

#[tokio::test]
async fn metrics_count_pushes_and_welcomes_by_name() {
    let gateway = TestGateway::start().await;
    gateway.act("lin", "follow", serde_json::json!({ "account": "brand" })).await;

    let metrics = gateway.get("/metrics").await.text().await.unwrap();

    for line in [
        "gateway_pushes_total{kind=\"subscribe\",outcome=\"settled\"} 1",
        "gateway_welcomes_total{fate=\"passive\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn every_stage_is_timed_and_so_is_the_whole_callback() {
    let gateway = TestGateway::start().await;
    gateway.act("lin", "follow", serde_json::json!({ "account": "brand" })).await;

    // A stranger is settled twice: once to learn that nobody knows them.
    assert_eq!(timed(&gateway).await, [1, 1, 1, 2, 1, 1]);

    // A notice to the account's operator is about nobody.
    let notice = "<xml><ToUserName><![CDATA[gh_0000000000aa]]></ToUserName><FromUserName><![CDATA[]]></FromUserName>\
                  <CreateTime>1760000000</CreateTime><MsgType><![CDATA[event]]></MsgType>\
                  <Event><![CDATA[card_pass_check]]></Event><CardId><![CDATA[pcard]]></CardId></xml>";
    let url = format!("{}/_mock/events/raw", gateway.wechat.url());
    let raw = serde_json::json!({ "account": "brand", "body": notice });
    gateway.http.post(url).json(&raw).send().await.unwrap().error_for_status().unwrap();
    assert_eq!(timed(&gateway).await, [2, 2, 1, 2, 2, 2]);
}

/// How often each of [`STAGES`] has been timed, and the whole callback.
async fn timed(gateway: &TestGateway) -> Vec<u64> {
    let metrics = gateway.get("/metrics").await.text().await.unwrap();
    let count = |stage: &str| {
        let count = format!("gateway_stage_seconds_count{{stage=\"{stage}\"}} ");
        let counted = metrics.lines().find_map(|line| line.strip_prefix(&count));
        counted.unwrap_or_else(|| panic!("{stage} in\n{metrics}")).parse().unwrap()
    };
    STAGES.into_iter().chain(["callback"]).map(count).collect()
}

#[tokio::test]
async fn every_stage_has_a_span_inside_that_of_the_callback() {
    let spans = Spans::default();
    tracing_subscriber::registry().with(spans.clone()).init();
    let gateway = TestGateway::start().await;

    gateway.act("lin", "follow", serde_json::json!({ "account": "brand" })).await;

    let seen = std::mem::take(&mut *spans.0.lock().unwrap());
    for stage in STAGES {
        let parents: Vec<_> = seen.iter().filter(|span| span.name == stage).map(|span| span.parent).collect();
        assert!(!parents.is_empty(), "no span {stage} in {seen:?}");
        assert!(parents.iter().all(|parent| *parent == Some("callback")), "{stage} in {parents:?}");
    }
}

/// Every span that the gateway opened.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Span>>>);

#[derive(Debug)]
struct Span {
    name: &'static str,
    parent: Option<&'static str>,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        if metadata.target().starts_with("wechat_gateway") {
            let parent = context.span(id).and_then(|span| Some(span.parent()?.name()));
            self.0.lock().unwrap().push(Span { name: metadata.name(), parent });
        }
    }
}
