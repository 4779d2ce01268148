//! Event `user_pay_from_pay_cell`.

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person paid from a card.
    pub struct UserPayFromPayCell {
        /// The card.
        card_id: Box<str> = "CardId";
        /// Its number.
        code: Option<Box<str>> = "UserCardCode";
        /// WeChat Pay's transaction id.
        transaction_id: Option<Box<str>> = "TransId";
        /// Shop.
        store: Option<Box<str>> = "LocationId";
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
