//! Event `update_member_card`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// What a member card of the person holds has changed.
    pub struct MemberCard {
        /// The card.
        card_id: SmolStr = "CardId";
        /// Its number.
        code: Option<SmolStr> = "UserCardCode";
        /// Bonus points that WeChat's card gained or lost.
        bonus: Option<i64> = "ModifyBonus";
        /// Fen that its balance gained or lost.
        balance: Option<i64> = "ModifyBalance";
    }
}

impl Effect for MemberCard {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with_body();
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference = Some(self.card_id.clone());
    }
}
