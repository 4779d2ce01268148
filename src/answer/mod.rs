//! Stage 5: the passive reply in time, else a customer-service message inside its window.
//!
//! - `reply.rs`: a message as the XML or JSON of a passive reply
//! - `outbox.rs`: the worker that does what the store says is still owed

mod outbox;
mod reply;

pub use outbox::Outbox;
pub use reply::{MAX_TEXT, fitting};

use crate::account::Format;
use crate::clock::{Entropy, SECOND, UnixMs};
use crate::event::Event;
use crate::ledger::Fate;
use crate::store::Receipt;
use crate::verify::Push;

/// What WeChat gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its content type.
    pub content_type: &'static str,
    /// Its body.
    pub body: String,
}

/// The stored reply, addressed and sealed; an acknowledgement where there is none, or where none can be delivered.
///
/// The same receipt gives the same plaintext for ever: the time in it is the time of the first delivery.
pub fn passive(push: &Push, event: &Event, receipt: &Receipt, now: UnixMs, entropy: &dyn Entropy) -> Answer {
    let Some(message) = receipt.reply.as_ref().filter(|_| event.expects_reply()) else {
        return acknowledge(push, event);
    };
    let created = receipt.received_at / SECOND;
    let text = reply::passive(message, &event.from, &event.to, created, push.account.format);
    Answer { content_type: content_type(push.account.format), body: push.seal(&text, now, entropy) }
}

/// "I have it, nothing to say."
#[must_use]
pub fn acknowledge(push: &Push, event: &Event) -> Answer {
    let body = event.acknowledgement();
    let content_type = if body == "success" { "text/plain" } else { content_type(push.account.format) };
    Answer { content_type, body: body.to_owned() }
}

fn content_type(format: Format) -> &'static str {
    match format {
        Format::Xml => "application/xml; charset=utf-8",
        Format::Json => "application/json",
    }
}

/// A fate as a metric's label.
#[must_use]
pub fn label(fate: Fate) -> &'static str {
    match fate {
        Fate::Passive => "passive",
        Fate::Owed => "owed",
        Fate::Sent => "sent",
        Fate::Missed => "missed",
        Fate::Unknown => "unknown",
        Fate::Suppressed => "suppressed",
    }
}
