//! Event `user_scan_product_verify_action`.

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// The page of a product passed or failed its review.
    pub struct ProductReview {
        /// `ean13`, `ean8`, `qrcode`.
        standard: Option<Box<str>> = "KeyStandard";
        /// The code.
        code: Box<str> = "KeyStr";
        /// `verify_ok`, `verify_not_pass`, ...
        result: Option<Box<str>> = "Result";
        /// Why not.
        reason: Option<Box<str>> = "ReasonMsg";
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
