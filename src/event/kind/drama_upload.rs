//! Event `secvod_upload_event`.

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// A film was uploaded, or not.
    pub struct DramaUpload {
        /// What became of it.
        upload: Upload = "upload_event";
    }

    /// One upload.
    pub struct Upload {
        /// Id of the film.
        media_id: Option<Box<str>> = "media_id";
        /// What the upload call was given.
        context: Option<Box<str>> = "source_context";
        /// 0 uploaded.
        code: Option<i64> = "errcode";
        /// Why not.
        message: Option<Box<str>> = "errmsg";
    }
}

impl Effect for DramaUpload {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
