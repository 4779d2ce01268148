//! Event `charge_service_quota_notify`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// What was bought of a paid service is used up, or nearly.
    pub struct ChargeQuota {
        /// 3.
        kind: Option<i64> = "event_type";
        /// The mini-program.
        app_id: Option<SmolStr> = "appid";
        /// The service.
        spu_id: Option<SmolStr> = "spu_id";
        /// Its name.
        spu_name: Option<SmolStr> = "spu_name";
        /// Calls bought.
        total: Option<u64> = "total_quota";
        /// Calls used.
        used: Option<u64> = "total_used_quota";
    }
}

impl Effect for ChargeQuota {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
