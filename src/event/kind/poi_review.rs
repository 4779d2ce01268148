//! Event `poi_check_notify`.

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// A shop of the account passed or failed its review.
    pub struct PoiReview {
        /// The brand's own id of the shop.
        own_id: Option<Box<str>> = "UniqId";
        /// WeChat's id of it.
        poi_id: Option<Box<str>> = "PoiId";
        /// `succ` or `fail`.
        result: Option<Box<str>> = "Result";
        /// Why not.
        message: Option<Box<str>> = "msg" | "Msg";
    }
}

impl Effect for PoiReview {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
