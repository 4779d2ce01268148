//! Messages `video` and `shortvideo`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::wire;

wire! {
    /// The person sent a film, out of the album or just taken.
    pub struct Video {
        /// Id under which the media API has it for three days.
        media_id: SmolStr = "MediaId";
        /// The same for its first picture.
        thumb_media_id: Option<SmolStr> = "ThumbMediaId";
        /// `MsgId`: decimal, beyond 2^53.
        msg_id: Option<SmolStr> = "MsgId";
        /// The article out of which it was sent.
        article: Option<SmolStr> = "MsgDataId";
        /// Which of several articles, from 1.
        article_index: Option<u64> = "Idx";
    }
}

impl Effect for Video {}
