//! Event `view_miniprogram`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::limits::MAX_URL;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person tapped a menu button that opens a mini-program.
    pub struct ViewMiniProgram {
        /// The page, as the menu has it.
        page: SmolStr = "EventKey";
        /// Which menu, where there are several by language or tag.
        menu_id: Option<u64> = "MenuId";
    }
}

impl Effect for ViewMiniProgram {
    fn facts(&self, facts: &mut Facts) {
        facts.key = Some(self.page.clone());
    }

    fn longest_key(&self) -> usize {
        MAX_URL
    }
}
