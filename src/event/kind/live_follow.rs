//! Event `wxalive_follow_notify`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::key::KeyText;
use crate::event::value::wire;
use crate::ids::OpenId;
use crate::ledger::Facts;

wire! {
    /// Somebody wants to be told of a mini-program's live rooms, or no longer.
    pub struct LiveFollow {
        /// Who, and which room.
        follow: Follow = "FollowNotify";
    }

    /// One decision.
    pub struct Follow {
        /// The person.
        open_id: OpenId = "user_openid";
        /// The room that they were in.
        room_id: Option<SmolStr> = "room_id";
        /// Unix seconds.
        at: Option<i64> = "time";
        /// Of the room: 101 live, 102 not yet, 103 over.
        live_status: Option<i64> = "live_status";
        /// `add_follow` or `del_follow`.
        action: Option<SmolStr> = "action";
    }
}

impl Effect for LiveFollow {
    fn person(&self) -> Person<'_> {
        Person::Named(&self.follow.open_id)
    }

    fn distinguish(&self, key: &mut KeyText<'_>) {
        key.with(self.follow.open_id.as_str());
        key.with(self.follow.action.as_deref().unwrap_or_default());
    }

    fn facts(&self, facts: &mut Facts) {
        facts.key.clone_from(&self.follow.action);
        facts.reference.clone_from(&self.follow.room_id);
    }
}
