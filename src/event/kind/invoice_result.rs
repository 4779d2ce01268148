//! Event `cloud_invoice_invoiceresult_event`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;

wire! {
    /// An invoice was made, or not.
    pub struct InvoiceResult {
        /// 0 made, 1 corrected, 2 failed, ...
        status: Option<i64> = "status";
        /// The request.
        request_id: SmolStr = "fpqqlsh";
        /// Tax number of who makes it.
        tax_no: Option<SmolStr> = "nsrsbh";
    }
}

impl Effect for InvoiceResult {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(&self.request_id);
    }
}
