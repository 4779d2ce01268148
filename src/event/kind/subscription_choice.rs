//! Events `subscribe_msg_popup_event` and `subscribe_msg_change_event`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::error::ParseError;
use crate::event::fields::Fields;
use crate::event::key::KeyText;
use crate::event::limits::MAX_NODES;
use crate::event::value::{Value, Wire, wire};

/// The person allowed or refused subscription messages, when asked or later in the settings.
#[derive(Clone, Debug, PartialEq)]
pub struct SubscriptionChoice {
    /// One for each template.
    pub templates: Vec<Choice>,
}

wire! {
    /// What the person said to one template.
    pub struct Choice {
        /// The template.
        template_id: SmolStr = "TemplateId";
        /// `accept` or `reject`.
        answer: SmolStr = "SubscribeStatusString";
        /// Where they were asked: 0 mini-program, 1 page, 2 article.
        scene: Option<i64> = "PopupScene";
    }
}

impl Wire for SubscriptionChoice {
    /// XML wraps the list in an element named after the event; JSON does not, and sends one item as a bare object.
    fn from_fields(fields: Fields<'_>) -> Result<Self, ParseError> {
        let list = fields.inside(&["SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent"])?;
        Ok(Self { templates: Value::read(list, &["List"])? })
    }
}

impl Effect for SubscriptionChoice {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with_body();
    }

    fn most_elements(&self) -> usize {
        MAX_NODES
    }
}
