//! Message `miniprogrampage`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::{Words, wire};

wire! {
    /// The person sent a card of a mini-program.
    pub struct MiniProgramPage {
        /// Headline.
        title: Words = "Title";
        /// The mini-program.
        app_id: Option<SmolStr> = "AppId";
        /// The page.
        page_path: Option<SmolStr> = "PagePath";
        /// Its picture.
        thumb_url: Option<SmolStr> = "ThumbUrl";
        /// Id under which the media API has the picture.
        thumb_media_id: Option<SmolStr> = "ThumbMediaId";
        /// `MsgId`: decimal, beyond 2^53.
        msg_id: Option<SmolStr> = "MsgId";
    }
}

impl Effect for MiniProgramPage {}
