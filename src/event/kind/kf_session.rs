//! Events `kf_create_session` and `kf_close_session`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// A member of staff began or ended a conversation with the person.
    pub struct KfSession {
        /// Member of staff, as `name@account`.
        staff: SmolStr = "KfAccount";
        /// How it ended, in newer pushes.
        close_type: Option<SmolStr> = "CloseType";
    }
}

impl Effect for KfSession {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.staff);
    }

    fn facts(&self, facts: &mut Facts) {
        facts.staff = Some(self.staff.clone());
    }
}
