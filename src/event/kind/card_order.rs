//! Event `card_pay_order`.

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// The account bought or used coupon points.
    pub struct CardOrder {
        /// The order.
        order_id: Box<str> = "OrderId";
        /// `ORDER_STATUS_WAITING`, `_SUCC`, `_FINANCE_SUCC`, `_QUANTITY_SUCC`, `_HAS_REFUND`, ...
        status: Option<Box<str>> = "Status";
        /// Unix seconds.
        created_at: Option<i64> = "CreateOrderTime";
        /// Unix seconds.
        paid_at: Option<i64> = "PayFinishTime";
        /// In words.
        description: Option<Box<str>> = "Desc";
        /// Free coupon points used.
        free_coins: Option<Box<str>> = "FreeCoinCount";
        /// Bought coupon points used.
        paid_coins: Option<Box<str>> = "PayCoinCount";
        /// Free coupon points returned.
        refunded_free_coins: Option<Box<str>> = "RefundFreeCoinCount";
        /// Bought coupon points returned.
        refunded_paid_coins: Option<Box<str>> = "RefundPayCoinCount";
        /// `ORDER_TYPE_SYS_ADD`, `ORDER_TYPE_WXPAY`, ...
        order_type: Option<Box<str>> = "OrderType";
        /// In words.
        memo: Option<Box<str>> = "Memo";
        /// Its invoice.
        receipt: Option<Box<str>> = "ReceiptInfo";
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
