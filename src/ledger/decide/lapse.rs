//! What time, an unfollow or a wish to be forgotten does to points.

use super::draft::Draft;
use crate::ledger::outcome::Bucket;
use crate::ledger::state::{Life, Lot};

impl Draft<'_> {
    /// Books what has expired by the day the event was received, and what was held until then. Views leave both out of
    /// account already, so a person without events misses nothing.
    pub(super) fn book_what_time_did(&mut self) {
        let today = self.today.number();
        let expired = |lot: &Lot| lot.expires.is_some_and(|last| last < today);
        let released = |lot: &Lot| lot.bucket == Bucket::Held && lot.release.is_some_and(|day| day <= today);
        if !self.state.lots.iter().any(|lot| expired(lot) || released(lot)) {
            return;
        }
        for lot in self.lots() {
            if expired(&lot) {
                self.move_lot(&lot, lot.left, "expire", Bucket::Expired);
            } else if released(&lot) {
                self.move_lot(&lot, lot.left, "release", Bucket::Available);
            }
        }
    }

    /// The grace of a visitor who left is over: unless they came back, or are known by something else, what they had
    /// not claimed is forfeited. Of several unfollows the latest counts.
    pub(super) fn lapse(&mut self) {
        let grace = self.program.terms.grace;
        let away = |left_at: i64| self.command.received_at >= left_at.saturating_add(grace);
        let gone = self.state.follows.values().all(|follow| !follow.on && away(follow.left_at));
        if gone && !self.state.elsewhere && self.state.life == Life::Visitor {
            self.forfeit("lapse", |lot| lot.bucket == Bucket::Unclaimed);
        }
    }

    /// The person is forgotten: nothing of what they had is left.
    pub(super) fn forfeit_everything(&mut self) {
        self.forfeit("erase", |_| true);
    }

    fn forfeit(&mut self, rule: &str, which: impl Fn(&Lot) -> bool) {
        for lot in self.lots().iter().filter(|lot| which(lot)) {
            self.move_lot(lot, lot.left, rule, Bucket::Forfeited);
        }
    }
}
