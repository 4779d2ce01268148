//! Event `wxa_privacy_apply`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// The use of an interface that touches privacy was allowed or refused.
    pub struct InterfaceReview {
        /// The verdict.
        result: Verdict = "result_info";
    }

    /// One verdict.
    pub struct Verdict {
        /// The interface.
        api: Option<SmolStr> = "api_name";
        /// Unix seconds.
        asked_at: Option<i64> = "apply_time";
        /// Number of the review.
        id: Option<SmolStr> = "audit_id";
        /// Unix seconds.
        judged_at: Option<i64> = "audit_time";
        /// 2 refused, 3 accepted.
        status: Option<i64> = "status";
        /// Why not.
        reason: Option<SmolStr> = "reason";
    }
}

impl Effect for InterfaceReview {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
