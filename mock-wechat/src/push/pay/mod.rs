//! WeChat Pay's notifications to a merchant: payments and refunds, signed and sealed, told again until they are taken, and
//! the probes with which WeChat Pay finds out whether a receiver verifies.
//!
//! | file | holds |
//! |---|---|
//! | `notice.rs` | what is told, and how it is sealed |
//! | `attempt.rs` | one attempt: signature, faults, verdict, journal |
//! | `pending.rs` | what was not taken, and when it is told again |

mod attempt;
mod notice;
mod pending;

pub(crate) use notice::Notice;
pub use pending::PendingNotice;

use self::attempt::{Letter, PROBE, Signed};
use super::Outcome;
use crate::{journal::Delivery, platform::Platform, world::notices::Notification};

impl Platform {
    /// Tells the merchant, once; where the answer is not 200 or 204 it is told again when the mock's clock says so, see
    /// `pending.rs`. Every attempt is signed afresh, and all have one `id`.
    pub(crate) async fn notify(&self, notice: &Notice) -> Outcome {
        let account = &notice.registered.account;
        let Some(url) = &account.pay_notify_url else { return Outcome::default() };
        let notification = self.sealed(notice, url);
        let mut deliveries = Vec::new();
        if notice.probe {
            let headers = self.pay_headers(&notification.body, Signed::Probe);
            let letter = Letter::once(headers, Signed::Probe, false);
            deliveries.push(self.deliveries.add(self.tell(account, &notification, letter).await));
        }
        let at = self.clock.millis();
        let (told, taken) = self.attempt_to_tell(account, &notification, 1).await;
        let pending = if taken { None } else { self.tell_again_later(&notification, at) };
        // Last: who waits for the attempt shall find what follows from it.
        deliveries.extend(told.into_iter().map(|delivery| self.deliveries.add(delivery)));
        Outcome { deliveries, pending: pending.into_iter().collect(), shown: Vec::new() }
    }

    /// Tells the merchant what was told before: byte for byte, or signed anew; one attempt that nothing follows from.
    /// `None` when the account is gone.
    pub(super) async fn notify_again(&self, sent: &Delivery, same: bool) -> Option<Outcome> {
        let registered = self.world().account(&sent.app_id)?.clone();
        let notification = Notification::sent(sent)?;
        // What was spoilt then is spoilt still.
        let signed = match same {
            true if sent.event == PROBE => Signed::Probe,
            true if !sent.faults.is_empty() => Signed::Wrongly,
            _ => Signed::Well,
        };
        let headers =
            if same { sent.request.headers.clone() } else { self.pay_headers(&notification.body, signed) };
        let letter = Letter::once(headers, signed, true);
        let delivery = self.tell(&registered.account, &notification, letter).await;
        Some(Outcome { deliveries: vec![self.deliveries.add(delivery)], ..Outcome::default() })
    }

    /// Tells the merchant the same with another content, once. `None` when the account is gone.
    ///
    /// # Errors
    /// The content is no JSON.
    pub(crate) async fn notify_edited(
        &self,
        sent: &Delivery,
        resource: &str,
    ) -> Result<Option<Outcome>, serde_json::Error> {
        let resource = serde_json::from_str(resource)?;
        let registered = self.world().account(&sent.app_id).cloned();
        let notice = registered.and_then(|registered| Notice::edited(registered, sent, resource));
        let Some(notice) = notice else { return Ok(None) };
        let account = &notice.registered.account;
        let Some(url) = &account.pay_notify_url else { return Ok(Some(Outcome::default())) };
        let notification = self.sealed(&notice, url);
        let headers = self.pay_headers(&notification.body, Signed::Well);
        let letter = Letter::once(headers, Signed::Well, false);
        let delivery = self.tell(account, &notification, letter).await;
        Ok(Some(Outcome { deliveries: vec![self.deliveries.add(delivery)], ..Outcome::default() }))
    }
}
