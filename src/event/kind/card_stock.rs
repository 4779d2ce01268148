//! Event `card_sku_remind`.

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// Few of a card are left.
    pub struct CardStock {
        /// The card.
        card_id: Box<str> = "CardId";
        /// How many are left, in words.
        detail: Option<Box<str>> = "Detail";
    }
}

impl Effect for CardStock {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
