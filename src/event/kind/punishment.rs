//! Event `wxa_punish_event`.

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// The mini-program is warned or punished.
    pub struct Punishment {
        /// The punishment.
        id: Box<str> = "punish_id";
        /// 1 warning, 2 functions closed, 3 taken off, 4 account closed, 10 pages closed.
        kind: Option<i64> = "event_type";
        /// The mini-program.
        app_id: Option<Box<str>> = "appid";
        /// Unix seconds.
        at: Option<i64> = "punish_time";
        /// Why.
        reason: Option<Box<str>> = "illegal_reason";
        /// What.
        content: Vec<Box<str>> = "illegal_content";
        /// The rule.
        rule_name: Option<Box<str>> = "rule_name";
        /// Where the rule stands.
        rule_url: Option<Box<str>> = "rule_url";
        /// What to do.
        guide_url: Option<Box<str>> = "adjust_guide_url";
        /// JSON; its members depend on `kind`.
        detail: Option<Box<str>> = "detail";
    }
}

impl Effect for Punishment {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.id);
    }
}
