//! Event `unsubscribe`.

use smol_str::SmolStr;

use super::Effect;
use crate::event::value::wire;
use crate::ledger::Action;

wire! {
    /// The person stopped following. WeChat demands that what is personal about them is deleted.
    pub struct Unsubscribe {
        /// Empty, or the key of the follow long ago (`last_trade_no_...`): it says nothing about this event.
        stale_key: Option<SmolStr> = "EventKey";
    }
}

impl Effect for Unsubscribe {
    fn action(&self) -> Action {
        Action::Unfollow
    }
}
