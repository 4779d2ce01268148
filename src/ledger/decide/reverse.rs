//! What a refund takes back: the share of what its payment had earned.

use super::draft::{Count, Draft};
use crate::ledger::calendar::Day;
use crate::ledger::outcome::Bucket;
use crate::ledger::program::{Per, Rule, window};
use crate::ledger::state::{Life, Lot, Paid};

/// A refund that names no amount is one of everything.
const EVERYTHING: i64 = 1 << 52;

impl Draft<'_> {
    /// Points given back, as a number not above 0, and why it is not the whole share.
    pub(super) fn reverse(&mut self, rule: &Rule) -> (i64, Option<&'static str>) {
        if self.state.life == Life::Erased {
            return (0, Some("erased"));
        }
        let Some(reference) = self.reference(rule) else { return (0, Some("no_ref")) };
        let refunded = self.command.facts.amount_fen.unwrap_or(EVERYTHING);
        if refunded <= 0 {
            return (0, Some("floor"));
        }
        let refund = Paid { refunded, day: self.day.number(), ..Default::default() };
        let before = self.paid(&reference).unwrap_or(Paid { day: refund.day, ..Default::default() });
        let mut after = before;
        after.add(refund);
        self.note(reference, refund);
        if before.times == 0 {
            // The payment is still on its way: it will find the refund waiting.
            return (0, Some("no_payment"));
        }
        let day = Day::new(before.day);
        let back = self.back_through_caps(rule, day, before.net_points() - after.net_points());
        let place = self.place(rule, day);
        let expired = place.expires.is_some_and(|last| last < self.today.number());
        self.count(
            &rule.group,
            day,
            Count {
                points: -back,
                times: after.net_times() - before.net_times(),
                fen: after.net_fen() - before.net_fen(),
                last: 0,
            },
        );
        if expired {
            return (0, Some("expired"));
        }
        let owed = self.take(back, &rule.group, place.expires, &format!("reverse:{}", rule.id));
        self.outcome.debt += owed;
        (-back, (owed > 0).then_some("debt"))
    }

    /// What the wider caps had let through of so many points: a refund of what they stopped takes nothing back.
    fn back_through_caps(&mut self, rule: &Rule, day: Day, mut back: i64) -> i64 {
        for cap in rule.caps.iter().filter(|cap| cap.per != Per::Ref) {
            let window = window(&rule.id, cap.per, day, &self.command.facts);
            let used = self.used(&window).points;
            let passed = cap.passes(used) - cap.passes(used - back);
            self.ask(window, 0, -back, day.number());
            back = passed;
        }
        back
    }

    /// Takes points of one group: first from the lot that ends on that day, then from what ends first. Returns what the
    /// group does not have any more.
    pub(super) fn take(&mut self, points: i64, group: &str, ends: Option<i32>, rule: &str) -> i64 {
        let mut lots = self.lots();
        let mut missing = points;
        let own = |lot: &Lot| *lot.group == *group && lot.expires == ends;
        let related = |lot: &Lot| *lot.group == *group;
        for fits in [&own as &dyn Fn(&Lot) -> bool, &related] {
            for lot in lots.iter_mut().filter(|lot| fits(lot)) {
                let taken = lot.left.min(missing);
                lot.left -= taken;
                missing -= taken;
                self.move_lot(lot, taken, rule, Bucket::Adjusted);
            }
        }
        missing
    }
}
