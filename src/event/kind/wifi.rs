//! Event `WifiConnected`, retired by WeChat.

use smol_str::SmolStr;

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
        vendor: Option<SmolStr> = "VendorId";
        /// Shop.
        shop: Option<SmolStr> = "ShopId" | "PlaceId";
        /// The router.
        device: Option<SmolStr> = "DeviceNo";
    }
}

impl Effect for WifiConnected {
    fn facts(&self, facts: &mut Facts) {
        facts.store.clone_from(&self.shop);
    }
}
