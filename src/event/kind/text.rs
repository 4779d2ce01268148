//! Message `text`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::{Words, wire};
use crate::ledger::Facts;

wire! {
    /// The person wrote. A sticker arrives as text too, with a placeholder for its content.
    pub struct Text {
        /// The words, leading blanks and line breaks included.
        content: Words = "Content";
        /// `MsgId`: decimal, beyond 2^53; text in cloud-function style pushes.
        msg_id: Option<SmolStr> = "MsgId";
        /// The item that the person tapped in a `msgmenu` message.
        menu_item: Option<SmolStr> = "bizmsgmenuid";
        /// The article out of which it was sent.
        article: Option<SmolStr> = "MsgDataId";
        /// Which of several articles, from 1.
        article_index: Option<u64> = "Idx";
        /// Mini-program: id where several businesses share customer service.
        business: Option<SmolStr> = "BusinessId";
    }
}

impl Effect for Text {
    fn facts(&self, facts: &mut Facts) {
        facts.key.clone_from(&self.menu_item);
    }
}
