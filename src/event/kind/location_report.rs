//! Event `LOCATION`; the message of that name is in `location.rs`.

use super::Effect;
use crate::event::value::wire;

wire! {
    /// Where a follower is who allowed it: on entering the chat, or every five seconds.
    pub struct LocationReport {
        /// Degrees north.
        latitude: f64 = "Latitude";
        /// Degrees east.
        longitude: f64 = "Longitude";
        /// Metres.
        precision: Option<f64> = "Precision";
    }
}

impl Effect for LocationReport {
    fn expects_reply(&self) -> bool {
        true
    }
}
