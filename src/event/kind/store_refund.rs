//! Event `retail_refund_notify`.

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// A business-to-business order was refunded, or not. The sender is WeChat, and the buyer is not named.
    pub struct StoreRefund {
        /// Merchant.
        mchid: Option<Box<str>> = "mchid";
        /// The brand's number of the refund.
        own_refund_id: Box<str> = "out_refund_no";
        /// WeChat's number of the refund.
        refund_id: Option<Box<str>> = "refund_id";
        /// The brand's number of the order.
        own_order_id: Option<Box<str>> = "out_trade_no";
        /// WeChat's number of the order.
        order_id: Option<Box<str>> = "order_id";
        /// Fen.
        refund_amount: Option<i64> = "refund_amount";
        /// Fen of the whole order.
        order_amount: Option<i64> = "order_amount";
        /// Who asked for it.
        asked_by: Option<Box<str>> = "refund_from";
        /// Why.
        reason: Option<Box<str>> = "refund_reason";
        /// `2026-03-05 17:50:50`, Beijing.
        created_at: Option<Box<str>> = "create_time";
        /// `2026-03-05 17:50:53`, Beijing.
        refunded_at: Option<Box<str>> = "refund_time";
        /// `REFUND_SUCC` or `REFUND_FAIL`.
        status: Option<Box<str>> = "refund_status";
        /// WeChat Pay's number of the refund.
        transaction_id: Option<Box<str>> = "wxpay_refund_id";
        /// 0 real, 1 sandbox.
        env: Option<i64> = "env";
        /// 0 WeChat Pay, 1 bank transfer.
        channel: Option<i64> = "pay_channel";
        /// In words.
        description: Option<Box<str>> = "refund_desc";
    }
}

impl Effect for StoreRefund {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.own_refund_id);
    }
}
