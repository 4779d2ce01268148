//! Events `wx_verify_pay_succ` and `wx_verify_dispatch`, whose elements WeChat documents in parts only.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// The verification of the account was paid, or given to somebody.
    pub struct VerificationOrder {
        /// Who verifies.
        provider: Option<SmolStr> = "provider" | "Provider";
        /// How to reach them.
        contact: Option<SmolStr> = "contact" | "Contact";
        /// Unix seconds.
        dispatched_at: Option<i64> = "dispatch_time" | "DispatchTime";
    }
}

impl Effect for VerificationOrder {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
