//! Events `user_del_card`, `user_enter_session_from_card` and `submit_membercard_user_info`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person deleted a card, opened the chat from it, or filled in the form that activates it.
    pub struct CardHeld {
        /// The card.
        card_id: SmolStr = "CardId";
        /// Its number.
        code: Option<SmolStr> = "UserCardCode";
    }
}

impl Effect for CardHeld {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.code.as_deref().unwrap_or_default());
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference = Some(self.card_id.clone());
    }
}
