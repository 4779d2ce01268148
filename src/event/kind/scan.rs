//! Event `SCAN`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// A follower scanned a parametric QR code.
    pub struct Scan {
        /// Its value; unlike a follow's without `qrscene_`, so that nothing is stripped.
        scene: SmolStr = "EventKey";
        /// Its ticket.
        ticket: Option<SmolStr> = "Ticket";
    }
}

impl Effect for Scan {
    fn facts(&self, facts: &mut Facts) {
        facts.source = Some("qr".into());
        facts.scene = Some(self.scene.clone());
    }

    fn expects_reply(&self) -> bool {
        true
    }
}
