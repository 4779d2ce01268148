//! Message `link`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::{Words, wire};

wire! {
    /// The person sent an article or page.
    pub struct Link {
        /// Headline.
        title: Words = "Title";
        /// A line or two below it.
        description: Words = "Description";
        /// Where it leads.
        url: SmolStr = "Url";
        /// `MsgId`: decimal, beyond 2^53.
        msg_id: Option<SmolStr> = "MsgId";
        /// The article out of which it was sent.
        article: Option<SmolStr> = "MsgDataId";
        /// Which of several articles, from 1.
        article_index: Option<u64> = "Idx";
    }
}

impl Effect for Link {}
