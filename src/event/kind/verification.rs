//! Events `qualification_verify_success`, `naming_verify_success`, `annual_renew`, `verify_expired`, and the two that end in `_fail`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// The account or its name was verified, must be verified again, or no longer is.
    pub struct Verified {
        /// Unix seconds until which it holds.
        expires_at: Option<i64> = "ExpiredTime";
    }

    /// The account or its name was not verified.
    pub struct Refused {
        /// Unix seconds.
        at: Option<i64> = "FailTime";
        /// Why.
        reason: Option<SmolStr> = "FailReason";
    }
}

impl Effect for Verified {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}

impl Effect for Refused {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
