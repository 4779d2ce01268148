//! Message `miniprogrampage`.

use super::Effect;
use crate::event::value::{Words, wire};

wire! {
    /// The person sent a card of a mini-program.
    pub struct MiniProgramPage {
        /// Headline.
        title: Words = "Title";
        /// The mini-program.
        app_id: Option<Box<str>> = "AppId";
        /// The page.
        page_path: Option<Box<str>> = "PagePath";
        /// Its picture.
        thumb_url: Option<Box<str>> = "ThumbUrl";
        /// Id under which the media API has the picture.
        thumb_media_id: Option<Box<str>> = "ThumbMediaId";
        /// `MsgId`: decimal, beyond 2^53.
        msg_id: Option<Box<str>> = "MsgId";
    }
}

impl Effect for MiniProgramPage {}
