//! Event `VIEW`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::limits::MAX_URL;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person tapped a menu button that opens a page.
    pub struct View {
        /// The page, as the menu has it.
        url: SmolStr = "EventKey";
        /// Which menu, where there are several by language or tag.
        menu_id: Option<u64> = "MenuId";
    }
}

impl Effect for View {
    fn facts(&self, facts: &mut Facts) {
        facts.key = Some(self.url.clone());
    }

    fn longest_key(&self) -> usize {
        MAX_URL
    }
}
