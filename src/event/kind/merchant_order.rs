//! Event `merchant_order`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person paid an order of the account's small shop.
    pub struct MerchantOrder {
        /// The order.
        order_id: SmolStr = "OrderId";
        /// 2 to be sent, 3 sent, 5 done, 8 disputed.
        status: Option<i64> = "OrderStatus";
        /// The product.
        product_id: Option<SmolStr> = "ProductId";
        /// Its variety, as `property:value;...`.
        sku: Option<SmolStr> = "SkuInfo";
    }
}

impl Effect for MerchantOrder {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.order_id);
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference = Some(self.order_id.clone());
    }
}
