//! Message `voice`.

use super::Effect;
use crate::event::value::{Words, wire};

wire! {
    /// The person spoke.
    pub struct Voice {
        /// Id under which the media API has it for three days.
        media_id: Box<str> = "MediaId";
        /// The same at 16 kHz.
        media_id_16k: Option<Box<str>> = "MediaId16K";
        /// `amr` or `speex`.
        format: Option<Box<str>> = "Format";
        /// What was said, for accounts that have speech recognition.
        recognition: Words = "Recognition";
        /// `MsgId`: decimal, beyond 2^53.
        msg_id: Option<Box<str>> = "MsgId";
        /// The article out of which it was sent.
        article: Option<Box<str>> = "MsgDataId";
        /// Which of several articles, from 1.
        article_index: Option<u64> = "Idx";
    }
}

impl Effect for Voice {}
