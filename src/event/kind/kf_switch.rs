//! Event `kf_switch_session`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// A conversation with the person went from one member of staff to another.
    pub struct KfSwitch {
        /// Who had it, as `name@account`.
        from: SmolStr = "FromKfAccount";
        /// Who has it now.
        to: SmolStr = "ToKfAccount";
    }
}

impl Effect for KfSwitch {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.from);
        key.with(&self.to);
    }

    fn facts(&self, facts: &mut Facts) {
        facts.staff = Some(self.to.clone());
    }
}
