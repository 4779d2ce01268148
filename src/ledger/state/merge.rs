//! Two persons who turn out to be one.

use super::{Cap, Life, Paid, State};
use crate::ledger::outcome::CapUse;

/// Which of two persons stays when they are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survivor {
    /// The first.
    First,
    /// The second.
    Second,
}

/// Who stays: a member over a visitor, then whoever was known first; the first of two equals.
#[must_use]
pub fn survivor(first: &State, second: &State) -> Survivor {
    let rank = |state: &State| {
        let known_since = if state.first_at == 0 { i64::MAX } else { state.first_at };
        (state.life != Life::Member, known_since)
    };
    if rank(second) < rank(first) { Survivor::Second } else { Survivor::First }
}

impl State {
    /// Everything of `other` becomes this person's. What the rules then find too much is taken back by entries of the
    /// same event; nothing is lost or doubled here.
    pub(in crate::ledger) fn absorb(&mut self, other: &Self) {
        self.life = match (self.life, other.life) {
            (Life::Erased, _) | (_, Life::Erased) => Life::Erased,
            (Life::Member, _) | (_, Life::Member) => Life::Member,
            _ => Life::Visitor,
        };
        self.lang = self.lang.or(other.lang);
        for lot in &other.lots {
            self.put(lot.clone());
        }
        self.debt = self.debt.saturating_add(other.debt);
        for (cap, used) in &other.caps {
            self.caps.entry(cap.clone()).or_default().add(*used);
        }
        for (reference, paid) in &other.refs {
            match self.refs.get_mut(reference) {
                Some(own) => own.add(*paid),
                None => {
                    self.refs.insert(reference.clone(), *paid);
                }
            }
        }
        for month in &other.months {
            self.count(month.clone());
        }
        for (app, follow) in &other.follows {
            self.follows.entry(app.clone()).or_default().absorb(follow);
        }
        self.elsewhere |= other.elsewhere;
        self.first_at = match (self.first_at, other.first_at) {
            (0, at) | (at, 0) => at,
            (a, b) => a.min(b),
        };
        self.last_at = self.last_at.max(other.last_at);
    }
}

impl Cap {
    /// Something more was asked.
    pub(in crate::ledger) fn ask(&mut self, used: &CapUse) {
        self.times = self.times.saturating_add_signed(used.times);
        self.points = self.points.saturating_add(used.points);
        self.day = self.day.max(used.day);
    }

    pub(super) fn add(&mut self, other: Self) {
        self.times = self.times.saturating_add(other.times);
        self.points = self.points.saturating_add(other.points);
        self.day = self.day.max(other.day);
    }
}

impl Paid {
    pub(in crate::ledger) fn add(&mut self, other: Self) {
        self.day = match (self.times, other.times) {
            (0, 0) => self.day.min(other.day),
            (0, _) => other.day,
            (_, 0) => self.day,
            _ => self.day.min(other.day),
        };
        self.times = self.times.saturating_add(other.times);
        self.points = self.points.saturating_add(other.points);
        self.paid = self.paid.saturating_add(other.paid);
        self.refunded = self.refunded.saturating_add(other.refunded);
    }

    /// Points that stay when what was refunded is taken back in proportion, rounded in the person's favour. A refund of
    /// nothing that was paid (a rule with fixed points, a payment without amount) takes back all.
    pub(in crate::ledger) fn net_points(&self) -> i64 {
        if self.refunded <= 0 {
            return self.points;
        }
        if self.refunded >= self.paid {
            return 0;
        }
        let back = i128::from(self.points) * i128::from(self.refunded) / i128::from(self.paid);
        self.points - i64::try_from(back).unwrap_or(self.points)
    }

    /// Fen that stay.
    pub(in crate::ledger) fn net_fen(&self) -> i64 {
        self.paid - self.refunded.clamp(0, self.paid.max(0))
    }

    /// Payments that stay: none once all is refunded.
    pub(in crate::ledger) fn net_times(&self) -> i32 {
        if self.refunded > 0 && self.refunded >= self.paid { 0 } else { self.times }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_survives_a_visitor_and_then_whoever_came_first() {
        let at = |first_at, life| State { first_at, life, ..State::default() };

        assert_eq!(survivor(&at(1, Life::Visitor), &at(2, Life::Member)), Survivor::Second);
        assert_eq!(survivor(&at(2, Life::Visitor), &at(1, Life::Visitor)), Survivor::Second);
        assert_eq!(survivor(&at(1, Life::Visitor), &at(1, Life::Visitor)), Survivor::First);
        assert_eq!(survivor(&at(0, Life::Visitor), &at(9, Life::Visitor)), Survivor::Second);
    }

    #[test]
    fn a_partial_refund_takes_back_its_share_in_the_persons_favour() {
        let paid = Paid { times: 1, points: 129, paid: 12_999, refunded: 50, day: 1 };
        assert_eq!((paid.net_points(), paid.net_fen(), paid.net_times()), (129, 12_949, 1));

        let half = Paid { refunded: 6_500, ..paid };
        assert_eq!((half.net_points(), half.net_times()), (65, 1));

        let all = Paid { refunded: i64::MAX, ..paid };
        assert_eq!((all.net_points(), all.net_fen(), all.net_times()), (0, 0, 0));
    }
}
