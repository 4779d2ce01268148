//! Messages `video` and `shortvideo`.

use super::Effect;
use crate::event::value::wire;

wire! {
    /// The person sent a film, out of the album or just taken.
    pub struct Video {
        /// Id under which the media API has it for three days.
        media_id: Box<str> = "MediaId";
        /// The same for its first picture.
        thumb_media_id: Option<Box<str>> = "ThumbMediaId";
        /// `MsgId`: decimal, beyond 2^53.
        msg_id: Option<Box<str>> = "MsgId";
        /// The article out of which it was sent.
        article: Option<Box<str>> = "MsgDataId";
        /// Which of several articles, from 1.
        article_index: Option<u64> = "Idx";
    }
}

impl Effect for Video {}
