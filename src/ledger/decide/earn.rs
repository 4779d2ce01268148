//! What an event earns.

use smol_str::SmolStr;

use super::draft::{Count, Draft, Place};
use crate::ledger::calendar::Day;
use crate::ledger::outcome::{Bucket, Entry, Verdict};
use crate::ledger::program::{Cap, Claim, Per, Rule, Sight, Worth, window};
use crate::ledger::state::{Life, Paid, of_sort, sort_of};

/// Points, and why they are not (all) granted.
struct Granted {
    points: i64,
    reason: Option<SmolStr>,
}

impl Draft<'_> {
    /// Lets every rule that listens on this kind say something, also when it says 0.
    pub(super) fn apply_rules(&mut self) {
        let kind = &*self.command.kind;
        for rule in self.program.rules.iter().filter(|rule| rule.listens_on(kind)) {
            let granted = if rule.reverses_on(kind) {
                let (points, reason) = self.reverse(rule);
                Granted { points, reason: reason.map(Into::into) }
            } else {
                self.earn(rule).unwrap_or_else(|reason| Granted { points: 0, reason: Some(reason) })
            };
            let verdict = Verdict { points: granted.points, reason: granted.reason };
            self.outcome.verdicts.insert(rule.id.clone(), verdict);
        }
    }

    fn earn(&mut self, rule: &Rule) -> Result<Granted, SmolStr> {
        let facts = &self.command.facts;
        if self.state.life == Life::Erased {
            return Err("erased".into());
        }
        if facts.basis.as_deref().is_none_or(str::is_empty) {
            return Err("no_basis".into());
        }
        if self.state.life == Life::Visitor && self.program.terms.claim == Claim::Never {
            return Err("claim.never".into());
        }
        if let Some(clause) = rule.when.fails(&Sight { facts, person: None }) {
            return Err(clause.into());
        }
        let asked = match rule.worth {
            Worth::Fixed(points) => points,
            Worth::Per { fen, points } => share(facts.amount_fen.ok_or("no_amount")?, fen, points),
        };
        let asked = asked.saturating_mul(self.program.factor(&rule.id, self.command.occurred_at));
        let mut granted = Granted { points: asked, reason: (asked == 0).then(|| "floor".into()) };
        let mut count = Count {
            points: 0,
            times: 1,
            fen: facts.amount_fen.unwrap_or_default(),
            last: self.command.occurred_at,
        };

        let (narrow, wide) = rule.caps.split_at(rule.caps.partition_point(|cap| cap.per == Per::Ref));
        self.pass(rule, narrow, &mut granted);
        let stopped = granted.points < asked && granted.points == 0;
        match self.reference(rule) {
            // The payment is known already under its reference.
            Some(_) if stopped => (count.times, count.fen) = (0, 0),
            Some(reference) => self.pay(reference, &mut granted, &mut count),
            None => {}
        }
        self.pass(rule, wide, &mut granted);

        count.points = granted.points;
        self.count(&rule.group, self.day, count);
        if self.grant(rule, granted.points) && granted.reason.is_none() {
            granted.reason = Some("debt".into());
        }
        Ok(granted)
    }

    /// What caps leave of so many points. The narrower come first; what one stops does not reach the next.
    fn pass(&mut self, rule: &Rule, caps: &[Cap], granted: &mut Granted) {
        let day = self.day.number();
        for cap in caps {
            if granted.points == 0 {
                return;
            }
            let window = window(&rule.id, cap.per, self.day, &self.command.facts);
            if self.is_forgotten(&window) {
                *granted = Granted { points: 0, reason: Some("cap.late".into()) };
                return;
            }
            let used = self.used(&window);
            if cap.times.is_some_and(|times| used.times >= times) {
                self.ask(window, 1, 0, day);
                *granted = Granted { points: 0, reason: Some(cap.per.reason().into()) };
                return;
            }
            let passes = cap.passes(used.points.saturating_add(granted.points)) - cap.passes(used.points);
            self.ask(window, i32::from(cap.times.is_some()), granted.points, day);
            if passes < granted.points {
                *granted = Granted { points: passes, reason: Some(cap.per.reason().into()) };
            }
        }
    }

    /// Notes a payment that may be refunded. A refund that came first takes back its share at once.
    fn pay(&mut self, reference: SmolStr, granted: &mut Granted, count: &mut Count) {
        let payment =
            Paid { times: 1, points: granted.points, paid: count.fen, refunded: 0, day: self.day.number() };
        let before = self.paid(&reference).unwrap_or_default();
        let mut after = before;
        after.add(payment);
        self.note(reference, payment);
        count.times = after.net_times() - before.net_times();
        count.fen = after.net_fen() - before.net_fen();
        let net = after.net_points() - before.net_points();
        if net < granted.points {
            *granted = Granted { points: net, reason: Some("refunded".into()) };
        }
    }

    /// True when a window is so old that what was asked of it is no longer known: nothing more may pass it.
    fn is_forgotten(&self, window: &str) -> bool {
        let caps = &self.state.caps;
        let Some((sort, kept)) = sort_of(window) else { return false };
        if caps.contains_key(window) {
            return false;
        }
        of_sort(caps, sort).count() >= kept && of_sort(caps, sort).all(|(_, cap)| cap.day > self.day.number())
    }

    /// The name of the payment, for rules that can be reversed and events that name one.
    pub(super) fn reference(&self, rule: &Rule) -> Option<SmolStr> {
        let named = rule.reverse_on.is_some() && self.command.facts.reference.is_some();
        named.then(|| window(&rule.id, Per::Ref, self.day, &self.command.facts))
    }

    /// Gives points; what is owed for refunds of spent points is settled first. True when some was.
    fn grant(&mut self, rule: &Rule, points: i64) -> bool {
        let debt = (self.state.debt + self.outcome.debt).clamp(0, points.max(0));
        let mut entry = Entry {
            rule: "debt".into(),
            group: rule.group.clone(),
            from: Bucket::Issued,
            to: Bucket::Adjusted,
            points: debt,
            expires: None,
            release: None,
        };
        self.enter(entry.clone());
        self.outcome.debt -= debt;
        let Place { bucket, expires, release } = self.place(rule, self.day);
        entry = Entry { rule: rule.id.clone(), to: bucket, points: points - debt, expires, release, ..entry };
        self.enter(entry);
        debt > 0
    }

    /// Where the points of a rule stand that were earned on that day.
    pub(super) fn place(&self, rule: &Rule, day: Day) -> Place {
        let terms = &self.program.terms;
        let last =
            |life: Option<crate::ledger::calendar::Lifetime>| life.map(|life| life.last_day(day).number());
        if self.state.life != Life::Member && terms.claim != Claim::Immediate {
            return Place { bucket: Bucket::Unclaimed, expires: last(terms.unclaimed_ttl), release: None };
        }
        let expires = last(terms.member_ttl);
        match rule.hold.map(|days| day.plus(days)).filter(|release| *release > self.today) {
            Some(release) => Place { bucket: Bucket::Held, expires, release: Some(release.number()) },
            None => Place { bucket: Bucket::Available, expires, release: None },
        }
    }
}

/// So many points for so many fen, rounded down.
fn share(amount: i64, fen: i64, points: i64) -> i64 {
    let share = i128::from(amount.max(0)) * i128::from(points) / i128::from(fen);
    i64::try_from(share).unwrap_or(i64::MAX)
}
