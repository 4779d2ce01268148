//! Something that WeChat has to tell an account's server.

use std::sync::Arc;

use crate::{
    ids::PersonKey,
    wire::fields::Fields,
    world::{
        Registered,
        account::{Format, Mode},
    },
};

/// Something that WeChat has to tell an account's server.
#[derive(Debug, Clone)]
pub(crate) struct Push {
    pub(crate) registered: Arc<Registered>,
    /// Whose chat an answer appears in.
    pub(crate) person: Option<Sender>,
    /// The event, or the message type: for the journal and for faults.
    pub(crate) kind: String,
    /// The XML or JSON text before encryption.
    pub(crate) plaintext: String,
    pub(crate) replies: Replies,
    /// The third-party platform that it goes to in the account's place, see [`Platform::push`](crate::platform::Platform).
    pub(crate) through: Option<Arc<Registered>>,
}

/// Who a push is from.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) key: PersonKey,
    pub(crate) name: String,
    pub(crate) open_id: String,
}

/// What WeChat does with a passive reply to a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replies {
    /// Shown; a list of articles has one.
    ToMessage,
    /// Shown; a list of articles has up to eight.
    ToEvent,
    /// Not shown, and a fault leaves no line in the chat.
    Ignored,
}

impl Push {
    /// A push in the account's format, headed by the four fields that all share.
    pub(crate) fn new(
        registered: &Arc<Registered>,
        sender: Sender,
        create_time: i64,
        kind: &str,
        replies: Replies,
        content: Fields,
    ) -> Self {
        let message = Fields::new()
            .text("ToUserName", &registered.account.original_id)
            .text("FromUserName", &sender.open_id)
            .number("CreateTime", create_time)
            .and(content);
        let plaintext = match registered.account.format {
            Format::Xml => message.to_xml(),
            Format::Json => message.to_json(),
        };
        Self {
            registered: registered.clone(),
            person: Some(sender),
            kind: kind.to_owned(),
            plaintext,
            replies,
            through: None,
        }
    }

    /// Whose token, key and AppID seal it.
    pub(crate) fn keys(&self) -> &Registered {
        self.through.as_deref().unwrap_or(&self.registered)
    }

    /// What goes to a third-party platform is always encrypted.
    pub(crate) fn mode(&self) -> Mode {
        if self.through.is_some() { Mode::Safe } else { self.registered.account.mode }
    }
}
