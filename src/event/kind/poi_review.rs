//! Event `poi_check_notify`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// A shop of the account passed or failed its review.
    pub struct PoiReview {
        /// The brand's own id of the shop.
        own_id: Option<SmolStr> = "UniqId";
        /// WeChat's id of it.
        poi_id: Option<SmolStr> = "PoiId";
        /// `succ` or `fail`.
        result: Option<SmolStr> = "Result";
        /// Why not.
        message: Option<SmolStr> = "msg" | "Msg";
    }
}

impl Effect for PoiReview {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
