//! Event `user_get_card`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::{OpenId, UnionId};
use crate::ledger::Facts;

wire! {
    /// The person put a card into their wallet.
    pub struct UserGetCard {
        /// The card.
        card_id: SmolStr = "CardId";
        /// Its number.
        code: Option<SmolStr> = "UserCardCode";
        /// Somebody gave it to them.
        given: Option<bool> = "IsGiveByFriend";
        /// Who gave it.
        giver: Option<OpenId> = "FriendUserName";
        /// The number that it had there.
        old_code: Option<SmolStr> = "OldUserCardCode";
        /// Where it was offered, as a number.
        outer_id: Option<SmolStr> = "OuterId";
        /// Where it was offered, as text.
        outer_text: Option<SmolStr> = "OuterStr";
        /// It had been deleted before.
        restored: Option<bool> = "IsRestoreMemberCard";
        /// Somebody recommended it.
        recommended: Option<bool> = "IsRecommendByFriend";
        /// The person across the brand's accounts, where the account is bound: one of the few pushes that say.
        union_id: Option<UnionId> = "UnionId" | "UnionID";
    }
}

impl Effect for UserGetCard {
    fn union_id(&self) -> Option<&UnionId> {
        self.union_id.as_ref()
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.code.as_deref().unwrap_or_default());
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference = Some(self.card_id.clone());
        facts.source.clone_from(&self.outer_text);
    }
}
