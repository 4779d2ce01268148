//! Events `pic_sysphoto`, `pic_photo_or_album` and `pic_weixin`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person tapped a menu button that takes or chooses pictures.
    pub struct Pictures {
        /// The button's key.
        key: SmolStr = "EventKey";
        /// What was sent; each also arrives as a message `image`.
        sent: Sent = "SendPicsInfo";
    }

    /// Pictures sent.
    pub struct Sent {
        /// How many.
        count: Option<u64> = "Count";
        /// Each of them.
        pictures: Vec<Picture> = "PicList";
    }

    /// One of them.
    pub struct Picture {
        /// MD5 of it, hex.
        md5: Option<SmolStr> = "PicMd5Sum";
    }
}

impl Effect for Pictures {
    fn facts(&self, facts: &mut Facts) {
        facts.key = Some(self.key.clone());
    }

    fn expects_reply(&self) -> bool {
        true
    }
}
