//! Pay with WeChat Pay, and get the money back.
//!
//! The person gets WeChat Pay's line in the chat, the account may write to them for 48 hours, and the merchant's server is
//! notified where the account has a `pay_notify_url`: once in the act, and again by the mock's clock where it does not take it.

use serde::Deserialize;
use serde_json::Map;

use super::{ActError, Effect, Scenery};
use crate::{
    push::Notice,
    world::{
        World,
        chat::{Author, Draft},
        payments::Payment,
        windows::Trigger,
    },
};

/// Pay some fen in the name of an account.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pay {
    pub(crate) fen: u64,
    /// The merchant's order number; made up where absent.
    #[serde(default)]
    pub(crate) out_trade_no: Option<String>,
    /// Send a probe with a wrong signature first, as WeChat Pay does now and then.
    #[serde(default)]
    pub(crate) probe: bool,
}

/// Get a payment back, whole or in part.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refund {
    pub(crate) out_trade_no: String,
    /// All that is left, where absent.
    #[serde(default)]
    pub(crate) fen: Option<u64>,
}

impl Pay {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        if self.fen == 0 {
            return Err(ActError::Impossible("fen is 0; a payment is at least 1 fen".into()));
        }
        let made_up = || format!("order-{}", at.platform.sequence.next());
        let out_trade_no = self.out_trade_no.clone().unwrap_or_else(made_up);
        let payment = Payment::new(at.app_id(), at.person, &out_trade_no, self.fen, at.now);
        let transaction_id = payment.transaction_id.clone();
        let told = Notice::of_payment(at.registered, at.name, &payment, self.probe);
        if !world.payments.add(payment) {
            return Err(ActError::Impossible(format!("order {out_trade_no} is paid already")));
        }
        let account = &at.registered.account;
        if let Some(relation) = world.relation_mut(at.person, at.app_id()) {
            relation.windows.open(Trigger::Payment, account.kind, account.windows, at.now);
        }
        notice(at, world, "payment", &out_trade_no, self.fen);
        Ok(Effect::notice(told).with("transaction_id", transaction_id).with("out_trade_no", out_trade_no))
    }
}

impl Refund {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        let refunded = world
            .payments
            .refund(at.app_id(), at.person, &self.out_trade_no, self.fen)
            .map_err(ActError::Impossible)?;
        notice(at, world, "refund", &self.out_trade_no, refunded.fen);
        let told = Notice::of_refund(at.registered, at.name, &self.out_trade_no, &refunded, at.now);
        Ok(Effect::notice(told).with("out_trade_no", self.out_trade_no.clone()).with("fen", refunded.fen))
    }
}

/// WeChat Pay's line in the chat.
fn notice(at: &Scenery<'_>, world: &mut World, kind: &str, out_trade_no: &str, fen: u64) {
    let more =
        Map::from_iter([("fen".to_owned(), fen.into()), ("out_trade_no".to_owned(), out_trade_no.into())]);
    if let Some(relation) = world.relation_mut(at.person, at.app_id()) {
        let draft = Draft::other(Author::Wechat, "pay", kind, more);
        relation.chat.add(at.platform.sequence.next(), at.platform.clock.millis(), draft);
    }
}
