//! One attempt to tell a merchant: signed, sent, judged, written down.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use futures::future;

use crate::{
    faults::{Effect, Place},
    journal::{Delivery, DeliveryRequest, DeliveryResponse, Verdict},
    platform::Platform,
    push::{courier::Harm, sealed::Sealed},
    wire::pay,
    world::{
        account::Account,
        notices::{Notification, gap_after},
    },
};

/// What a probe is called in the journal.
pub(super) const PROBE: &str = "SIGNTEST";

/// How a notification is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    Well,
    /// Because a fault asks for it.
    Wrongly,
    /// As WeChat Pay does now and then on purpose.
    Probe,
}

/// One attempt's own part of what goes over the wire.
pub(super) struct Letter {
    pub(super) headers: BTreeMap<&'static str, String>,
    pub(super) signed: Signed,
    /// Counts from 1.
    pub(super) attempt: u32,
    pub(super) duplicate: bool,
    /// What WeChat Pay does when it is not taken, in words.
    pub(super) otherwise: String,
}

impl Letter {
    /// A letter after which nothing comes, whatever the answer.
    pub(super) fn once(headers: BTreeMap<&'static str, String>, signed: Signed, duplicate: bool) -> Self {
        Self { headers, signed, attempt: 1, duplicate, otherwise: String::new() }
    }
}

impl Platform {
    /// One attempt with what faults make of it: delays, wrong signatures, copies; for the journal. Whether the merchant
    /// has it then.
    pub(super) async fn attempt_to_tell(
        &self,
        account: &Account,
        notification: &Notification,
        attempt: u32,
    ) -> (Vec<Delivery>, bool) {
        let effects = self.faults.strike(&Place {
            on: "push",
            account: Some((&account.name, &account.app_id)),
            event: Some(&notification.event),
        });
        for effect in &effects {
            if let Effect::Delay(delay) = effect {
                tokio::time::sleep(*delay).await;
            }
        }
        let signed = if effects.contains(&Effect::BadSignature) { Signed::Wrongly } else { Signed::Well };
        let tell = |duplicate| {
            let headers = self.pay_headers(&notification.body, signed);
            let otherwise = if duplicate { String::new() } else { otherwise(attempt) };
            self.tell(account, notification, Letter { headers, signed, attempt, duplicate, otherwise })
        };
        let copies = |of: fn(&Effect) -> Option<u32>| effects.iter().find_map(of).unwrap_or(0);
        let beside = copies(|effect| if let Effect::Duplicate(n) = effect { Some(*n) } else { None });
        let behind = copies(|effect| if let Effect::Repeat(n) = effect { Some(*n) } else { None });
        let (first, others) =
            future::join(tell(false), future::join_all((0..beside).map(|_| tell(true)))).await;
        let mut told = vec![first];
        told.extend(others);
        for _ in 0..behind {
            told.push(tell(true).await);
        }
        let taken = told.iter().any(|delivery| matches!(delivery.status, Some(200 | 204)));
        (told, taken)
    }

    /// The headers of a fresh signature.
    pub(super) fn pay_headers(&self, body: &str, signed: Signed) -> BTreeMap<&'static str, String> {
        let (timestamp, nonce) = (self.clock.seconds().to_string(), self.sequence.nonce());
        let over = if signed == Signed::Well { body } else { "another body" };
        let signature = pay::sign(&timestamp, &nonce, over).unwrap_or_default();
        let signature =
            if signed == Signed::Probe { format!("{}{signature}", pay::SIGNTEST) } else { signature };
        BTreeMap::from([
            ("Wechatpay-Timestamp", timestamp),
            ("Wechatpay-Nonce", nonce),
            ("Wechatpay-Serial", pay::SERIAL.to_owned()),
            ("Wechatpay-Signature", signature),
            ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048".to_owned()),
        ])
    }

    /// Sends one letter.
    pub(super) async fn tell(
        &self,
        account: &Account,
        notification: &Notification,
        letter: Letter,
    ) -> Delivery {
        let Letter { headers, signed, attempt, duplicate, otherwise } = letter;
        let sealed = Sealed {
            url: notification.url.clone(),
            body: notification.body.clone(),
            content_type: "application/json",
            headers: headers.iter().map(|(name, value)| (*name, value.clone())).collect(),
        };
        let (id, at, started) = (self.sequence.next(), self.clock.millis(), Instant::now());
        let answer =
            self.courier.post(&sealed, Harm::None, Duration::from_millis(account.push.timeout_ms)).await;
        let status = answer.as_ref().ok().map(|answer| answer.status);
        let verdict = judge(signed, answer.as_ref().map(|answer| answer.status), &otherwise);
        let answered = answer.ok().map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
        Delivery {
            id,
            at,
            account: account.name.clone(),
            app_id: account.app_id.clone(),
            person: Some(notification.person.clone()),
            event: if signed == Signed::Probe { PROBE.into() } else { notification.event.clone() },
            attempt,
            duplicate,
            status,
            ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            request: DeliveryRequest {
                url: sealed.url,
                headers,
                body: sealed.body,
                plaintext: notification.plaintext.clone(),
            },
            response: DeliveryResponse { body: answered, plaintext: None },
            verdict,
            faults: if signed == Signed::Wrongly { vec!["BadSignature".into()] } else { Vec::new() },
        }
    }
}

/// What WeChat Pay does when that attempt is not taken.
fn otherwise(attempt: u32) -> String {
    match gap_after(attempt) {
        Some(gap @ ..60) => format!(" (told again in {gap} s)"),
        Some(gap @ 60..3600) => format!(" (told again in {} min)", gap / 60),
        Some(gap) => format!(" (told again in {} h)", gap / 3600),
        None => format!(" (given up after {attempt} attempts)"),
    }
}

fn judge(signed: Signed, status: Result<u16, &String>, otherwise: &str) -> Verdict {
    match (signed, status) {
        (_, Err(reason)) => Verdict::bad(format!("{reason}{otherwise}")),
        (Signed::Well, Ok(200 | 204)) => Verdict::good("the merchant has it"),
        (Signed::Well, Ok(status)) => {
            Verdict::bad(format!("HTTP status {status}; WeChat Pay wants 200 or 204{otherwise}"))
        }
        (_, Ok(200 | 204)) => Verdict::bad(
            "a wrong signature was accepted; verify Wechatpay-Signature over timestamp, nonce and raw body"
                .to_owned(),
        ),
        (_, Ok(status)) => Verdict::good(format!("the wrong signature was refused with {status}{otherwise}")),
    }
}
