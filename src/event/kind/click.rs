//! Event `CLICK`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person tapped a menu button that has a key.
    pub struct Click {
        /// The button's key.
        key: SmolStr = "EventKey";
    }
}

impl Effect for Click {
    fn facts(&self, facts: &mut Facts) {
        facts.key = Some(self.key.clone());
    }

    fn expects_reply(&self) -> bool {
        true
    }
}
