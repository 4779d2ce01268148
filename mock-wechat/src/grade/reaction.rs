//! What a receiver did with a letter, and what to think of that.

use super::card::Finding;
use crate::{
    journal::Verdict,
    push::{Push, judge},
    wire::fields::Fields,
};

/// What a receiver did.
#[derive(Debug, Default)]
pub(super) struct Reaction {
    /// HTTP status; `None` when there was no answer.
    pub(super) status: Option<u16>,
    pub(super) content_type: String,
    /// Whether a browser may take the body for something else than its content type.
    pub(super) sniffs: bool,
    pub(super) body: Vec<u8>,
    /// Why there was no answer.
    pub(super) trouble: Option<String>,
    /// It still held the connection when the time was over.
    pub(super) waits: bool,
    pub(super) ms: u64,
    /// WeChat's verdict on an answer with status 200.
    pub(super) verdict: Option<Verdict>,
    /// The reply in clear, where it gave one.
    pub(super) reply: Option<String>,
}

impl Reaction {
    pub(super) fn judged(mut self, push: &Push) -> Self {
        if self.status == Some(200) {
            let judgement = judge(push, &self.body);
            self.verdict = Some(judgement.verdict);
            self.reply = judgement.plaintext;
        }
        self
    }

    /// Whether WeChat is content with it.
    pub(super) fn is_well(&self) -> bool {
        self.verdict.as_ref().is_some_and(|verdict| verdict.ok)
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// `status 403`, `status 200: a text of 12 bytes`, or why there was none.
    pub(super) fn in_words(&self) -> String {
        match (&self.status, &self.verdict) {
            (Some(status), Some(verdict)) => format!("status {status}: {}", verdict.reason),
            (Some(status), None) => format!("status {status}"),
            (None, _) => self.trouble.clone().unwrap_or_else(|| "no answer".to_owned()),
        }
    }

    /// The reply without what may differ from one rendering to the next. `None` where nothing was said.
    pub(super) fn words(&self) -> Option<Fields> {
        Fields::parse(self.reply.as_deref()?).ok().map(|fields| fields.without("CreateTime"))
    }

    /// Whether it is a reply, also one that WeChat would not deliver.
    fn is_a_reply(&self) -> bool {
        let fields = Fields::parse(&self.text()).unwrap_or_default();
        fields.find("MsgType").or_else(|| fields.find("Encrypt")).is_some()
    }

    /// The finding on something that no receiver may accept. `accepted` says what to make of it when it did.
    pub(super) fn must_be_refused(&self, accepted: impl FnOnce(String) -> Finding) -> Finding {
        match self.status {
            Some(200) if self.is_well() || self.is_a_reply() => accepted(self.in_words()),
            Some(200) => Finding::warn(
                format!("refused in words but with status 200 ({})", shortened(&self.text())),
                "answer 403: with status 200 WeChat and its tools take the push for received",
            ),
            Some(status @ 400..500) => Finding::pass(format!("refused with status {status}")),
            Some(status) => Finding::warn(
                format!("status {status}: it broke down instead of refusing"),
                "refuse with 403 before anything is done with the body; an exception is a way to fill the log",
            ),
            None => Finding::warn(
                format!("no answer: {}", self.in_words()),
                "refuse with 403 at once, so that an attacker does not hold a worker",
            ),
        }
    }
}

/// The first words of a text on one line.
pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect::<String>().replace(['\n', '\r'], " ");
    if text.chars().nth(60).is_some() {
        short.push('…');
    }
    short
}
