//! Event `add_express_path`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::limits::MAX_NODES;
use crate::event::value::{Words, wire};

wire! {
    /// A parcel went a step further. The sender is WeChat.
    pub struct ExpressPath {
        /// Carrier.
        carrier: Option<SmolStr> = "DeliveryID";
        /// Waybill.
        waybill: Option<SmolStr> = "WayBillId";
        /// The order.
        order_id: Option<SmolStr> = "OrderId";
        /// Grows with every change.
        version: Option<u64> = "Version";
        /// Steps so far.
        count: Option<u64> = "Count";
        /// The steps.
        steps: Vec<Step> = "Actions";
    }

    /// One step.
    pub struct Step {
        /// Unix seconds.
        at: Option<i64> = "ActionTime";
        /// Number of the step's kind.
        kind: Option<i64> = "ActionType";
        /// In words; may name the receiver.
        message: Words = "ActionMsg";
    }
}

impl Effect for ExpressPath {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn most_elements(&self) -> usize {
        MAX_NODES
    }
}
