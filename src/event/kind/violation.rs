//! Event `wxa_illegal_record`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// The mini-program is said to have broken a rule.
    pub struct Violation {
        /// The record.
        id: Option<SmolStr> = "illegal_record_id";
        /// The mini-program.
        app_id: Option<SmolStr> = "appid";
        /// Unix seconds.
        at: Option<i64> = "create_time";
        /// Why.
        reason: Option<SmolStr> = "illegal_reason";
        /// What.
        content: Option<SmolStr> = "illegal_content";
        /// The rule.
        rule_name: Option<SmolStr> = "rule_name";
        /// Where the rule stands.
        rule_url: Option<SmolStr> = "rule_url";
    }
}

impl Effect for Violation {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
