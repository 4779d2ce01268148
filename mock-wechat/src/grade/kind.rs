//! One kind of push, with its fields and the reply that WeChat would take.

use crate::{push::Replies, wire::fields::Fields};

use Replies::{Ignored, ToEvent, ToMessage};

/// A field: text (CDATA, or a JSON string), a number, or a group of fields.
pub(super) enum Field {
    T(&'static str, &'static str),
    N(&'static str, &'static str),
    G(&'static str, &'static [Field]),
}

use Field::{G, N, T};

/// One kind of push: a message type, or an event.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) is_event: bool,
    pub(crate) replies: Replies,
    fields: &'static [Field],
}

impl Kind {
    /// The fields behind `MsgType` (and `Event`), or behind `InfoType`.
    pub(crate) fn fields(&self) -> Fields {
        collect(self.fields)
    }
}

fn collect(fields: &[Field]) -> Fields {
    fields.iter().fold(Fields::new(), |all, field| match field {
        T(name, value) => all.text(name, *value),
        N(name, value) => all.number(name, value),
        G(name, fields) => all.group(name, collect(fields)),
    })
}

pub(super) const fn message(name: &'static str, fields: &'static [Field]) -> Kind {
    Kind { name, is_event: false, replies: ToMessage, fields }
}

pub(super) const fn answered(name: &'static str, fields: &'static [Field]) -> Kind {
    Kind { name, is_event: true, replies: ToEvent, fields }
}

pub(super) const fn told(name: &'static str, fields: &'static [Field]) -> Kind {
    Kind { name, is_event: true, replies: Ignored, fields }
}

/// Has a type as a message has, but nobody wrote it: neither a `MsgId` nor a reply.
pub(super) const fn reported(name: &'static str, fields: &'static [Field]) -> Kind {
    Kind { name, is_event: false, replies: Ignored, fields }
}
