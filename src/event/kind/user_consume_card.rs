//! Event `user_consume_card`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::OpenId;
use crate::ledger::Facts;

wire! {
    /// A card of the person was used.
    pub struct UserConsumeCard {
        /// The card.
        card_id: SmolStr = "CardId";
        /// Its number.
        code: Option<SmolStr> = "UserCardCode";
        /// `FROM_API`, `FROM_MP` or `FROM_MOBILE_HELPER`.
        source: Option<SmolStr> = "ConsumeSource";
        /// Shop.
        store: Option<SmolStr> = "LocationName";
        /// Member of staff who took it.
        staff: Option<OpenId> = "StaffOpenId";
        /// What the person typed.
        verify_code: Option<SmolStr> = "VerifyCode";
        /// What the member of staff typed as its amount.
        amount: Option<SmolStr> = "RemarkAmount";
        /// Where it was offered.
        outer_text: Option<SmolStr> = "OuterStr";
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
