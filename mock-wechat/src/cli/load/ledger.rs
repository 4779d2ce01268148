//! Who followed, what was acknowledged, and what the receiver then did about them.

use std::{collections::HashMap, time::Duration};

use hdrhistogram::Histogram;
use serde_json::Value;

use crate::{cli::outcome::Outcome, wire::fields::Fields};

/// The longest latency that is told apart, in milliseconds.
const LONGEST_MS: u64 = 60_000;

/// What happened, by follower.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) followers: HashMap<String, Follower>,
    /// Followers whose push could not even be asked for, or was not pushed.
    pub(super) unasked: u64,
    /// Why, of the last of them.
    pub(super) trouble: Option<String>,
    pub(super) attempts: u64,
    /// Milliseconds of every attempt that was answered.
    pub(super) latency: Histogram<u64>,
    /// How late the timetable ran at worst.
    pub(super) latest: Duration,
    /// Calls of the API that named one of the followers.
    pub(super) calls: u64,
    /// Calls that the mock no longer had when they were asked for.
    pub(super) calls_dropped: u64,
}

/// One follower.
#[derive(Debug, Default)]
pub(super) struct Follower {
    pub(super) acknowledged: bool,
    /// What WeChat said of the last attempt, where it was not a good one.
    pub(super) verdict: Option<String>,
    /// The receiver named them in a call.
    pub(super) heard: bool,
    /// What they were told, with how often.
    pub(super) told: HashMap<String, u32>,
    /// The reply to the push was one of these.
    pub(super) replied: bool,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            followers: HashMap::new(),
            unasked: 0,
            trouble: None,
            attempts: 0,
            latency: histogram(),
            latest: Duration::ZERO,
            calls: 0,
            calls_dropped: 0,
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "the bounds and the precision are constants within the library's limits"
)]
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_MS, 3).expect("1..=60000 with three digits")
}

impl Ledger {
    /// What came of one follow.
    pub(super) fn enter(&mut self, answer: Result<Outcome, String>, late: Duration) {
        self.latest = self.latest.max(late);
        let outcome = match answer {
            Ok(outcome) if !outcome.deliveries.is_empty() => outcome,
            Ok(outcome) => return self.miss(outcome.note().unwrap_or("nothing was pushed").to_owned()),
            Err(why) => return self.miss(why),
        };
        let mut follower = Follower::default();
        let mut open_id = String::new();
        for attempt in &outcome.deliveries {
            self.attempts += 1;
            if attempt.status.is_some() {
                self.latency.saturating_record(attempt.ms.max(1));
            }
            follower.acknowledged = attempt.verdict.ok;
            follower.verdict = (!attempt.verdict.ok).then(|| attempt.verdict.reason.clone());
            let sender = Fields::parse(&attempt.request.plaintext).ok();
            open_id = sender.and_then(|s| s.find("FromUserName").map(str::to_owned)).unwrap_or(open_id);
        }
        for bubble in outcome.shown.iter().filter(|bubble| bubble.from == "account") {
            follower.replied = true;
            *follower.told.entry(bubble.content()).or_default() += 1;
        }
        self.followers.insert(open_id, follower);
    }

    /// A call that the receiver made.
    pub(super) fn hear(&mut self, call: &Value) {
        if call["errcode"].as_i64() != Some(0) {
            return;
        }
        let request: Value =
            serde_json::from_str(call["request"].as_str().unwrap_or_default()).unwrap_or_default();
        let listed = request["user_list"].as_array().into_iter().flatten().map(|user| &user["openid"]);
        let named = [&call["query"]["openid"], &request["touser"], &request["openid"]];
        let mut about_followers = false;
        for open_id in named.into_iter().chain(listed).filter_map(Value::as_str) {
            if let Some(follower) = self.followers.get_mut(open_id) {
                follower.heard = true;
                about_followers = true;
            }
        }
        self.calls += u64::from(about_followers);
        let is_message = call["path"] == "/cgi-bin/message/custom/send";
        if let Some(follower) = request["touser"].as_str().and_then(|id| self.followers.get_mut(id))
            && is_message
        {
            *follower.told.entry(content(&request)).or_default() += 1;
        }
    }

    fn miss(&mut self, why: String) {
        self.unasked += 1;
        self.trouble = Some(why);
    }
}

impl Follower {
    /// Whether anything shows that the receiver knows of them.
    pub(super) fn arrived(&self) -> bool {
        self.heard || self.replied
    }

    /// The same words more than once.
    pub(super) fn told_twice(&self) -> bool {
        self.told.values().any(|times| *times > 1)
    }
}

/// The words of a customer-service message; of other kinds, the whole of it.
fn content(message: &Value) -> String {
    let kind = message["msgtype"].as_str().unwrap_or_default();
    match message[kind]["content"].as_str() {
        Some(words) => words.to_owned(),
        None => message[kind].to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn follow(open_id: &str, reply: Option<&str>) -> Outcome {
        let shown: Vec<Value> =
            reply.iter().map(|text| json!({"from": "account", "type": "text", "text": text})).collect();
        let plaintext = format!("<xml><FromUserName>{open_id}</FromUserName></xml>");
        Outcome::read(json!({
            "deliveries": [{
                "event": "subscribe", "attempt": 1, "duplicate": false, "status": 200, "ms": 7,
                "request": {"url": "", "body": "", "plaintext": plaintext},
                "response": {"body": null, "plaintext": null},
                "verdict": {"ok": true, "reason": ""},
            }],
            "shown": shown,
        }))
        .unwrap()
    }

    fn sent(to: &str, words: &str) -> Value {
        let request = json!({"touser": to, "msgtype": "text", "text": {"content": words}}).to_string();
        json!({"path": "/cgi-bin/message/custom/send", "errcode": 0, "query": {}, "request": request})
    }

    #[test]
    fn a_follower_has_arrived_once_the_receiver_names_them() {
        let mut ledger = Ledger::default();
        for open_id in ["looked-up", "batched", "written-to", "lost"] {
            ledger.enter(Ok(follow(open_id, None)), Duration::ZERO);
        }

        ledger.hear(&json!({"path": "/cgi-bin/user/info", "errcode": 0, "query": {"openid": "looked-up"}, "request": ""}));
        let list = json!({"user_list": [{"openid": "batched"}]}).to_string();
        ledger.hear(
            &json!({"path": "/cgi-bin/user/info/batchget", "errcode": 0, "query": {}, "request": list}),
        );
        ledger.hear(&sent("written-to", "hello"));

        let lost: Vec<&String> =
            ledger.followers.iter().filter(|(_, follower)| !follower.arrived()).map(|(id, _)| id).collect();
        assert_eq!(lost, ["lost"]);
        assert_eq!(ledger.calls, 3);
    }

    #[test]
    fn the_same_words_in_the_reply_and_in_a_message_are_a_duplicate_and_others_are_not() {
        let mut ledger = Ledger::default();
        ledger.enter(Ok(follow("twice", Some("welcome"))), Duration::ZERO);
        ledger.enter(Ok(follow("once", Some("welcome"))), Duration::ZERO);

        ledger.hear(&sent("twice", "welcome"));
        ledger.hear(&sent("once", "you have 100 points"));

        assert!(ledger.followers["twice"].told_twice());
        assert!(!ledger.followers["once"].told_twice());
    }
}
