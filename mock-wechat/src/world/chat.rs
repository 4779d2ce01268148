//! What a person sees in their chat with an account.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Messages kept per chat; older ones are dropped.
const KEPT: usize = 500;

/// WeChat's grey line when a receiver gave no or no valid answer; the wording that phones show.
pub const FAULT_LINE: &str = "该公众号提供的服务出现故障，请稍后再试";

/// One bubble or line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Message {
    /// Counts up within the mock.
    pub id: u64,
    /// Unix milliseconds of the mock's clock.
    pub at: i64,
    /// Who wrote it.
    pub from: Author,
    /// How it came: `message` (the person), `passive` (the answer to a push), `custom` (the customer-service API),
    /// `template`, `subscription`, `mass`, `pay`, `notice` (WeChat itself).
    pub via: String,
    /// `text`, `image`, `news`, ...; `notice` for WeChat's grey line.
    #[serde(rename = "type")]
    pub kind: String,
    /// The words of a text or notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Everything else: `media_id`, `articles`, ...
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Author {
    /// The person whose chat it is.
    Person,
    /// The account.
    Account,
    /// WeChat itself.
    Wechat,
}

/// A message before it has a place in the chat.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    pub(crate) from: Author,
    pub(crate) via: &'static str,
    pub(crate) kind: String,
    pub(crate) text: Option<String>,
    pub(crate) more: Map<String, Value>,
}

/// The last messages between one person and one account, oldest first.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Chat(VecDeque<Message>);

impl Chat {
    pub(crate) fn add(&mut self, id: u64, at: i64, draft: Draft) -> Message {
        let Draft { from, via, kind, text, more } = draft;
        let message = Message { id, at, from, via: via.to_owned(), kind, text, more };
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(message.clone());
        message
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.0.iter()
    }
}

impl Draft {
    /// A text.
    pub(crate) fn text(from: Author, via: &'static str, text: impl Into<String>) -> Self {
        Self { from, via, kind: "text".into(), text: Some(text.into()), more: Map::new() }
    }

    /// Anything else, with its particulars.
    pub(crate) fn other(from: Author, via: &'static str, kind: &str, more: Map<String, Value>) -> Self {
        Self { from, via, kind: kind.to_owned(), text: None, more }
    }

    /// WeChat's grey line.
    pub(crate) fn fault_line() -> Self {
        Self { kind: "notice".into(), ..Self::text(Author::Wechat, "notice", FAULT_LINE) }
    }
}
