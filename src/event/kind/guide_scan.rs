//! Event `guide_qrcode_scan_event`, retired by WeChat.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::OpenId;
use crate::ledger::Facts;

wire! {
    /// Somebody scanned the code of a shopping guide.
    pub struct GuideScan {
        /// What was scanned, by whom.
        scan: Scanned = "GuideScanEvent";
    }

    /// One scan.
    pub struct Scanned {
        /// The guide, as the account names them.
        guide: Option<SmolStr> = "qrcode_guide_account";
        /// The guide as a person.
        guide_open_id: Option<OpenId> = "qrcode_guide_openid";
        /// Who scanned.
        open_id: OpenId = "openid";
        /// 1 no such guide, 2 bound now, 3 bound already, 4 bound to another guide.
        action: Option<i64> = "action";
        /// What the code's maker put in.
        info: Option<SmolStr> = "qrcode_info";
    }
}

impl Effect for GuideScan {
    fn person(&self) -> Person<'_> {
        Person::Named(&self.scan.open_id)
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.scan.open_id.as_str());
        key.with(self.scan.guide.as_deref().unwrap_or_default());
    }

    fn facts(&self, facts: &mut Facts) {
        facts.staff.clone_from(&self.scan.guide);
        facts.scene.clone_from(&self.scan.info);
    }
}
