//! Event `TEMPLATESENDJOBFINISH`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::error::ParseError;
use crate::event::fields::Field;
use crate::event::key::KeyText;
use crate::event::value::{Value, wire};

wire! {
    /// What became of a template message to the person.
    pub struct TemplateSent {
        /// `msgid` that the send call answered: decimal, beyond 2^53.
        msg_id: SmolStr = "MsgID" | "MsgId";
        /// Whether it arrived.
        status: Delivery = "Status";
    }
}

/// Fate of a template message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// `success`.
    Success,
    /// `failed:user block`: the person refuses messages of the account.
    Blocked,
    /// `failed: system failed`.
    Failed,
    /// Anything else, as it came.
    Other(SmolStr),
}

impl Value for Delivery {
    /// Some documents have a blank behind the colon, some do not.
    fn from_field(field: Field<'_>, name: &'static str) -> Result<Self, ParseError> {
        let status = field.value(name)?;
        Ok(match status.strip_prefix("failed:").map(str::trim_start) {
            Some("user block") => Self::Blocked,
            Some("system failed") => Self::Failed,
            None if status == "success" => Self::Success,
            _ => Self::Other(status.into()),
        })
    }
}

impl Effect for TemplateSent {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.msg_id);
    }
}
