//! Message `file`, which WeChat does not document.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::{Words, wire};

wire! {
    /// The person sent a file.
    pub struct File {
        /// Its name.
        title: Words = "Title";
        /// What it is.
        description: Words = "Description";
        /// Key for fetching it.
        key: Option<SmolStr> = "FileKey";
        /// MD5 of it, hex.
        md5: Option<SmolStr> = "FileMd5";
        /// Bytes.
        length: Option<u64> = "FileTotalLen";
        /// `MsgId`: decimal, beyond 2^53.
        msg_id: Option<SmolStr> = "MsgId";
    }
}

impl Effect for File {}
