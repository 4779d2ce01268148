//! Event `user_gifting_card`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::OpenId;
use crate::ledger::Facts;

wire! {
    /// The person gives a card to somebody.
    pub struct UserGiftingCard {
        /// The card.
        card_id: SmolStr = "CardId";
        /// Its number.
        code: Option<SmolStr> = "UserCardCode";
        /// Nobody took it, and it came back.
        returned: Option<bool> = "IsReturnBack";
        /// Who got it.
        receiver: Option<OpenId> = "FriendUserName";
        /// It was given to a group.
        to_group: Option<bool> = "IsChatRoom";
    }
}

impl Effect for UserGiftingCard {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.code.as_deref().unwrap_or_default());
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference = Some(self.card_id.clone());
    }
}
