//! Event `wxa_punish_event`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// The mini-program is warned or punished.
    pub struct Punishment {
        /// The punishment.
        id: SmolStr = "punish_id";
        /// 1 warning, 2 functions closed, 3 taken off, 4 account closed, 10 pages closed.
        kind: Option<i64> = "event_type";
        /// The mini-program.
        app_id: Option<SmolStr> = "appid";
        /// Unix seconds.
        at: Option<i64> = "punish_time";
        /// Why.
        reason: Option<SmolStr> = "illegal_reason";
        /// What.
        content: Vec<SmolStr> = "illegal_content";
        /// The rule.
        rule_name: Option<SmolStr> = "rule_name";
        /// Where the rule stands.
        rule_url: Option<SmolStr> = "rule_url";
        /// What to do.
        guide_url: Option<SmolStr> = "adjust_guide_url";
        /// JSON; its members depend on `kind`.
        detail: Option<SmolStr> = "detail";
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
