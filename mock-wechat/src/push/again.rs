//! A push that is sent once more: byte for byte, or with a new signature.

use super::{Outcome, Push, judge::fault_line, sealed::Sealed};
use crate::{journal::Delivery, platform::Platform};

impl Platform {
    /// Sends what was sent, to where it was sent, with the signature of then; one attempt. `None` when the account is
    /// gone.
    pub(crate) async fn send_same(&self, sent: &Delivery) -> Option<Outcome> {
        if sent.is_of_pay() {
            return self.notify_again(sent, true).await;
        }
        let push = self.routed(self.raw_push(&sent.app_id, sent.request.plaintext.clone())?);
        let sealed = Sealed::again(&push, &sent.request.url, &sent.request.body);
        Some(self.once(&push, sealed).await)
    }

    /// Sends the same message to where the account's callback is now, freshly signed (and encrypted).
    pub(crate) async fn send_resigned(&self, sent: &Delivery) -> Option<Outcome> {
        if sent.is_of_pay() {
            return self.notify_again(sent, false).await;
        }
        let push = self.raw_push(&sent.app_id, sent.request.plaintext.clone())?;
        Some(self.push(push).await)
    }

    async fn once(&self, push: &Push, sealed: Sealed) -> Outcome {
        let (delivery, drafts) = self.attempt(push, sealed, &[]).await;
        let delivery = self.deliveries.add(Delivery { duplicate: true, ..delivery });
        let drafts = drafts.unwrap_or_else(|| fault_line(push));
        let shown = match &push.person {
            Some(sender) => self.show(sender.key, &push.registered.account.app_id, drafts),
            None => Vec::new(),
        };
        Outcome { deliveries: vec![delivery], shown, ..Outcome::default() }
    }
}
