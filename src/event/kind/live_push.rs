//! Event `wxalive_push_message_notify`.

use smol_str::SmolStr;

use super::{Effect, Person};
use crate::event::value::wire;

wire! {
    /// What became of a call to all who want to be told of live rooms.
    pub struct LivePush {
        /// The figures.
        result: Pushed = "PushMessageApiNotify";
    }

    /// The figures of one call.
    pub struct Pushed {
        /// Id that the call answered.
        message_id: Option<SmolStr> = "message_id";
        /// The room.
        room_id: Option<SmolStr> = "room_id";
        /// Addressed.
        total: Option<u64> = "total_count";
        /// Told.
        sent: Option<u64> = "success_count";
        /// Unknown persons.
        unknown: Option<u64> = "openid_error_count";
        /// Persons who do not want it.
        unwanted: Option<u64> = "relation_error_count";
        /// Persons who have had too many.
        limited: Option<u64> = "user_recv_limit_count";
        /// Failed.
        failed: Option<u64> = "internal_error_count";
    }
}

impl Effect for LivePush {
    fn person(&self) -> Person<'_> {
        Person::Nobody
    }
}
