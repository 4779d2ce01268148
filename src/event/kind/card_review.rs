//! Events `card_pass_check` and `card_not_pass_check`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// A card of the account passed or failed its review.
    pub struct CardReview {
        /// The card.
        card_id: SmolStr = "CardId";
        /// Why it was refused.
        reason: Option<SmolStr> = "RefuseReason";
    }
}

impl Effect for CardReview {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.card_id);
    }
}
