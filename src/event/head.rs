//! The elements that every push begins with.

use super::error::ParseError;
use super::fields::Fields;
use crate::account::Account;

/// Header of a push, borrowed from it.
#[derive(Debug)]
pub(super) struct Head<'t> {
    pub(super) to: &'t str,
    /// Empty where there is none: a component event, a mini-game's payment.
    pub(super) from: &'t str,
    /// Unix seconds.
    pub(super) create_time: i64,
    /// Empty where there is none.
    pub(super) msg_id: &'t str,
    /// `MsgType` of a message, `Event` of an event, `InfoType` of a component event.
    pub(super) name: &'t str,
    /// `None` for a message.
    pub(super) event: Option<&'t str>,
}

impl<'t> Head<'t> {
    /// Reads the header.
    pub(super) fn read(fields: Fields<'t>) -> Result<Self, ParseError> {
        // Events of a third-party platform have AppId and InfoType in place of ToUserName and MsgType, and no sender.
        let component = fields.one(&["InfoType"])?.is_some() && fields.one(&["MsgType"])?.is_none();
        let needed = |names: super::fields::Names| match fields.text(names)? {
            "" => Err(ParseError::Missing { field: names[0] }),
            text => Ok(text),
        };
        let (to, from, kind) = if component {
            (needed(&["AppId"])?, "", "event")
        } else {
            (needed(&["ToUserName"])?, fields.text(&["FromUserName"])?, needed(&["MsgType"])?)
        };
        let event = match kind.eq_ignore_ascii_case("event") {
            true if component => Some(needed(&["InfoType"])?),
            true => Some(needed(&["Event"])?),
            false => None,
        };
        let name = event.unwrap_or(kind);
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') || name.len() > 64 {
            return Err(ParseError::Value {
                field: if event.is_some() { "Event" } else { "MsgType" },
                shape: "a name",
            });
        }
        let create_time = needed(&["CreateTime"])?;
        let seconds = create_time.parse().ok().filter(|at| (1..100_000_000_000).contains(at));
        Ok(Self {
            to,
            from,
            create_time: seconds
                .ok_or(ParseError::Value { field: "CreateTime", shape: "a time in unix seconds" })?,
            msg_id: if event.is_none() { fields.text(&["MsgId", "MsgID"])? } else { "" },
            name,
            event,
        })
    }

    /// Refuses what is meant for another account. Cloud-function style pushes are addressed by AppID.
    pub(super) fn addressed_to(&self, account: &Account) -> Result<(), ParseError> {
        if self.to == &*account.original_id || self.to == account.app_id.as_str() {
            return Ok(());
        }
        Err(ParseError::WrongAccount)
    }
}
