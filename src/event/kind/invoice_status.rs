//! Event `update_invoice_status`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// The person handed in an invoice for reimbursement.
    pub struct InvoiceStatus {
        /// `INVOICE_REIMBURSE_INIT`, `_LOCK`, `_CLOSURE`, ...
        status: SmolStr = "Status";
        /// The invoice's card.
        card_id: SmolStr = "CardId";
        /// The card's number.
        code: Option<SmolStr> = "Code";
    }
}

impl Effect for InvoiceStatus {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.status);
        key.with(self.code.as_deref().unwrap_or_default());
    }
}
