//! Event `wxa_nickname_audit`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// A name of the account passed or failed its review.
    pub struct NameReview {
        /// 2 refused, 3 accepted.
        verdict: Option<i64> = "ret";
        /// The name.
        name: Option<SmolStr> = "nickname";
        /// Why not.
        reason: Option<SmolStr> = "reason";
    }
}

impl Effect for NameReview {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
