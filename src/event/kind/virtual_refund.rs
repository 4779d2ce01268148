//! Event `xpay_refund_notify`.

use smol_str::SmolStr;

use super::{Ack, Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::OpenId;
use crate::ledger::Facts;

wire! {
    /// Virtual goods or coins were refunded, or not.
    pub struct VirtualRefund {
        /// The buyer.
        open_id: OpenId = "OpenId" | "OpenID";
        /// WeChat's number of the refund.
        refund_id: Option<SmolStr> = "WxRefundId";
        /// The brand's number of the refund.
        own_refund_id: SmolStr = "MchRefundId";
        /// WeChat's number of the order.
        order_id: Option<SmolStr> = "WxOrderId";
        /// The brand's number of the order.
        own_order_id: Option<SmolStr> = "MchOrderId";
        /// Fen.
        fee: Option<i64> = "RefundFee";
        /// 0 refunded.
        code: Option<i64> = "RetCode";
        /// Why not.
        message: Option<SmolStr> = "RetMsg";
        /// Unix seconds.
        started_at: Option<i64> = "RefundStartTimestamp";
        /// Unix seconds.
        succeeded_at: Option<i64> = "RefundSuccTimestamp";
        /// WeChat Pay's number of the refund.
        transaction_id: Option<SmolStr> = "WxpayRefundTransactionId";
        /// How often it was sent before.
        retries: Option<u64> = "RetryTimes";
    }
}

impl Effect for VirtualRefund {
    fn person(&self) -> Person<'_> {
        Person::Named(&self.open_id)
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.own_refund_id);
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference.clone_from(&self.own_order_id);
        facts.amount_fen = self.fee.filter(|_| self.code == Some(0));
    }

    fn acknowledgement(&self) -> Ack {
        Ack::ErrCode
    }
}
