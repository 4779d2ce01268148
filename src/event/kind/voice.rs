//! Message `voice`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::{Words, wire};

wire! {
    /// The person spoke.
    pub struct Voice {
        /// Id under which the media API has it for three days.
        media_id: SmolStr = "MediaId";
        /// The same at 16 kHz.
        media_id_16k: Option<SmolStr> = "MediaId16K";
        /// `amr` or `speex`.
        format: Option<SmolStr> = "Format";
        /// What was said, for accounts that have speech recognition.
        recognition: Words = "Recognition";
        /// `MsgId`: decimal, beyond 2^53.
        msg_id: Option<SmolStr> = "MsgId";
        /// The article out of which it was sent.
        article: Option<SmolStr> = "MsgDataId";
        /// Which of several articles, from 1.
        article_index: Option<u64> = "Idx";
    }
}

impl Effect for Voice {}
