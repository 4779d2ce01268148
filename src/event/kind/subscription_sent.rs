//! Event `subscribe_msg_sent_event`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::error::ParseError;
use crate::event::fields::Fields;
use crate::event::key::KeyText;
use crate::event::limits::MAX_NODES;
use crate::event::value::{Value, Wire, wire};

/// What became of subscription messages to the person.
#[derive(Clone, Debug, PartialEq)]
pub struct SubscriptionSent {
    /// One for each template.
    pub templates: Vec<Sent>,
}

wire! {
    /// What became of one message.
    pub struct Sent {
        /// The template.
        template_id: SmolStr = "TemplateId";
        /// `msgid` that the send call answered: decimal, beyond 2^53.
        msg_id: Option<SmolStr> = "MsgID" | "MsgId";
        /// 0 sent.
        error_code: Option<i64> = "ErrorCode";
        /// `success`, or why not.
        error_status: Option<SmolStr> = "ErrorStatus";
    }
}

impl Wire for SubscriptionSent {
    /// XML wraps the list in an element named after the event; JSON does not, and sends one item as a bare object.
    fn from_fields(fields: Fields<'_>) -> Result<Self, ParseError> {
        let list = fields.inside(&["SubscribeMsgSentEvent"])?;
        Ok(Self { templates: Value::read(list, &["List"])? })
    }
}

impl Effect for SubscriptionSent {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with_body();
    }

    fn most_elements(&self) -> usize {
        MAX_NODES
    }
}
