//! Notifications that were not taken: told again by the mock's clock, until they are or WeChat Pay gives up.
//!
//! No request waits for it. Where the clock is moved over several attempts of a notification they are made one after
//! another, each dated when it is made: a receiver judges a signature's age by its own clock. Different notifications do not
//! wait for each other.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    platform::Platform,
    world::{
        World,
        notices::{Notification, Pending},
    },
};

/// A notification of WeChat Pay that its merchant has not taken: neither 200 nor 204 came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PendingNotice {
    /// `EV-...`, the same in every attempt.
    pub id: String,
    /// The account's name.
    pub account: String,
    /// The account's AppID.
    pub app_id: String,
    /// Who paid, by name.
    pub person: String,
    /// `TRANSACTION.SUCCESS` or `REFUND.SUCCESS`.
    pub event: String,
    /// The merchant's order number.
    pub out_trade_no: String,
    /// Attempts made so far.
    pub attempts: u32,
    /// Attempts that are left: 15 after the first.
    pub left: u32,
    /// When the next one is due by the mock's clock: RFC 3339, as `{"set": ...}` of `POST /_mock/clock` takes it.
    pub due: String,
}

impl PendingNotice {
    fn of(pending: &Pending, world: &World) -> Self {
        let Notification { id, app_id, person, event, out_trade_no, .. } = pending.notification.clone();
        let account = world.account(&app_id).map(|found| found.account.name.clone()).unwrap_or_default();
        let due = Timestamp::from_millisecond(pending.due).unwrap_or_default().to_string();
        let (attempts, left) = (pending.attempts, pending.left());
        Self { id, account, app_id, person, event, out_trade_no, attempts, left, due }
    }
}

impl Platform {
    /// What merchants have not taken yet, in the order in which they were told first; of one account where one is given.
    pub(crate) fn pending_notices(&self, app_id: Option<&str>) -> Vec<PendingNotice> {
        let world = self.world();
        let meant = |one: &&Pending| app_id.is_none_or(|app_id| one.notification.app_id == app_id);
        world.notices.iter().filter(meant).map(|pending| PendingNotice::of(pending, &world)).collect()
    }

    /// The first attempt, made at that time, failed. Nothing where the payment is forgotten by now.
    pub(super) fn tell_again_later(
        &self,
        notification: &Notification,
        at_millis: i64,
    ) -> Option<PendingNotice> {
        let mut world = self.world_mut();
        world.payments.find(&notification.app_id, &notification.out_trade_no)?;
        let pending = world.notices.add(notification, at_millis);
        self.clock.wake();
        Some(PendingNotice::of(&pending, &world))
    }

    /// Starts the attempts that are due.
    pub(in crate::push) fn tell_what_is_due(self: &Arc<Self>, now_millis: i64) {
        if self.world().notices.next_in(now_millis) != Some(0) {
            return;
        }
        let due = self.world_mut().notices.take_due(now_millis);
        for (notification, attempt) in due {
            let platform = self.clone();
            tokio::spawn(async move { platform.tell_again(&notification, attempt).await });
        }
    }

    async fn tell_again(&self, notification: &Notification, attempt: u32) {
        let registered = self.world().account(&notification.app_id).cloned();
        // Who is gone was forgotten with all that they were to be told.
        let Some(registered) = registered else { return };
        let (told, taken) = self.attempt_to_tell(&registered.account, notification, attempt).await;
        self.world_mut().notices.told(&notification.id, attempt, taken);
        self.clock.wake();
        for delivery in told {
            self.deliveries.add(delivery);
        }
    }
}
