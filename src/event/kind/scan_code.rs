//! Events `scancode_push` and `scancode_waitmsg`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person tapped a menu button that scans a code; the second kind shows "receiving" until it is answered.
    pub struct ScanCode {
        /// The button's key.
        key: SmolStr = "EventKey";
        /// What was scanned.
        code: Code = "ScanCodeInfo";
    }

    /// A code of any maker.
    pub struct Code {
        /// `qrcode`, `barcode`, ...
        kind: Option<SmolStr> = "ScanType";
        /// Its content; of a bar code with its type in front (`EAN_13,6900000000017`).
        result: Option<SmolStr> = "ScanResult";
    }
}

impl Effect for ScanCode {
    fn facts(&self, facts: &mut Facts) {
        facts.key = Some(self.key.clone());
    }

    fn expects_reply(&self) -> bool {
        true
    }
}
