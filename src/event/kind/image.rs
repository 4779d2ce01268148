//! Message `image`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::wire;

wire! {
    /// The person sent a picture. The pictures of a menu button arrive as these too.
    pub struct Image {
        /// Where to fetch it.
        url: Option<SmolStr> = "PicUrl";
        /// Id under which the media API has it for three days.
        media_id: SmolStr = "MediaId";
        /// `MsgId`: decimal, beyond 2^53.
        msg_id: Option<SmolStr> = "MsgId";
        /// The article out of which it was sent.
        article: Option<SmolStr> = "MsgDataId";
        /// Which of several articles, from 1.
        article_index: Option<u64> = "Idx";
    }
}

impl Effect for Image {}
