//! Events `weapp_audit_success`, `weapp_audit_fail` and `weapp_audit_delay`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// A release of the mini-program passed, failed, or waits longer for its review.
    pub struct ReleaseReview {
        /// Unix seconds.
        at: Option<i64> = "SuccTime" | "FailTime" | "DelayTime";
        /// Why it was refused or delayed.
        reason: Option<SmolStr> = "Reason";
        /// Media ids of screenshots, separated by `|`.
        screenshots: Option<SmolStr> = "ScreenShot";
    }
}

impl Effect for ReleaseReview {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
