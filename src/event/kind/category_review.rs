//! Event `wxa_category_audit`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// A category of the mini-program passed or failed its review.
    pub struct CategoryReview {
        /// 2 refused, 3 accepted.
        verdict: Option<i64> = "ret";
        /// Category.
        first: Option<SmolStr> = "first";
        /// Category below it.
        second: Option<SmolStr> = "second";
        /// Why not.
        reason: Option<SmolStr> = "reason";
    }
}

impl Effect for CategoryReview {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
