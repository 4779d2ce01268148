//! Event `secvod_upload_event`.

use smol_str::SmolStr;

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
        media_id: Option<SmolStr> = "media_id";
        /// What the upload call was given.
        context: Option<SmolStr> = "source_context";
        /// 0 uploaded.
        code: Option<i64> = "errcode";
        /// Why not.
        message: Option<SmolStr> = "errmsg";
    }
}

impl Effect for DramaUpload {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
