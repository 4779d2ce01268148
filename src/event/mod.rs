//! Stage 2: a push becomes a typed event.
//!
//! ```text
//! body.rs -> xml.rs | json.rs -> tree.rs -> fields.rs -> head.rs, kind/*.rs -> Event
//! format     strict envelope     one flat   one view     who, when, what       + key.rs: the unique key
//!                                tree       of both
//! ```
//!
//! - `body.rs`: which format it is
//! - `xml.rs`, `json.rs`: the two formats, into one tree that borrows from the body
//! - `tree.rs`, `limits.rs`: that tree, and how much it may hold
//! - `fields.rs`, `value.rs`: reading elements out of it; each kind is written once for both formats
//! - `head.rs`: the header of every push
//! - `kind/`: what was pushed, and how to add a kind
//! - `key.rs`: the unique key
//! - `error.rs`: why a push is refused

use std::fmt;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::account::{Account, AccountKind, Format};
use crate::clock::{SECOND, UnixMs};
use crate::ids::{DedupeKey, OpenId, UnionId};
use crate::ledger::{Action, Facts};

mod body;
mod error;
mod fields;
mod head;
mod json;
mod key;
pub mod kind;
mod limits;
#[cfg(test)]
mod tests;
mod tree;
mod value;
mod xml;

pub use error::ParseError;
pub use kind::{Ack, Kind};
pub use value::Words;

/// One push, understood.
#[derive(Clone)]
pub struct Event {
    /// The account that it was pushed to.
    pub account: Arc<Account>,
    /// How it was written; an answer is written the same way.
    pub format: Format,
    /// `ToUserName`: the account's original id, or its AppID.
    pub to: SmolStr,
    /// `FromUserName`: whoever a passive reply goes to. Not always a follower; see [`Event::open_id`].
    pub from: SmolStr,
    /// The person it is about: `FromUserName` of what a person did, `OpenID` of a privacy event, nobody for a notice to
    /// the account's operator.
    pub open_id: Option<OpenId>,
    /// `CreateTime` in unix ms.
    pub occurred_at: UnixMs,
    /// When it arrived, unix ms.
    pub received_at: UnixMs,
    /// What a repeat of it has in common with it, and nothing else has.
    pub key: DedupeKey,
    /// What happened.
    pub kind: Kind,
}

/// Reads a verified, decrypted push, XML or JSON as its first character tells.
///
/// `received_at` is unix ms.
///
/// # Errors
/// [`ParseError::WrongAccount`] when it is addressed to another account; the others when it cannot be read.
pub fn parse(body: &[u8], account: Arc<Account>, received_at: UnixMs) -> Result<Event, ParseError> {
    let tree = body::read(body)?;
    let fields = fields::Fields::new(&tree.nodes);
    let head = head::Head::read(fields)?;
    head.addressed_to(&account)?;
    let kind = Kind::read(&head, fields)?;
    let effect = kind.effect();
    let limit = effect.most_elements();
    if fields.total() > limit {
        return Err(ParseError::TooMany { limit });
    }
    let event_key = fields.text(&["EventKey"])?;
    let limit = effect.longest_key();
    if event_key.len() > limit {
        return Err(ParseError::TooLong { field: "EventKey".into(), limit });
    }
    let open_id = match effect.person() {
        kind::Person::Sender if head.from.is_empty() => {
            return Err(ParseError::Missing { field: "FromUserName" });
        }
        kind::Person::Sender => Some(
            OpenId::parse(head.from)
                .map_err(|_| ParseError::Value { field: "FromUserName", shape: "an OpenID" })?,
        ),
        kind::Person::Named(open_id) => Some(open_id.clone()),
        kind::Person::Nobody => None,
    };
    let mut key = key::KeyText::new(&account.app_id, &head, event_key, body);
    effect.distinguish(&mut key);
    if head.event.is_none() && head.msg_id.is_empty() {
        key.with_body();
    }
    let occurred_at = head.create_time * SECOND;
    let key = key.finish(occurred_at);
    let (to, from) = (head.to.into(), head.from.into());
    Ok(Event { account, format: tree.format, to, from, open_id, occurred_at, received_at, key, kind })
}

impl Event {
    /// The touchpoint that rules listen on: `oa.subscribe`, `mp.message`, ...
    #[must_use]
    pub fn touchpoint(&self) -> &'static str {
        self.kind.touchpoint(self.account.kind)
    }

    /// What the rules and the words may look at.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let mut facts = Facts {
            app_id: Some(self.account.app_id.clone()),
            // The person did it towards the account, under the notice that the account shows them.
            basis: Some("consent".into()),
            lang: Some(self.account.lang),
            ..Facts::default()
        };
        self.kind.effect().facts(&mut facts);
        facts
    }

    /// What it does beyond the rules.
    #[must_use]
    pub fn action(&self) -> Action {
        if self.kind.is_message() { Action::Speak } else { self.kind.effect().action() }
    }

    /// The person across the brand's accounts; only card and mini-program privacy events say.
    #[must_use]
    pub fn union_id(&self) -> Option<&UnionId> {
        self.kind.effect().union_id()
    }

    /// True when WeChat shows the person a passive reply to it. A mini-program's chat shows none.
    #[must_use]
    pub fn expects_reply(&self) -> bool {
        let shown = self.kind.is_message() || self.kind.effect().expects_reply();
        shown && self.account.kind == AccountKind::OfficialAccount
    }

    /// The answer that says nothing to the person and ends the repeats.
    #[must_use]
    pub fn acknowledgement(&self) -> &'static str {
        self.kind.effect().acknowledgement().body(self.format)
    }
}

/// Names nobody: for logs.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("account", &self.account.name)
            .field("kind", &self.kind.label())
            .field("occurred_at", &self.occurred_at)
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}
