//! What a merchant is told: a payment or a refund, sealed with the account's key.

use std::sync::Arc;

use jiff::{Timestamp, tz};
use serde_json::{Value, json};

use crate::{
    journal::Delivery,
    platform::Platform,
    wire::pay,
    world::{
        Registered,
        notices::Notification,
        payments::{Payment, Refunded},
    },
};

/// Something that a merchant is told.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(super) registered: Arc<Registered>,
    person: String,
    /// `TRANSACTION.SUCCESS` or `REFUND.SUCCESS`.
    event: &'static str,
    summary: &'static str,
    /// `transaction` or `refund`.
    original_type: &'static str,
    /// What will be sealed.
    pub(super) resource: Value,
    /// Whether a probe with a wrong signature goes first.
    pub(super) probe: bool,
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

    /// What was told before, with another content.
    pub(super) fn edited(registered: Arc<Registered>, sent: &Delivery, resource: Value) -> Option<Self> {
        let body: Value = serde_json::from_str(&sent.request.body).ok()?;
        let (event, summary, original_type) = match body.get("event_type")?.as_str()? {
            "REFUND.SUCCESS" => ("REFUND.SUCCESS", "退款成功", "refund"),
            _ => ("TRANSACTION.SUCCESS", "支付成功", "transaction"),
        };
        let person = sent.person.clone().unwrap_or_default();
        Some(Self { registered, person, event, summary, original_type, resource, probe: false })
    }
}

impl Platform {
    /// The notification as it goes to that URL.
    pub(super) fn sealed(&self, notice: &Notice, url: &str) -> Notification {
        let account = &notice.registered.account;
        let plaintext = notice.resource.to_string();
        let nonce = format!("{:0>12}", self.sequence.nonce());
        let sealed = pay::seal(&account.api_v3_key, &nonce, notice.original_type, &plaintext);
        let id = format!("EV-{}{:016}", self.clock.seconds(), self.sequence.next());
        let body = json!({
            "id": id, "create_time": beijing(self.clock.seconds()), "resource_type": "encrypt-resource",
            "event_type": notice.event, "summary": notice.summary,
            "resource": {
                "original_type": notice.original_type, "algorithm": "AEAD_AES_256_GCM",
                // An account's key is checked when the account is set.
                "ciphertext": sealed.unwrap_or_default(),
                "associated_data": notice.original_type, "nonce": nonce,
            },
        });
        Notification {
            id,
            app_id: account.app_id.clone(),
            person: notice.person.clone(),
            event: notice.event.to_owned(),
            out_trade_no: notice.resource["out_trade_no"].as_str().unwrap_or_default().to_owned(),
            url: url.to_owned(),
            body: body.to_string(),
            plaintext,
        }
    }
}

impl Notification {
    /// As it was sent before.
    pub(super) fn sent(sent: &Delivery) -> Option<Self> {
        let body: Value = serde_json::from_str(&sent.request.body).ok()?;
        let resource: Value = serde_json::from_str(&sent.request.plaintext).ok()?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Some(Self {
            id: text(&body["id"]),
            app_id: sent.app_id.clone(),
            person: sent.person.clone().unwrap_or_default(),
            event: text(&body["event_type"]),
            out_trade_no: text(&resource["out_trade_no"]),
            url: sent.request.url.clone(),
            body: sent.request.body.clone(),
            plaintext: sent.request.plaintext.clone(),
        })
    }
}

/// `2025-10-09T16:53:20+08:00`
fn beijing(seconds: i64) -> String {
    let time = Timestamp::from_second(seconds).unwrap_or_default();
    time.to_zoned(tz::TimeZone::fixed(tz::offset(8))).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
