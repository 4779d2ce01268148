//! Event `trade_manage_remind_access_api`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// WeChat reminds the operator to report shipments.
    pub struct TradeAccess {
        /// In words.
        message: Option<SmolStr> = "msg";
    }
}

impl Effect for TradeAccess {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
