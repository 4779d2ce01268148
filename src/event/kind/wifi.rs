//! Event `WifiConnected`, retired by WeChat.

use super::Effect;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person joined a shop's network.
    pub struct WifiConnected {
        /// Unix seconds.
        connected_at: Option<i64> = "ConnectTime";
        /// Unix seconds.
        expires_at: Option<i64> = "ExpireTime";
        /// Maker of the router.
        vendor: Option<Box<str>> = "VendorId";
        /// Shop.
        shop: Option<Box<str>> = "ShopId" | "PlaceId";
        /// The router.
        device: Option<Box<str>> = "DeviceNo";
    }
}

impl Effect for WifiConnected {
    fn facts(&self, facts: &mut Facts) {
        facts.store.clone_from(&self.shop);
    }
}
