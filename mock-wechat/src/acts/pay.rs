//! Pay with WeChat Pay, and get the money back.
//!
//! What the account's chat sees of it: the person gets WeChat Pay's notice and the account may write to them for
//! 48 hours. The merchant's own notification is a matter of the merchant's server and not pushed from here.

use serde::Deserialize;
use serde_json::Map;

use super::{ActError, Effect, Scenery};
use crate::world::{
    World,
    chat::{Author, Draft},
    payments::Payment,
    windows::Trigger,
};

/// Pay some fen in the name of an account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pay {
    pub(crate) fen: u64,
    /// The merchant's order number; made up where absent.
    #[serde(default)]
    pub(crate) out_trade_no: Option<String>,
}

/// Get a payment back, whole or in part.
#[derive(Debug, Clone, Deserialize)]
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
        if !world.payments.add(payment) {
            return Err(ActError::Impossible(format!("order {out_trade_no} is paid already")));
        }
        let account = &at.registered.account;
        if let Some(relation) = world.relation_mut(at.person, at.app_id()) {
            relation.windows.open(Trigger::Payment, account.kind, account.windows, at.now);
        }
        notice(at, world, "payment", &out_trade_no, self.fen);
        Ok(Effect::default().with("transaction_id", transaction_id).with("out_trade_no", out_trade_no))
    }
}

impl Refund {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        let fen = world
            .payments
            .refund(at.app_id(), at.person, &self.out_trade_no, self.fen)
            .map_err(ActError::Impossible)?;
        notice(at, world, "refund", &self.out_trade_no, fen);
        Ok(Effect::default().with("out_trade_no", self.out_trade_no.clone()).with("fen", fen))
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
