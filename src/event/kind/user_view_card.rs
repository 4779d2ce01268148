//! Event `user_view_card`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person opened a member card.
    pub struct UserViewCard {
        /// The card.
        card_id: SmolStr = "CardId";
        /// Its number.
        code: Option<SmolStr> = "UserCardCode";
        /// Where it was offered.
        outer_text: Option<SmolStr> = "OuterStr";
    }
}

impl Effect for UserViewCard {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.code.as_deref().unwrap_or_default());
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference = Some(self.card_id.clone());
        facts.source.clone_from(&self.outer_text);
    }
}
