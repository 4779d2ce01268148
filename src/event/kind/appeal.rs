//! Event `wxa_appeal_record`.

use super::{Effect, Person};
use crate::event::tree::MAX_NODES;
use crate::event::value::wire;

wire! {
    /// WeChat's answer to an appeal against a punishment.
    pub struct Appeal {
        /// The appeal.
        id: Option<Box<str>> = "appeal_record_id";
        /// The mini-program.
        app_id: Option<Box<str>> = "appid";
        /// Unix seconds.
        at: Option<i64> = "appeal_time";
        /// How often.
        count: Option<u64> = "appeal_count";
        /// 0 operator, 1 service provider.
        from: Option<i64> = "appeal_from";
        /// 1 under way, 2 accepted, 3 refused, 4 withdrawn.
        status: Option<i64> = "appeal_status";
        /// Unix seconds.
        judged_at: Option<i64> = "audit_time";
        /// Why.
        reason: Option<Box<str>> = "audit_reason";
        /// What the punishment was.
        punishment: Option<Box<str>> = "punish_description";
        /// The evidence of both sides.
        material: Vec<Material> = "material";
    }

    /// Evidence of one point.
    pub struct Material {
        /// What WeChat found.
        found: Found = "illegal_material";
        /// What the operator said.
        said: Said = "appeal_material";
    }

    /// What WeChat found.
    pub struct Found {
        /// In words.
        content: Option<Box<str>> = "content";
        /// Where.
        url: Option<Box<str>> = "content_url";
    }

    /// What the operator said.
    pub struct Said {
        /// In words.
        reason: Option<Box<str>> = "reason";
        /// Media ids of proofs.
        proofs: Vec<Box<str>> = "proof_material_id";
    }
}

impl Effect for Appeal {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn most_elements(&self) -> usize {
        MAX_NODES
    }
}
