//! Event `submit_invoice_title`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::{Words, wire};

wire! {
    /// The person said whom an invoice is for.
    pub struct InvoiceTitle {
        /// Whom the invoice is for.
        title: Words = "title";
        /// `InvoiceUserTitlePersonType` or `InvoiceUserTitleBusinessType`.
        title_type: Option<SmolStr> = "title_type";
        /// Tax number.
        tax_no: Words = "tax_no";
        /// Address.
        address: Words = "addr";
        /// Telephone.
        phone: Words = "phone";
        /// Bank.
        bank: Words = "bank_type";
        /// Account there.
        bank_no: Words = "bank_no";
        /// What the code's maker added.
        attach: Option<SmolStr> = "attach";
    }
}

impl Effect for InvoiceTitle {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with_body();
    }
}
