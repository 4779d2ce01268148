//! Events `user_scan_product`, `user_scan_product_enter_session` and `user_scan_product_async`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::{Words, wire};
use crate::ledger::Facts;

wire! {
    /// The person opened the page of a product, the chat from it, or was located there.
    pub struct ProductScan {
        /// `ean13`, `ean8`, `qrcode`.
        standard: Option<SmolStr> = "KeyStandard";
        /// The code.
        code: SmolStr = "KeyStr";
        /// What the code's maker added.
        extra: Option<SmolStr> = "ExtInfo";
        /// How they came: 1 another way, 2 by scanning.
        scene: Option<i64> = "Scene";
        /// Where they are.
        country: Words = "Country";
        /// Where they are.
        province: Words = "Province";
        /// Where they are.
        city: Words = "City";
        /// Administrative number of where they are; the third kind only.
        region: Words = "RegionCode";
        /// 1 male, 2 female, 0 unknown.
        sex: Words = "Sex";
    }
}

impl Effect for ProductScan {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.code);
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference = Some(self.code.clone());
    }
}
