//! What operators see: log lines, metrics, and what never appears in either.
//!
//! Log lines are plain words plus fields. They never hold a token, a key, a body, an OpenID or a UnionID: a person is
//! `person.id`. Metrics are named after the stages.

use std::collections::HashMap;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Log, LogFormat};

/// Upper bounds of the latency histograms, seconds; the last ones are WeChat's five and our four.
const SECONDS: [f64; 15] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 4.0, 5.0];

/// Upper bounds of the sizes of commits.
const BATCH: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

const METRICS_EVERY: Duration = Duration::from_secs(1);

/// Installs the log for the whole process. A second call changes nothing.
///
/// # Errors
/// When `log.level` is no filter.
pub fn log_lines(log: &Log) -> Result<(), String> {
    let filter = EnvFilter::try_new(&log.level).map_err(|e| format!("log.level: {e}"))?;
    // The HTTP client's own debug lines hold URLs, and WeChat's URLs hold tokens and secrets.
    let filter = ["reqwest=off", "hyper_util=off", "hyper=off", "tokio_postgres=warn"]
        .iter()
        .filter_map(|directive| directive.parse().ok())
        .fold(filter, EnvFilter::add_directive);
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let installed = match log.format {
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
        LogFormat::Pretty => registry.with(lines.with_target(false)).try_init(),
    };
    drop(installed);
    Ok(())
}

/// The process's metrics, rendered by `/metrics`.
///
/// # Errors
/// When another recorder was installed before.
pub fn metrics() -> Result<PrometheusHandle, String> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            PrometheusBuilder::new()
                .set_buckets(&SECONDS)
                .and_then(|builder| {
                    builder.set_buckets_for_metric(Matcher::Full("gateway_settle_batch_size".into()), &BATCH)
                })
                .and_then(PrometheusBuilder::install_recorder)
                .map_err(|e| e.to_string())
        })
        .clone()
}

/// Sorts what was measured into the histograms' buckets, for as long as the gateway runs: until then every single
/// measurement is kept, and where nobody asks for `/metrics`, nothing else would do it.
pub async fn keep_metrics(metrics: PrometheusHandle) {
    let mut interval = tokio::time::interval(METRICS_EVERY);
    loop {
        interval.tick().await;
        metrics.run_upkeep();
    }
}

/// The handles of what every callback touches, looked up once.
pub struct Stages {
    /// Stage 1.
    pub verify: Histogram,
    /// Stage 2.
    pub parse: Histogram,
    /// Stage 3, only where the platform had to be asked.
    pub who: Histogram,
    /// Stage 4.
    pub settle: Histogram,
    /// Stage 5, up to the passive reply, of a push that was settled.
    pub answer: Histogram,
    /// The whole callback.
    pub total: Histogram,
    /// Our clock minus WeChat's timestamp, seconds.
    pub skew: Gauge,
    /// What became of every push.
    pub pushes: Pushes,
}

impl Stages {
    /// Registers the handles.
    #[must_use]
    pub fn register() -> Self {
        let stage = |name: &'static str| metrics::histogram!("gateway_stage_seconds", "stage" => name);
        Self {
            verify: stage("verify"),
            parse: stage("event"),
            who: stage("identity"),
            settle: stage("settle"),
            answer: stage("answer"),
            total: stage("callback"),
            skew: metrics::gauge!("gateway_clock_skew_seconds"),
            pushes: Pushes::default(),
        }
    }
}

/// `gateway_pushes_total`. Every handle is looked up when it is first needed, and kept: looking up costs ten times as
/// much as counting.
#[derive(Default)]
pub struct Pushes(RwLock<HashMap<[&'static str; 2], Counter, foldhash::fast::RandomState>>);

impl Pushes {
    /// One push of a kind, and what became of it.
    pub fn count(&self, kind: &'static str, outcome: &'static str) {
        let handles = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = handles.get(&[kind, outcome]) {
            return counter.increment(1);
        }
        drop(handles);
        let counter = metrics::counter!("gateway_pushes_total", "kind" => kind, "outcome" => outcome);
        counter.increment(1);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert([kind, outcome], counter);
    }
}

impl std::fmt::Debug for Stages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stages")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_push_of_a_kind_is_counted_and_so_are_those_after_it() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let pushes = Pushes::default();

        metrics::with_local_recorder(&recorder, || {
            for (kind, outcome) in
                [("text", "settled"), ("text", "repeated"), ("text", "settled"), ("scan", "settled")]
            {
                pushes.count(kind, outcome);
            }
        });

        let text = recorder.handle().render();
        for line in [
            r#"gateway_pushes_total{kind="text",outcome="settled"} 2"#,
            r#"gateway_pushes_total{kind="text",outcome="repeated"} 1"#,
            r#"gateway_pushes_total{kind="scan",outcome="settled"} 1"#,
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }
}
