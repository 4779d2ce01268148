//! Accounts followed, and their customer-service windows.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::clock::{SECOND, UnixMs};
use crate::ids::EventNo;

/// The person and one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Follow {
    /// Follows now.
    pub on: bool,
    /// Follows so far.
    pub times: u32,
    /// `CreateTime` of the latest follow or unfollow, unix ms: an older one that arrives late changes nothing.
    pub changed_at: UnixMs,
    /// `CreateTime` of the latest unfollow, unix ms: it closes every window opened before it.
    pub left_at: UnixMs,
    /// Windows that may still be open: at most one of each kind.
    pub windows: Vec<Window>,
    /// A welcome with exact figures that waits for the UnionID: the event that owes it, and until when.
    pub owes: Option<(EventNo, UnixMs)>,
    /// Scene of the QR code that led to the follow whose welcome is owed.
    pub scene: Option<SmolStr>,
}

/// What opened a customer-service window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// Follow, scan or menu tap: three messages in one minute.
    Brief,
    /// The person wrote: five messages in 48 hours.
    Long,
}

/// One open customer-service window of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// What opened it.
    pub kind: WindowKind,
    /// `CreateTime` of what opened it, unix ms.
    pub opened_at: UnixMs,
    /// Messages owed or sent out of it.
    pub used: u32,
}

impl WindowKind {
    /// How long it is open.
    #[must_use]
    pub fn length(self) -> UnixMs {
        match self {
            Self::Brief => 60 * SECOND,
            Self::Long => 48 * 3600 * SECOND,
        }
    }

    /// Messages that fit through it.
    #[must_use]
    pub fn slots(self) -> u32 {
        match self {
            Self::Brief => 3,
            Self::Long => 5,
        }
    }
}

impl Follow {
    /// The window that a message sent at `now` is charged to: the open one with a free slot that closes first.
    #[must_use]
    pub fn slot(&self, now: UnixMs) -> Option<WindowKind> {
        self.windows
            .iter()
            .filter(|window| now < window.opened_at.saturating_add(window.kind.length()))
            .filter(|window| window.used < window.kind.slots())
            .min_by_key(|window| window.opened_at.saturating_add(window.kind.length()))
            .map(|window| window.kind)
    }

    /// A follow at `at`. One in the same second as an unfollow counts as the later: WeChat's clock has no finer hand.
    pub(super) fn followed(&mut self, at: UnixMs) {
        self.times = self.times.saturating_add(1);
        if at >= self.changed_at {
            self.changed_at = at;
            self.on = true;
        }
        self.opened(WindowKind::Brief, at);
    }

    /// An unfollow at `at`.
    pub(super) fn unfollowed(&mut self, at: UnixMs) {
        if at > self.changed_at || self.changed_at == 0 {
            self.changed_at = at;
            self.on = false;
        }
        if at > self.left_at {
            self.left_at = at;
            self.windows.retain(|window| window.opened_at >= at);
        }
        if !self.on {
            self.settled();
        }
    }

    /// Something at `at` opened a window, unless it did so before the latest unfollow.
    pub(super) fn opened(&mut self, kind: WindowKind, at: UnixMs) {
        if at < self.left_at {
            return;
        }
        match self.windows.iter_mut().find(|window| window.kind == kind) {
            Some(window) if window.opened_at >= at => {}
            Some(window) => *window = Window { kind, opened_at: at, used: 0 },
            None => {
                self.windows.push(Window { kind, opened_at: at, used: 0 });
                self.windows.sort_by_key(|window| window.kind);
            }
        }
    }

    /// A message is charged to a window.
    pub(super) fn charged(&mut self, kind: WindowKind) {
        if let Some(window) = self.windows.iter_mut().find(|window| window.kind == kind) {
            window.used = window.used.saturating_add(1);
        }
    }

    /// No welcome waits any more.
    pub(super) fn settled(&mut self) {
        self.owes = None;
        self.scene = None;
    }

    /// Another record of the same account joins this one.
    pub(super) fn absorb(&mut self, other: &Self) {
        if (other.changed_at, other.on) > (self.changed_at, self.on) {
            self.changed_at = other.changed_at;
            self.on = other.on;
        }
        self.times = self.times.saturating_add(other.times);
        self.left_at = self.left_at.max(other.left_at);
        for window in &other.windows {
            match self.windows.iter_mut().find(|own| own.kind == window.kind) {
                Some(own) if own.opened_at >= window.opened_at => {}
                Some(own) => *own = *window,
                None => self.windows.push(*window),
            }
        }
        self.windows.retain(|window| window.opened_at >= self.left_at);
        self.windows.sort_by_key(|window| window.kind);
        if other.owes > self.owes {
            self.owes = other.owes;
            self.scene.clone_from(&other.scene);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: UnixMs = 1_795_321_512_000;

    #[test]
    fn a_late_unfollow_older_than_the_latest_follow_changes_nothing_but_is_remembered() {
        let mut in_order = Follow::default();
        in_order.followed(T);
        in_order.unfollowed(T + 5_000);
        in_order.followed(T + 9_000);
        let mut shuffled = Follow::default();
        shuffled.followed(T + 9_000);
        shuffled.unfollowed(T + 5_000);
        shuffled.followed(T);

        assert_eq!(in_order, shuffled);
        assert!(in_order.on);
        assert_eq!(in_order.times, 2);
    }

    #[test]
    fn a_follow_in_the_second_of_an_unfollow_wins_in_either_order() {
        let (mut a, mut b) = (Follow::default(), Follow::default());
        a.followed(T);
        a.unfollowed(T);
        b.unfollowed(T);
        b.followed(T);

        assert!(a.on && b.on);
        assert_eq!(a, b);
    }

    #[test]
    fn a_brief_window_has_three_slots_for_a_minute() {
        let mut follow = Follow::default();
        follow.followed(T);

        for _ in 0..3 {
            assert_eq!(follow.slot(T + 59_999), Some(WindowKind::Brief));
            follow.charged(WindowKind::Brief);
        }
        assert_eq!(follow.slot(T + 1), None);
        follow.opened(WindowKind::Brief, T + 30_000);
        assert_eq!(follow.slot(T + 89_999), Some(WindowKind::Brief));
        assert_eq!(follow.slot(T + 90_000), None);
    }

    #[test]
    fn an_unfollow_closes_the_windows_and_a_message_opens_five_slots() {
        let mut follow = Follow::default();
        follow.followed(T);
        follow.opened(WindowKind::Long, T + 10);
        follow.unfollowed(T + 20);
        assert_eq!(follow.slot(T + 21), None);

        follow.opened(WindowKind::Long, T + 30);
        for _ in 0..5 {
            assert_eq!(follow.slot(T + 40), Some(WindowKind::Long));
            follow.charged(WindowKind::Long);
        }
        assert_eq!(follow.slot(T + 40), None);
    }
}
