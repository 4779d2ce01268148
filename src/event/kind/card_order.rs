//! Event `card_pay_order`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// The account bought or used coupon points.
    pub struct CardOrder {
        /// The order.
        order_id: SmolStr = "OrderId";
        /// `ORDER_STATUS_WAITING`, `_SUCC`, `_FINANCE_SUCC`, `_QUANTITY_SUCC`, `_HAS_REFUND`, ...
        status: Option<SmolStr> = "Status";
        /// Unix seconds.
        created_at: Option<i64> = "CreateOrderTime";
        /// Unix seconds.
        paid_at: Option<i64> = "PayFinishTime";
        /// In words.
        description: Option<SmolStr> = "Desc";
        /// Free coupon points used.
        free_coins: Option<SmolStr> = "FreeCoinCount";
        /// Bought coupon points used.
        paid_coins: Option<SmolStr> = "PayCoinCount";
        /// Free coupon points returned.
        refunded_free_coins: Option<SmolStr> = "RefundFreeCoinCount";
        /// Bought coupon points returned.
        refunded_paid_coins: Option<SmolStr> = "RefundPayCoinCount";
        /// `ORDER_TYPE_SYS_ADD`, `ORDER_TYPE_WXPAY`, ...
        order_type: Option<SmolStr> = "OrderType";
        /// In words.
        memo: Option<SmolStr> = "Memo";
        /// Its invoice.
        receipt: Option<SmolStr> = "ReceiptInfo";
    }
}

impl Effect for CardOrder {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.order_id);
        key.with(self.status.as_deref().unwrap_or_default());
    }
}
