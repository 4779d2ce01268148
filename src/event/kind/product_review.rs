//! Event `user_scan_product_verify_action`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// The page of a product passed or failed its review.
    pub struct ProductReview {
        /// `ean13`, `ean8`, `qrcode`.
        standard: Option<SmolStr> = "KeyStandard";
        /// The code.
        code: SmolStr = "KeyStr";
        /// `verify_ok`, `verify_not_pass`, ...
        result: Option<SmolStr> = "Result";
        /// Why not.
        reason: Option<SmolStr> = "ReasonMsg";
    }
}

impl Effect for ProductReview {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.code);
    }
}
