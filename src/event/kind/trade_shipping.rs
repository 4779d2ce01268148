//! Event `trade_manage_remind_shipping`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// WeChat reminds the operator to report the shipment of an order that is 48 hours old.
    pub struct TradeShipping {
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
        /// In words.
        message: Option<SmolStr> = "msg";
    }
}

impl Effect for TradeShipping {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
