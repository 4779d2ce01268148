//! Event `ShakearoundUserShake`, retired by WeChat.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// The person shook the phone near a beacon.
    pub struct Shake {
        /// The beacon whose page was shown.
        chosen: Beacon = "ChosenBeacon";
        /// Up to five others of the account.
        around: Around = "AroundBeacons";
    }

    /// Beacons nearby.
    pub struct Around {
        /// Each of them.
        beacons: Vec<Beacon> = "AroundBeacon";
    }

    /// One beacon.
    pub struct Beacon {
        /// Its maker's id.
        uuid: Option<SmolStr> = "Uuid";
        /// Its number, upper half.
        major: Option<u64> = "Major";
        /// Its number, lower half.
        minor: Option<u64> = "Minor";
        /// Metres.
        distance: Option<f64> = "Distance";
    }
}

impl Effect for Shake {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with_body();
    }
}
