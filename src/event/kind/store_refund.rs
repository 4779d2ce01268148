//! Event `retail_refund_notify`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// A business-to-business order was refunded, or not. The sender is WeChat, and the buyer is not named.
    pub struct StoreRefund {
        /// Merchant.
        mchid: Option<SmolStr> = "mchid";
        /// The brand's number of the refund.
        own_refund_id: SmolStr = "out_refund_no";
        /// WeChat's number of the refund.
        refund_id: Option<SmolStr> = "refund_id";
        /// The brand's number of the order.
        own_order_id: Option<SmolStr> = "out_trade_no";
        /// WeChat's number of the order.
        order_id: Option<SmolStr> = "order_id";
        /// Fen.
        refund_amount: Option<i64> = "refund_amount";
        /// Fen of the whole order.
        order_amount: Option<i64> = "order_amount";
        /// Who asked for it.
        asked_by: Option<SmolStr> = "refund_from";
        /// Why.
        reason: Option<SmolStr> = "refund_reason";
        /// `2026-03-05 17:50:50`, Beijing.
        created_at: Option<SmolStr> = "create_time";
        /// `2026-03-05 17:50:53`, Beijing.
        refunded_at: Option<SmolStr> = "refund_time";
        /// `REFUND_SUCC` or `REFUND_FAIL`.
        status: Option<SmolStr> = "refund_status";
        /// WeChat Pay's number of the refund.
        transaction_id: Option<SmolStr> = "wxpay_refund_id";
        /// 0 real, 1 sandbox.
        env: Option<i64> = "env";
        /// 0 WeChat Pay, 1 bank transfer.
        channel: Option<i64> = "pay_channel";
        /// In words.
        description: Option<SmolStr> = "refund_desc";
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
