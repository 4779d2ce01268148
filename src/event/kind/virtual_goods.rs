//! Event `xpay_goods_deliver_notify`.

use smol_str::SmolStr;

use super::{Ack, Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::OpenId;
use crate::ledger::Facts;

wire! {
    /// The person paid for virtual goods, which are to be delivered now.
    pub struct VirtualGoods {
        /// The buyer.
        open_id: OpenId = "OpenId" | "OpenID";
        /// The brand's order number.
        order_no: SmolStr = "OutTradeNo";
        /// 0 real, 1 sandbox.
        env: Option<i64> = "Env";
        /// How it was paid.
        payment: Payment = "WeChatPayInfo";
        /// What was bought.
        goods: Goods = "GoodsInfo";
        /// How often it was sent before.
        retries: Option<u64> = "RetryTimes";
    }

    /// The payment behind it.
    pub struct Payment {
        /// The brand's number of it.
        order_no: Option<SmolStr> = "MchOrderNo";
        /// WeChat Pay's transaction id.
        transaction_id: Option<SmolStr> = "TransactionId";
        /// Unix seconds.
        paid_at: Option<i64> = "PaidTime";
    }

    /// Virtual goods.
    pub struct Goods {
        /// The product.
        product_id: Option<SmolStr> = "ProductId";
        /// How many.
        quantity: Option<u64> = "Quantity";
        /// Fen before reductions.
        original_price: Option<i64> = "OrigPrice";
        /// Fen paid.
        actual_price: Option<i64> = "ActualPrice";
        /// What the page's author added.
        attach: Option<SmolStr> = "Attach";
    }
}

impl Effect for VirtualGoods {
    fn person(&self) -> Person<'_> {
        Person::Named(&self.open_id)
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.order_no);
    }

    /// A sandbox order costs nothing, so that it has no amount.
    fn facts(&self, facts: &mut Facts) {
        facts.reference = Some(self.order_no.clone());
        facts.amount_fen = self.goods.actual_price.filter(|_| self.env != Some(1));
    }

    fn acknowledgement(&self) -> Ack {
        Ack::ErrCode
    }
}
