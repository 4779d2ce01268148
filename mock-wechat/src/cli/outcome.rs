//! What came of an act: the control API's answer, read and printed.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Ended, say};

/// The answer of a verb.
#[derive(Debug, Deserialize)]
pub(super) struct Outcome {
    pub(super) deliveries: Vec<Attempt>,
    pub(super) shown: Vec<Bubble>,
    /// Notifications that will be told again.
    #[serde(default)]
    pending: Vec<Pending>,
    /// `js_code`, `code`, `transaction_id`, `note`.
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Attempt {
    event: String,
    attempt: u32,
    duplicate: bool,
    pub(super) status: Option<u16>,
    pub(super) ms: u64,
    pub(super) request: Request,
    response: Response,
    pub(super) verdict: Verdict,
}

#[derive(Debug, Deserialize)]
struct Pending {
    event: String,
    attempts: u32,
    due: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Verdict {
    pub(super) ok: bool,
    pub(super) reason: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    url: String,
    body: String,
    pub(super) plaintext: String,
}

#[derive(Debug, Deserialize)]
struct Response {
    body: Option<String>,
    plaintext: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Bubble {
    /// `person`, `account` or `wechat`.
    pub(super) from: String,
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Outcome {
    pub(super) fn read(answer: Value) -> Result<Self, String> {
        serde_json::from_value(answer)
            .map_err(|error| format!("the mock's answer is not understood: {error}"))
    }

    /// Why nothing was pushed.
    pub(super) fn note(&self) -> Option<&str> {
        self.more.get("note").and_then(Value::as_str)
    }

    /// Well when the last attempt was answered well, or when nothing had to be pushed.
    pub(super) fn ended(&self, pushes: bool) -> Ended {
        match self.deliveries.iter().rfind(|attempt| !attempt.duplicate) {
            Some(last) if last.verdict.ok => Ended::Well,
            None if !pushes => Ended::Well,
            _ => Ended::Failed,
        }
    }

    /// Every attempt, a line each, and what the person sees.
    pub(super) fn print(&self, person: &str, pushes: bool, wire: bool) {
        for attempt in &self.deliveries {
            attempt.print(wire);
        }
        for Pending { event, attempts, due } in &self.pending {
            say(format_args!("{event} attempt {}: due at {due} by the mock's clock", attempts + 1));
        }
        for (name, value) in &self.more {
            say(format_args!("{name}: {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
        }
        for bubble in &self.shown {
            say(format_args!("{person} sees: {}", bubble.in_words()));
        }
        if self.shown.is_empty() && !self.deliveries.is_empty() {
            say(format_args!("{person} sees nothing"));
        }
        say(match self.ended(pushes) {
            Ended::Well => "pass",
            Ended::Failed => "FAIL",
        });
    }
}

impl Attempt {
    fn print(&self, wire: bool) {
        let status = self.status.map_or("no answer".to_owned(), |status| format!("status {status}"));
        let verdict = if self.verdict.ok { "ok" } else { "FAIL" };
        let what = if self.duplicate { "copy" } else { "attempt" };
        say(format_args!(
            "{} {what} {}: {status} after {} ms, {verdict}: {}",
            self.event, self.attempt, self.ms, self.verdict.reason
        ));
        if !wire {
            return;
        }
        say(format_args!("  POST {}", self.request.url));
        indented("body", &self.request.body);
        if self.request.plaintext != self.request.body {
            indented("in clear", &self.request.plaintext);
        }
        if let Some(body) = &self.response.body {
            indented("answer", body);
        }
        if self.response.plaintext != self.response.body {
            self.response.plaintext.iter().for_each(|text| indented("answer in clear", text));
        }
    }
}

impl Bubble {
    /// The words; of what has none, its particulars.
    pub(super) fn content(&self) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let passing = ["id", "at", "via"];
        let particulars = self.more.iter().filter(|(name, _)| !passing.contains(&name.as_str()));
        let particulars: Map<String, Value> =
            particulars.map(|(name, value)| (name.clone(), value.clone())).collect();
        format!("[{}] {}", self.kind, Value::Object(particulars))
    }

    fn in_words(&self) -> String {
        let from = match self.from.as_str() {
            "wechat" => "WeChat",
            "account" => "the account",
            other => other,
        };
        format!("{from}: {}", self.content())
    }
}

fn indented(what: &str, text: &str) {
    say(format_args!("  {what}: {}", text.replace('\n', "\n    ")));
}
