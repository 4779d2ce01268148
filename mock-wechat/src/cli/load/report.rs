//! The figures, in words or as JSON.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;
use serde::Serialize;

use super::ledger::{Follower, Ledger};
use crate::cli::say;

/// Upper ends of the rows of the histogram, in milliseconds.
const ROWS: [u64; 11] = [2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];
/// Characters of the longest bar.
const WIDEST: u64 = 40;

/// What a load found.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    seconds: f64,
    followers: u64,
    per_second: f64,
    /// Answered with status 200 and well, at the last try.
    acknowledged: u64,
    /// Not answered well however often it was tried, or not pushed.
    failed: u64,
    /// Why, with how many.
    failures: BTreeMap<String, u64>,
    attempts: u64,
    /// Got a reply to the follow itself.
    replied: u64,
    /// Were looked up or written to at this mock.
    heard_of: u64,
    /// Acknowledged, and then never heard of; `null` when the receiver does not talk to this mock.
    lost: Option<u64>,
    /// Were told the same words twice.
    told_twice: u64,
    /// Calls that may have been missed, because the mock keeps a bounded number.
    calls_dropped: u64,
    /// By how much the timetable was missed at worst.
    behind_ms: u64,
    latency_ms: Latency,
    #[serde(skip)]
    histogram: Histogram<u64>,
}

#[derive(Debug, Serialize)]
struct Latency {
    p50: u64,
    p90: u64,
    p99: u64,
    #[serde(rename = "p99.9")]
    p999: u64,
    max: u64,
}

impl Report {
    pub(super) fn of(ledger: &Ledger, took: Duration) -> Self {
        let count = |is: fn(&Follower) -> bool| ledger.followers.values().filter(|f| is(f)).count() as u64;
        let followers = ledger.followers.len() as u64 + ledger.unasked;
        let mut failures: BTreeMap<String, u64> = BTreeMap::new();
        for verdict in ledger.followers.values().filter_map(|follower| follower.verdict.clone()) {
            *failures.entry(verdict).or_default() += 1;
        }
        if let Some(trouble) = &ledger.trouble {
            *failures.entry(trouble.clone()).or_default() += ledger.unasked;
        }
        let acknowledged = count(|f| f.acknowledged);
        let heard_of = count(|f| f.heard);
        let at = |quantile| ledger.latency.value_at_quantile(quantile);
        Self {
            seconds: took.as_secs_f64(),
            followers,
            per_second: followers as f64 / took.as_secs_f64().max(0.001),
            acknowledged,
            failed: followers - acknowledged,
            failures,
            attempts: ledger.attempts,
            replied: count(|f| f.replied),
            heard_of,
            lost: (ledger.calls > 0 || count(|f| f.replied) > 0)
                .then(|| count(|f| f.acknowledged && !f.arrived())),
            told_twice: count(Follower::told_twice),
            calls_dropped: ledger.calls_dropped,
            behind_ms: u64::try_from(ledger.latest.as_millis()).unwrap_or(u64::MAX),
            latency_ms: Latency {
                p50: at(0.5),
                p90: at(0.9),
                p99: at(0.99),
                p999: at(0.999),
                max: ledger.latency.max(),
            },
            histogram: ledger.latency.clone(),
        }
    }

    /// Everybody acknowledged, nobody lost, nobody told twice.
    pub(super) fn is_well(&self) -> bool {
        self.failed == 0 && self.lost.unwrap_or(0) == 0 && self.told_twice == 0
    }

    pub(super) fn print(&self) {
        say(format_args!(
            "{} followers in {:.1} s, {:.0} per second{}",
            self.followers,
            self.seconds,
            self.per_second,
            if self.behind_ms > 100 {
                format!(", up to {} ms behind the timetable", self.behind_ms)
            } else {
                String::new()
            },
        ));
        say(format_args!("acknowledged  {} ({} attempts)", self.acknowledged, self.attempts));
        say(format_args!("failed        {}", self.failed));
        for (why, many) in &self.failures {
            say(format_args!("              {many} x {why}"));
        }
        say(format_args!("replied to    {}", self.replied));
        say(format_args!("heard of      {} (looked up or written to at this mock)", self.heard_of));
        match self.lost {
            Some(lost) => say(format_args!("lost          {lost} (acknowledged, and then never heard of)")),
            None => say("lost          unknown: the receiver neither replies nor calls this mock"),
        }
        say(format_args!("told twice    {}", self.told_twice));
        if self.calls_dropped > 0 {
            say(format_args!(
                "the mock dropped {} calls to stay bounded: some of the lost may only have been missed",
                self.calls_dropped
            ));
        }
        self.print_latency();
        say(if self.is_well() { "pass" } else { "FAIL" });
    }

    fn print_latency(&self) {
        let Latency { p50, p90, p99, p999, max } = &self.latency_ms;
        say(format_args!(
            "latency       p50 {p50} ms, p90 {p90} ms, p99 {p99} ms, p99.9 {p999} ms, max {max} ms"
        ));
        let mut rows = Vec::new();
        let mut from = 0;
        for to in ROWS {
            rows.push((format!("<= {to} ms"), self.histogram.count_between(from + 1, to)));
            from = to;
        }
        rows.push((format!("> {from} ms"), self.histogram.count_between(from + 1, self.histogram.high())));
        let most = rows.iter().map(|(_, many)| *many).max().unwrap_or(0).max(1);
        let used = rows.iter().rposition(|(_, many)| *many > 0).map_or(0, |last| last + 1);
        for (label, many) in rows.iter().take(used) {
            let width = usize::try_from((many * WIDEST).div_ceil(most)).unwrap_or(0);
            say(format_args!("{label:>12}  {many:>8}  {}", "#".repeat(width)));
        }
    }
}
