//! Event `wxa_appeal_record`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::limits::MAX_NODES;
use crate::event::value::wire;

wire! {
    /// WeChat's answer to an appeal against a punishment.
    pub struct Appeal {
        /// The appeal.
        id: Option<SmolStr> = "appeal_record_id";
        /// The mini-program.
        app_id: Option<SmolStr> = "appid";
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
        reason: Option<SmolStr> = "audit_reason";
        /// What the punishment was.
        punishment: Option<SmolStr> = "punish_description";
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
        content: Option<SmolStr> = "content";
        /// Where.
        url: Option<SmolStr> = "content_url";
    }

    /// What the operator said.
    pub struct Said {
        /// In words.
        reason: Option<SmolStr> = "reason";
        /// Media ids of proofs.
        proofs: Vec<SmolStr> = "proof_material_id";
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
