//! Event `xpay_apple_subscribe_signing_result_notify`.

use smol_str::SmolStr;

use super::{Ack, Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::OpenId;
use crate::ledger::Facts;

wire! {
    /// The person signed for a subscription through Apple.
    pub struct VirtualSubscription {
        /// Who signed.
        open_id: OpenId = "OpenId" | "OpenID";
        /// What the page's author added.
        attach: Option<SmolStr> = "Attach";
        /// What was signed.
        contract: Contract = "AppleSubscriptionInfo";
        /// How often it was sent before.
        retries: Option<u64> = "RetryTimes";
    }

    /// A subscription.
    pub struct Contract {
        /// Apple's first transaction: the same through all renewals.
        transaction_id: Option<SmolStr> = "OriginalTransactionId";
        /// The product.
        product_id: Option<SmolStr> = "ProductId";
        /// Whether it renews itself.
        renews: Option<SmolStr> = "AutoRenewStatus";
    }
}

impl Effect for VirtualSubscription {
    fn person(&self) -> Person<'_> {
        Person::Named(&self.open_id)
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.open_id.as_str());
        key.with(self.contract.transaction_id.as_deref().unwrap_or_default());
    }

    fn facts(&self, facts: &mut Facts) {
        facts.reference.clone_from(&self.contract.product_id);
    }

    fn acknowledgement(&self) -> Ack {
        Ack::ErrCode
    }
}
