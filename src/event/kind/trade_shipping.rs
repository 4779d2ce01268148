//! Event `trade_manage_remind_shipping`.

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// WeChat reminds the operator to report the shipment of an order that is 48 hours old.
    pub struct TradeShipping {
        /// WeChat Pay's transaction id.
        transaction_id: Option<Box<str>> = "transaction_id";
        /// Merchant.
        merchant_id: Option<Box<str>> = "merchant_id";
        /// Sub-merchant.
        sub_merchant_id: Option<Box<str>> = "sub_merchant_id";
        /// The brand's order number.
        order_no: Option<Box<str>> = "merchant_trade_no";
        /// Unix seconds.
        paid_at: Option<i64> = "pay_time";
        /// In words.
        message: Option<Box<str>> = "msg";
    }
}

impl Effect for TradeShipping {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
