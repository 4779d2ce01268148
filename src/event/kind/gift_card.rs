//! Events `giftcard_pay_done`, `giftcard_send_to_friend` and `giftcard_user_accept`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person bought a gift card, gave it away, or accepted one.
    pub struct GiftCard {
        /// The page that sells it.
        page_id: Option<SmolStr> = "PageId";
        /// The order.
        order_id: SmolStr = "OrderId";
        /// It was given to a group.
        to_group: Option<bool> = "IsChatRoom";
        /// Nobody took it, and it came back.
        returned: Option<bool> = "IsReturnBack";
    }
}

impl Effect for GiftCard {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.order_id);
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference = Some(self.order_id.clone());
    }
}
