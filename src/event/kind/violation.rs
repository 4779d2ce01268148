//! Event `wxa_illegal_record`.

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// The mini-program is said to have broken a rule.
    pub struct Violation {
        /// The record.
        id: Option<Box<str>> = "illegal_record_id";
        /// The mini-program.
        app_id: Option<Box<str>> = "appid";
        /// Unix seconds.
        at: Option<i64> = "create_time";
        /// Why.
        reason: Option<Box<str>> = "illegal_reason";
        /// What.
        content: Option<Box<str>> = "illegal_content";
        /// The rule.
        rule_name: Option<Box<str>> = "rule_name";
        /// Where the rule stands.
        rule_url: Option<Box<str>> = "rule_url";
    }
}

impl Effect for Violation {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
