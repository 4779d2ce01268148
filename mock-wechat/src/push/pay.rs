//! WeChat Pay's notifications to a merchant: payments and refunds, signed and sealed, and the probes with which WeChat Pay
//! finds out whether a receiver verifies.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{Timestamp, tz};
use serde_json::{Value, json};

use super::{Delivery, DeliveryRequest, DeliveryResponse, Outcome, Verdict, courier::Harm, sealed::Sealed};
use crate::{
    faults::{Effect, Place},
    platform::Platform,
    wire::pay,
    world::{Registered, payments::Payment, payments::Refunded},
};

/// Something that a merchant is told.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    registered: Arc<Registered>,
    person: String,
    /// `TRANSACTION.SUCCESS` or `REFUND.SUCCESS`.
    event: &'static str,
    summary: &'static str,
    /// `transaction` or `refund`.
    original_type: &'static str,
    /// What will be sealed.
    resource: Value,
    /// Whether a probe with a wrong signature goes first.
    probe: bool,
}

impl Notice {
    pub(crate) fn of_payment(
        registered: &Arc<Registered>,
        person: &str,
        payment: &Payment,
        probe: bool,
    ) -> Self {
        let account = &registered.account;
        let resource = json!({
            "appid": account.app_id, "mchid": account.mch_id, "out_trade_no": payment.out_trade_no,
            "transaction_id": payment.transaction_id, "trade_type": "JSAPI", "trade_state": "SUCCESS",
            "trade_state_desc": "支付成功", "bank_type": "OTHERS", "attach": "",
            "success_time": beijing(payment.paid_at),
            "payer": {"openid": registered.open_ids.seal(payment.person)},
            "amount": {
                "total": payment.total, "payer_total": payment.total, "currency": "CNY", "payer_currency": "CNY",
            },
        });
        let (event, summary) = ("TRANSACTION.SUCCESS", "支付成功");
        let (registered, person) = (registered.clone(), person.to_owned());
        Self { registered, person, event, summary, original_type: "transaction", resource, probe }
    }

    pub(crate) fn of_refund(
        registered: &Arc<Registered>,
        person: &str,
        out_trade_no: &str,
        refunded: &Refunded,
        now: i64,
    ) -> Self {
        let resource = json!({
            "mchid": registered.account.mch_id, "out_trade_no": out_trade_no,
            "transaction_id": refunded.transaction_id, "refund_id": refunded.refund_id,
            "out_refund_no": format!("{out_trade_no}-r{}", refunded.number), "refund_status": "SUCCESS",
            "success_time": beijing(now), "user_received_account": "支付用户零钱",
            "amount": {
                "total": refunded.total, "refund": refunded.fen, "payer_total": refunded.total,
                "payer_refund": refunded.fen,
            },
        });
        let (event, summary) = ("REFUND.SUCCESS", "退款成功");
        let (registered, person) = (registered.clone(), person.to_owned());
        Self { registered, person, event, summary, original_type: "refund", resource, probe: false }
    }
}

impl Notice {
    /// What was told before, to be told once more.
    fn again(registered: Arc<Registered>, sent: &Delivery) -> Option<Self> {
        let body: Value = serde_json::from_str(&sent.request.body).ok()?;
        let (event, summary, original_type) = match body.get("event_type")?.as_str()? {
            "REFUND.SUCCESS" => ("REFUND.SUCCESS", "退款成功", "refund"),
            _ => ("TRANSACTION.SUCCESS", "支付成功", "transaction"),
        };
        let person = sent.person.clone().unwrap_or_default();
        let resource = serde_json::from_str(&sent.request.plaintext).ok()?;
        Some(Self { registered, person, event, summary, original_type, resource, probe: false })
    }
}

impl Platform {
    /// Tells the merchant, until the answer is 200 or 204 or the account's tries are used up. Each try is signed afresh,
    /// and all have one `id`.
    pub(crate) async fn notify(&self, notice: &Notice) -> Outcome {
        let account = &notice.registered.account;
        let Some(url) = &account.pay_notify_url else { return Outcome::default() };
        let effects = self.faults.strike(&Place {
            on: "push",
            account: Some((&account.name, &account.app_id)),
            event: Some(notice.event),
        });
        for effect in &effects {
            if let Effect::Delay(delay) = effect {
                tokio::time::sleep(*delay).await;
            }
        }
        let mut deliveries = Vec::new();
        let body = self.body(notice);
        if notice.probe {
            let headers = self.signed(&body, Signed::Probe);
            let letter = Letter { url, body: &body, headers, signed: Signed::Probe, attempt: 1 };
            deliveries.push(self.tell(notice, letter, false).await.0);
        }
        let copies = effects.iter().find_map(|effect| match effect {
            Effect::Duplicate(copies) | Effect::Repeat(copies) => Some(*copies),
            _ => None,
        });
        let signed = if effects.contains(&Effect::BadSignature) { Signed::Wrongly } else { Signed::Well };
        for _ in 0..=copies.unwrap_or(0) {
            for attempt in 1..=account.push.deliveries {
                let headers = self.signed(&body, signed);
                let letter = Letter { url, body: &body, headers, signed, attempt };
                let (delivery, done) = self.tell(notice, letter, false).await;
                deliveries.push(delivery);
                if done {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(account.push.gap_ms)).await;
            }
        }
        Outcome { deliveries, shown: Vec::new() }
    }

    fn body(&self, notice: &Notice) -> String {
        let nonce = format!("{:0>12}", self.sequence.nonce());
        let sealed = pay::seal(
            &notice.registered.account.api_v3_key,
            &nonce,
            notice.original_type,
            &notice.resource.to_string(),
        );
        json!({
            "id": format!("EV-{}{:016}", self.clock.seconds(), self.sequence.next()),
            "create_time": beijing(self.clock.seconds()), "resource_type": "encrypt-resource",
            "event_type": notice.event, "summary": notice.summary,
            "resource": {
                "original_type": notice.original_type, "algorithm": "AEAD_AES_256_GCM",
                // An account's key is checked when the account is set.
                "ciphertext": sealed.unwrap_or_default(),
                "associated_data": notice.original_type, "nonce": nonce,
            },
        })
        .to_string()
    }

    /// Tells the merchant what was told before: byte for byte, or signed anew; one attempt. `None` when the account is
    /// gone.
    pub(super) async fn notify_again(&self, sent: &Delivery, same: bool) -> Option<Outcome> {
        let registered = self.world().account(&sent.app_id)?.clone();
        let notice = Notice::again(registered, sent)?;
        let headers =
            if same { sent.request.headers.clone() } else { self.signed(&sent.request.body, Signed::Well) };
        // What was spoilt then is spoilt still.
        let signed = match same {
            true if sent.event == PROBE => Signed::Probe,
            true if !sent.faults.is_empty() => Signed::Wrongly,
            _ => Signed::Well,
        };
        let letter = Letter { url: &sent.request.url, body: &sent.request.body, headers, signed, attempt: 1 };
        let (delivery, _) = self.tell(&notice, letter, true).await;
        Some(Outcome { deliveries: vec![delivery], shown: Vec::new() })
    }

    /// Tells the merchant the same with another content. `None` when the account is gone.
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
        let notice = registered.and_then(|registered| Notice::again(registered, sent));
        Ok(match notice {
            Some(notice) => Some(self.notify(&Notice { resource, ..notice }).await),
            None => None,
        })
    }

    fn signed(&self, body: &str, signed: Signed) -> BTreeMap<&'static str, String> {
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

    /// One attempt, and whether it need not be tried again.
    async fn tell(&self, notice: &Notice, letter: Letter<'_>, duplicate: bool) -> (Arc<Delivery>, bool) {
        let Letter { url, body, headers, signed, attempt } = letter;
        let sealed = Sealed {
            url: url.to_owned(),
            body: body.to_owned(),
            content_type: "application/json",
            headers: headers.iter().map(|(name, value)| (*name, value.clone())).collect(),
        };
        let account = &notice.registered.account;
        let (id, at, started) = (self.sequence.next(), self.clock.millis(), Instant::now());
        let answer =
            self.courier.post(&sealed, Harm::None, Duration::from_millis(account.push.timeout_ms)).await;
        let status = answer.as_ref().ok().map(|answer| answer.status);
        let verdict = judge(signed, answer.as_ref().map(|answer| answer.status));
        let answered = answer.ok().map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
        let delivery = Delivery {
            id,
            at,
            account: account.name.clone(),
            app_id: account.app_id.clone(),
            person: Some(notice.person.clone()),
            event: if signed == Signed::Probe { PROBE.into() } else { notice.event.into() },
            attempt,
            duplicate,
            status,
            ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            request: DeliveryRequest {
                url: sealed.url,
                headers,
                body: sealed.body,
                plaintext: notice.resource.to_string(),
            },
            response: DeliveryResponse { body: answered, plaintext: None },
            verdict,
            faults: if signed == Signed::Wrongly { vec!["BadSignature".into()] } else { Vec::new() },
        };
        let done = matches!(status, Some(200 | 204));
        (self.deliveries.add(delivery), done)
    }
}

/// What a probe is called in the journal.
const PROBE: &str = "SIGNTEST";

/// One attempt as it goes over the wire.
struct Letter<'a> {
    url: &'a str,
    body: &'a str,
    headers: BTreeMap<&'static str, String>,
    signed: Signed,
    attempt: u32,
}

/// How a notification is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signed {
    Well,
    /// Because a fault asks for it.
    Wrongly,
    /// As WeChat Pay does now and then on purpose.
    Probe,
}

fn judge(signed: Signed, status: Result<u16, &String>) -> Verdict {
    match (signed, status) {
        (_, Err(reason)) => Verdict::bad(reason.clone()),
        (Signed::Well, Ok(200 | 204)) => Verdict::good("the merchant has it"),
        (Signed::Well, Ok(status)) => {
            Verdict::bad(format!("HTTP status {status}; WeChat Pay wants 200 or 204 and tries again"))
        }
        (_, Ok(200 | 204)) => Verdict::bad(
            "a wrong signature was accepted; verify Wechatpay-Signature over timestamp, nonce and raw body"
                .to_owned(),
        ),
        (_, Ok(status)) => Verdict::good(format!("the wrong signature was refused with {status}")),
    }
}

/// `2025-10-09T16:53:20+08:00`
fn beijing(seconds: i64) -> String {
    let time = Timestamp::from_second(seconds).unwrap_or_default();
    time.to_zoned(tz::TimeZone::fixed(tz::offset(8))).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
