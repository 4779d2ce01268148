//! What the mock's clock makes happen by itself, whether it runs or is moved.

use std::{convert::Infallible, sync::Arc};

use crate::platform::Platform;

impl Platform {
    /// Does what is due, and then waits for what is due next. To add something: what does it, and when it is due next.
    pub(crate) async fn keep_time(self: Arc<Self>) -> Infallible {
        loop {
            let now = self.clock.millis();
            self.give_due_tickets(now.div_euclid(1000));
            self.tell_what_is_due(now);
            let wait = self.next_due_in(now);
            self.clock.pass(wait).await;
        }
    }

    /// Milliseconds; nothing where nothing is due ever.
    fn next_due_in(&self, now: i64) -> Option<u64> {
        let world = self.world();
        let ticket = world.components.next_ticket_in(now.div_euclid(1000));
        let ticket = ticket.map(|seconds| seconds.unsigned_abs().saturating_mul(1000));
        let notice = world.notices.next_in(now);
        ticket.into_iter().chain(notice).min()
    }
}
