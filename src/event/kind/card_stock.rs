//! Event `card_sku_remind`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// Few of a card are left.
    pub struct CardStock {
        /// The card.
        card_id: SmolStr = "CardId";
        /// How many are left, in words.
        detail: Option<SmolStr> = "Detail";
    }
}

impl Effect for CardStock {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
