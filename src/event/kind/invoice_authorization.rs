//! Event `user_authorize_invoice`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ledger::Facts;

wire! {
    /// The person allowed an invoice for an order.
    pub struct InvoiceAuthorization {
        /// The order, where it went well.
        order_id: Option<SmolStr> = "SuccOrderId";
        /// The order, where it did not.
        failed_order_id: Option<SmolStr> = "FailOrderId";
        /// The account that asked.
        app_id: Option<SmolStr> = "AuthorizeAppId" | "AppId";
        /// `web`, `app`, `wxa` or `wap`.
        source: Option<SmolStr> = "Source";
    }
}

impl Effect for InvoiceAuthorization {
    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.order_id.as_deref().or(self.failed_order_id.as_deref()).unwrap_or_default());
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference.clone_from(&self.order_id);
    }
}
