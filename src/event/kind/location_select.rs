//! Event `location_select`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::{Words, wire};
use crate::ledger::Facts;

wire! {
    /// The person tapped a menu button that chooses a place.
    pub struct LocationSelect {
        /// The button's key.
        key: SmolStr = "EventKey";
        /// The place; a message `location` follows.
        place: Place = "SendLocationInfo";
    }

    /// A place on the map.
    pub struct Place {
        /// Degrees north.
        latitude: Option<f64> = "Location_X";
        /// Degrees east.
        longitude: Option<f64> = "Location_Y";
        /// Zoom of the map.
        scale: Option<f64> = "Scale";
        /// Its address.
        label: Words = "Label";
        /// Its name.
        name: Words = "Poiname";
    }
}

impl Effect for LocationSelect {
    fn facts(&self, facts: &mut Facts) {
        facts.key = Some(self.key.clone());
    }

    fn expects_reply(&self) -> bool {
        true
    }
}
