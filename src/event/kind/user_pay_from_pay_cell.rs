//! Event `user_pay_from_pay_cell`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person paid from a card.
    pub struct UserPayFromPayCell {
        /// The card.
        card_id: SmolStr = "CardId";
        /// Its number.
        code: Option<SmolStr> = "UserCardCode";
        /// WeChat Pay's transaction id.
        transaction_id: Option<SmolStr> = "TransId";
        /// Shop.
        store: Option<SmolStr> = "LocationId";
        /// Fen paid.
        fee: Option<i64> = "Fee";
        /// Fen before the card's reduction.
        original_fee: Option<i64> = "OriginalFee";
    }
}

impl Effect for UserPayFromPayCell {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.code.as_deref().unwrap_or_default());
        key.with(self.transaction_id.as_deref().unwrap_or_default());
    }

    fn facts(&self, facts: &mut Facts) {
        facts.amount_fen = self.fee;
        facts.reference.clone_from(&self.transaction_id);
        facts.store.clone_from(&self.store);
    }
}
