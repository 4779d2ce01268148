//! Event `secvod_audit_event`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// A serial passed or failed its review.
    pub struct DramaReview {
        /// What was judged.
        review: Review = "audit_event";
    }

    /// One serial.
    pub struct Review {
        /// Its id.
        drama_id: Option<SmolStr> = "drama_id";
        /// The verdict.
        detail: Detail = "audit_detail";
    }

    /// The verdict.
    pub struct Detail {
        /// 0 none, 1 under way, 2 failed, 3 passed, 4 to be corrected.
        status: Option<i64> = "status";
        /// 0 first, 1 again, 2 episodes replaced, 3 description changed.
        kind: Option<i64> = "audit_type";
        /// Unix seconds.
        asked_at: Option<i64> = "create_time";
        /// Unix seconds.
        judged_at: Option<i64> = "audit_time";
    }
}

impl Effect for DramaReview {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
