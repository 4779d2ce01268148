//! What merchants were told and have not taken: WeChat Pay tells it again and again for a day.

use serde::{Deserialize, Serialize};

/// Seconds from each attempt to the next, from WeChat Pay's document "支付通知": 24 h 4 min in all, then it gives up.
pub(crate) const GAPS: [i64; 15] =
    [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600];

/// Notifications whose next attempt is on its way at the same time: no more connections than that.
const AT_ONCE: usize = 64;

/// A notification as it goes to the merchant: the same in each attempt but for its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notification {
    /// `EV-...`
    pub(crate) id: String,
    pub(crate) app_id: String,
    /// Who paid, by name.
    pub(crate) person: String,
    /// `TRANSACTION.SUCCESS` or `REFUND.SUCCESS`.
    pub(crate) event: String,
    pub(crate) out_trade_no: String,
    /// Where it goes: WeChat Pay keeps to the URL that came with the order.
    pub(crate) url: String,
    pub(crate) body: String,
    /// What is sealed in the body.
    pub(crate) plaintext: String,
}

/// A notification that was not taken yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pending {
    pub(crate) notification: Notification,
    /// Attempts made so far.
    pub(crate) attempts: u32,
    /// When the next one is due: Unix milliseconds of the mock's clock.
    pub(crate) due: i64,
    /// Whether that one is on its way. Not saved: a mock that goes on with the state makes it.
    #[serde(skip)]
    being_told: bool,
}

/// All notifications that were not taken yet, by the first attempt.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Notices(Vec<Pending>);

impl Notices {
    /// The first attempt, made at that time, did not reach the merchant: when the next one is due.
    pub(crate) fn add(&mut self, notification: &Notification, at_millis: i64) -> Pending {
        let pending = Pending {
            notification: notification.clone(),
            attempts: 1,
            due: at_millis + GAPS[0] * 1000,
            being_told: false,
        };
        self.0.push(pending.clone());
        pending
    }

    /// In the order of their first attempts.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pending> {
        self.0.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Milliseconds until the next attempt; 0 when it should have been made already.
    pub(crate) fn next_in(&self, now_millis: i64) -> Option<u64> {
        if self.on_their_way() >= AT_ONCE {
            // Whichever comes back first is the time to look again.
            return None;
        }
        let due = self.0.iter().filter(|one| !one.being_told).map(|one| one.due).min()?;
        Some(due.saturating_sub(now_millis).max(0).unsigned_abs())
    }

    /// The attempts that are due, earliest first, with their numbers; each is to be reported to [`Notices::told`].
    pub(crate) fn take_due(&mut self, now_millis: i64) -> Vec<(Notification, u32)> {
        let room = AT_ONCE.saturating_sub(self.on_their_way());
        let mut due: Vec<&mut Pending> =
            self.0.iter_mut().filter(|one| !one.being_told && one.due <= now_millis).collect();
        due.sort_by_key(|one| one.due);
        let taken = due.into_iter().take(room).map(|one| {
            one.being_told = true;
            (one.notification.clone(), one.attempts + 1)
        });
        taken.collect()
    }

    /// What came of an attempt: the merchant has it, or the next one is due, counted from when this one was, or this was
    /// the last. What was forgotten meanwhile stays forgotten.
    pub(crate) fn told(&mut self, id: &str, attempt: u32, taken: bool) {
        let is_meant = |one: &Pending| one.notification.id == id && one.attempts + 1 == attempt;
        let Some(at) = self.0.iter().position(is_meant) else { return };
        match gap_after(attempt) {
            Some(gap) if !taken => {
                let pending = &mut self.0[at];
                pending.attempts = attempt;
                pending.due += gap * 1000;
                pending.being_told = false;
            }
            _ => {
                self.0.remove(at);
            }
        }
    }

    pub(crate) fn forget(&mut self, app_id: &str) {
        self.0.retain(|one| one.notification.app_id != app_id);
    }

    fn on_their_way(&self) -> usize {
        self.0.iter().filter(|one| one.being_told).count()
    }
}

impl Pending {
    /// Attempts that are left.
    pub(crate) fn left(&self) -> u32 {
        u32::try_from(GAPS.len() + 1).unwrap_or(u32::MAX).saturating_sub(self.attempts)
    }
}

/// Seconds from that attempt, counted from 1, to the next; nothing after the last.
pub(crate) fn gap_after(attempt: u32) -> Option<i64> {
    GAPS.get(usize::try_from(attempt).ok()?.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notification(n: usize) -> Notification {
        let text = |what: &str| format!("{what}-{n}");
        Notification {
            id: text("EV"),
            app_id: "wx1".into(),
            person: "lin".into(),
            event: "TRANSACTION.SUCCESS".into(),
            out_trade_no: text("order"),
            url: "http://127.0.0.1/".into(),
            body: "{}".into(),
            plaintext: "{}".into(),
        }
    }

    #[test]
    fn fifteen_attempts_follow_the_first_within_a_day_and_four_minutes() {
        let mut notices = Notices::default();
        notices.add(&notification(1), 0);

        let mut made = Vec::new();
        while let Some(wait) = notices.next_in(0) {
            let now = i64::try_from(wait).unwrap();
            assert!(notices.take_due(now - 1).is_empty());
            let [(notification, attempt)] = &notices.take_due(now)[..] else { panic!("one is due") };
            made.push((*attempt, now / 1000));
            notices.told(&notification.id, *attempt, false);
        }

        assert_eq!(made.first(), Some(&(2, 15)));
        assert_eq!(made.last(), Some(&(16, 24 * 3600 + 240)));
        assert_eq!(made.len(), 15);
        assert!(notices.is_empty());
    }

    #[test]
    fn the_earliest_comes_first_and_no_more_go_than_there_is_room_for() {
        let mut notices = Notices::default();
        for n in 0..100 {
            notices.add(&notification(n), -i64::try_from(n).unwrap());
        }

        let first = notices.take_due(15_000);
        assert_eq!(first.len(), AT_ONCE);
        assert_eq!((first[0].0.id.as_str(), first[63].0.id.as_str()), ("EV-99", "EV-36"));
        assert_eq!((notices.next_in(15_000), notices.take_due(15_000).len()), (None, 0));

        notices.told("EV-99", 2, true);
        assert_eq!(notices.next_in(15_000), Some(0));
        assert_eq!(notices.take_due(15_000)[0].0.id, "EV-35");
    }

    #[test]
    fn an_attempt_that_was_made_twice_counts_once() {
        let mut notices = Notices::default();
        let pending = notices.add(&notification(1), 0);
        notices.take_due(pending.due);

        notices.told("EV-1", 2, false);
        notices.told("EV-1", 2, true);

        let left: Vec<_> = notices.iter().map(|one| (one.attempts, one.left(), one.due)).collect();
        assert_eq!(left, [(2, 14, 30_000)]);
    }
}
