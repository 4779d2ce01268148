//! The table for people, and the same as JSON.

use std::fmt::Write as _;

use serde::Serialize;

/// One row of the result.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// Median of the turns.
    pub(crate) requests_per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
    pub(crate) max_ms: f64,
    /// The server alone, the most of all turns.
    pub(crate) rss_mib: f64,
    /// The server and the stores behind it.
    pub(crate) cpu_us_per_request: f64,
    /// To bare actix-web in the same round; median of the rounds.
    pub(crate) ratio: f64,
    /// Least `ratio`; whatever else is required of every row stands in [`Row::failings`].
    pub(crate) required: Option<f64>,
    /// What the requirement says in its own words.
    #[serde(skip)]
    pub(crate) because: String,
    /// Why the row is not good enough.
    #[serde(skip)]
    pub(crate) failings: Vec<String>,
}

impl Row {
    /// What is required of every row besides its rate.
    pub(crate) fn judge(&mut self) {
        let mut fail = |missed: bool, what: String| {
            if missed {
                self.failings.push(what);
            }
        };
        if let Some(required) = self.required {
            fail(self.ratio < required, format!("ratio {:.2} is below {}", self.ratio, self.because));
        }
        fail(self.p99_ms >= 100.0, format!("p99 {:.1} ms is not under 100 ms", self.p99_ms));
        fail(self.max_ms > 4_000.0, format!("a reply took {:.0} ms, more than 4 s", self.max_ms));
        fail(self.rss_mib >= 128.0, format!("RSS {:.0} MiB is not under 128 MiB", self.rss_mib));
    }
}

/// The table, one line a row, and under it what is missed.
pub(crate) fn table(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}  {:>9}  {:>7}  {:>7}  {:>7}  {:>7}  {:>7}  {:>7}  {:>5}  {}\n",
        "", "req/s", "p50 ms", "p99 ms", "p99.9", "max", "RSS MiB", "CPU us", "ratio", "required"
    );
    for row in rows {
        let mark = if row.failings.is_empty() { "" } else { "  MISSED" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:width$}  {:>9.0}  {:>7.2}  {:>7.2}  {:>7.2}  {:>7.1}  {:>7.1}  {:>7.1}  {:>5.2}  {}{mark}",
            row.name,
            row.requests_per_second,
            row.p50_ms,
            row.p99_ms,
            row.p999_ms,
            row.max_ms,
            row.rss_mib,
            row.cpu_us_per_request,
            row.ratio,
            row.because,
        );
    }
    for row in rows {
        for failing in &row.failings {
            let _ = writeln!(text, "MISSED: {}: {failing}", row.name);
        }
    }
    text
}
