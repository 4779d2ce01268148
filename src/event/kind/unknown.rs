//! A push of no kind in the table, kept whole.

use std::fmt;

use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::fields::Fields;
use crate::event::head::Head;
use crate::event::limits::{MAX_NODES, MAX_URL};
use crate::ledger::Facts;

/// A push that has a header and is otherwise new to the gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// `MsgType`, `Event` or `InfoType`, as written; letters, digits and `_`, at most 64.
    pub name: SmolStr,
    /// All of it, header included.
    pub fields: Kept,
    message: bool,
}

/// The elements of a push, every value as text. `Debug` shows their names only: they may be personal.
#[derive(Clone, PartialEq)]
pub struct Kept(Map<String, Value>);

impl Kept {
    /// The elements as JSON: groups are objects, repeated elements arrays.
    #[must_use]
    pub fn as_json(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(super) fn new(fields: Fields<'_>) -> Self {
        let mut kept = Map::new();
        for field in fields.iter() {
            let inside = field.fields();
            let value = if inside.total() > 0 { Self::new(inside).0.into() } else { field.text().into() };
            match kept.get_mut(field.name()) {
                None => {
                    kept.insert(field.name().to_owned(), value);
                }
                Some(Value::Array(items)) => items.push(value),
                Some(first) => *first = Value::Array(vec![first.take(), value]),
            }
        }
        Self(kept)
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Unknown {
    pub(super) fn keep(head: &Head<'_>, fields: Fields<'_>) -> Self {
        Self { name: head.name.into(), fields: Kept::new(fields), message: head.event.is_none() }
    }

    /// True for a message: whatever it is, a person sent it and may be answered.
    pub(super) fn is_message(&self) -> bool {
        self.message
    }

    pub(super) fn label(&self) -> &'static str {
        if self.message { "message.unknown" } else { "unknown" }
    }

    pub(super) fn touchpoints(&self) -> (&'static str, &'static str) {
        if self.message { ("oa.message", "mp.message") } else { ("oa.unknown", "mp.unknown") }
    }
}

impl Effect for Unknown {
    /// The sender of an event may be a service of WeChat: nobody is credited for one that is not understood.
    fn person(&self) -> Person<'_> {
        if self.message { Person::Sender } else { Person::Nobody }
    }

    fn facts(&self, facts: &mut Facts) {
        facts.key = Some(self.name.to_ascii_lowercase().into());
    }

    fn longest_key(&self) -> usize {
        MAX_URL
    }

    fn most_elements(&self) -> usize {
        MAX_NODES
    }
}
