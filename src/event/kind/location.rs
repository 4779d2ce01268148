//! Message `location`; the event of that name is in `location_report.rs`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::{Words, wire};

wire! {
    /// The person sent a place.
    pub struct Location {
        /// Degrees north.
        latitude: f64 = "Location_X";
        /// Degrees east.
        longitude: f64 = "Location_Y";
        /// Zoom of the map.
        scale: Option<f64> = "Scale";
        /// Its address.
        label: Words = "Label";
        /// `MsgId`: decimal, beyond 2^53.
        msg_id: Option<SmolStr> = "MsgId";
        /// The article out of which it was sent.
        article: Option<SmolStr> = "MsgDataId";
        /// Which of several articles, from 1.
        article_index: Option<u64> = "Idx";
    }
}

impl Effect for Location {}
