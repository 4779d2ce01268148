//! Event `trade_manage_order_settlement`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// The money of an order will be or has been paid out.
    pub struct TradeSettlement {
        /// WeChat Pay's transaction id.
        transaction_id: Option<SmolStr> = "transaction_id";
        /// Merchant.
        merchant_id: Option<SmolStr> = "merchant_id";
        /// Sub-merchant.
        sub_merchant_id: Option<SmolStr> = "sub_merchant_id";
        /// The brand's order number.
        order_no: Option<SmolStr> = "merchant_trade_no";
        /// Unix seconds.
        paid_at: Option<i64> = "pay_time";
        /// Unix seconds.
        shipped_at: Option<i64> = "shipped_time";
        /// Unix seconds.
        settles_at: Option<i64> = "estimated_settlement_time";
        /// 1 by itself, 2 by the buyer.
        received_by: Option<i64> = "confirm_receive_method";
        /// Unix seconds.
        received_at: Option<i64> = "confirm_receive_time";
        /// Unix seconds.
        settled_at: Option<i64> = "settlement_time";
    }
}

impl Effect for TradeSettlement {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
