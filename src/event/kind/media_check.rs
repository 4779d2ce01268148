//! Event `wxa_media_check`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::limits::MAX_NODES;
use crate::event::value::wire;

wire! {
    /// The verdict on a picture or sound that the mini-program had checked.
    pub struct MediaCheck {
        /// The check: many results share sender and second, and only this tells them apart.
        trace_id: SmolStr = "trace_id";
        /// The mini-program.
        app_id: Option<SmolStr> = "appid";
        /// 2; missing in the first version.
        version: Option<i64> = "version";
        /// The verdict.
        result: Verdict = "result";
        /// How it was reached.
        detail: Vec<Strategy> = "detail";
        /// First version: 1 risky.
        risky: Option<bool> = "isrisky";
        /// First version: 0 checked, 4294966288 could not be fetched.
        status_code: Option<i64> = "status_code";
        /// First version: JSON.
        extra: Option<SmolStr> = "extra_info_json";
    }

    /// The verdict.
    pub struct Verdict {
        /// `pass`, `review` or `risky`.
        suggest: Option<SmolStr> = "suggest";
        /// What was found: 100 nothing.
        label: Option<i64> = "label";
    }

    /// What one method found.
    pub struct Strategy {
        /// `content_model`, `keyword`, ...
        name: Option<SmolStr> = "strategy";
        /// 0 where it worked.
        code: Option<i64> = "errcode";
        /// `pass`, `review` or `risky`.
        suggest: Option<SmolStr> = "suggest";
        /// What was found: 100 nothing.
        label: Option<i64> = "label";
        /// How sure, 0 to 100.
        probability: Option<f64> = "prob";
    }
}

impl Effect for MediaCheck {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.trace_id);
    }

    fn most_elements(&self) -> usize {
        MAX_NODES
    }
}
