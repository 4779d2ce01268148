//! Event `user_consume_card`.

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::OpenId;
use crate::ledger::Facts;

wire! {
    /// A card of the person was used.
    pub struct UserConsumeCard {
        /// The card.
        card_id: Box<str> = "CardId";
        /// Its number.
        code: Option<Box<str>> = "UserCardCode";
        /// `FROM_API`, `FROM_MP` or `FROM_MOBILE_HELPER`.
        source: Option<Box<str>> = "ConsumeSource";
        /// Shop.
        store: Option<Box<str>> = "LocationName";
        /// Member of staff who took it.
        staff: Option<OpenId> = "StaffOpenId";
        /// What the person typed.
        verify_code: Option<Box<str>> = "VerifyCode";
        /// What the member of staff typed as its amount.
        amount: Option<Box<str>> = "RemarkAmount";
        /// Where it was offered.
        outer_text: Option<Box<str>> = "OuterStr";
    }
}

impl Effect for UserConsumeCard {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.code.as_deref().unwrap_or_default());
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference = Some(self.card_id.clone());
        facts.source.clone_from(&self.source);
        facts.store.clone_from(&self.store);
    }
}
