//! From what a person did to what they see: sign, send, try again, judge the answer.
//!
//! | file | holds |
//! |---|---|
//! | `engine.rs` | the way of one push: attempts, faults, journal, chat |
//! | `sealed.rs` | one attempt's URL and body in the account's mode and format |
//! | `courier.rs` | one HTTP request, with five seconds for the whole answer |
//! | `judge.rs` | the answer as WeChat judges it |
//! | `reply.rs` | a passive reply's content, checked and as it will be shown |
//! | `verify.rs` | the verification of a callback URL |
//! | `raw.rs` | any text as a push |
//! | `again.rs` | a push once more |
//! | `event.rs` | events that WeChat itself or a consent causes |
//! | `component.rs` | events of third-party platforms, and the way of messages through one |
//! | `catalogued.rs` | any kind of the catalogue |
//! | `markfail.rs` | a minute without pushes after many failures |
//! | `pay/` | WeChat Pay's notifications to the merchant |
//! | `due.rs` | what the mock's clock makes happen: tickets, notifications once more |
//! | `record.rs` | an attempt as the journal keeps it |

mod again;
mod catalogued;
mod component;
mod courier;
mod due;
mod engine;
mod event;
mod judge;
mod markfail;
mod pay;
mod raw;
mod record;
mod reply;
mod sealed;
mod verify;

pub(crate) use courier::{Courier, client, reason, stalled};
pub(crate) use engine::Outcome;
pub(crate) use event::Answered;
pub(crate) use judge::judge;
pub(crate) use markfail::Marks;
pub(crate) use pay::Notice;
pub use pay::PendingNotice;
pub use record::{Delivery, DeliveryRequest, DeliveryResponse, Verdict};
pub(crate) use sealed::envelope;

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
