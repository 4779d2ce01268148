//! Two persons become one: nothing is lost, and what both were given under one cap is given once.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::draft::{Count, Draft};
use crate::ledger::calendar::Day;
use crate::ledger::outcome::{Bucket, Verdict};
use crate::ledger::program::{Cap, Claim, Per, Rule, window};
use crate::ledger::state::{Cap as Used, Life, Paid, State, of_sort};

/// What a cap finds given too much, by the local day on which it was given.
type TooMuch = Vec<(Day, Excess)>;

/// Given too often, and points given too much.
#[derive(Clone, Copy, Debug, Default)]
struct Excess {
    times: i64,
    points: i64,
}

impl Draft<'_> {
    /// Takes the other person in, applies the caps to what both asked of them together, and takes the excess back.
    pub(super) fn merge(&mut self, other: Option<&State>) {
        let Some(other) = other else { return };
        let before = self.state.clone();
        self.state.to_mut().absorb(other);
        self.outcome.merged = Some(Box::new(other.clone()));
        if self.state.life == Life::Erased {
            // Who asked to be forgotten is, under whatever name they come back.
            self.forfeit_everything();
            return;
        }
        if self.state.life == Life::Member && self.program.terms.claim == Claim::OnJoin {
            for lot in self.lots().iter().filter(|lot| lot.bucket == Bucket::Unclaimed) {
                self.move_lot(lot, lot.left, "claim", Bucket::Available);
            }
        }
        for rule in &self.program.rules {
            let too_much = self.collapse(rule, &before, other);
            self.take_back(rule, &too_much);
        }
    }

    fn collapse(&mut self, rule: &Rule, a: &State, b: &State) -> TooMuch {
        let mut too_much = TooMuch::new();
        let (narrow, wide) = rule.caps.split_at(rule.caps.partition_point(|cap| cap.per == Per::Ref));
        for cap in narrow {
            too_much = self.collapse_cap(rule, cap, a, b, too_much);
        }
        if rule.reverse_on.is_some() {
            too_much = self.collapse_payments(rule, a, b, too_much);
        }
        for cap in wide {
            too_much = self.collapse_cap(rule, cap, a, b, too_much);
        }
        too_much
    }

    /// One cap: what passes for both together, against what passed for each.
    fn collapse_cap(&mut self, rule: &Rule, cap: &Cap, a: &State, b: &State, inner: TooMuch) -> TooMuch {
        let mut outer = TooMuch::new();
        let mut windows: BTreeMap<SmolStr, Excess> = shared_windows(rule, cap.per, a, b);
        for (day, excess) in inner {
            match cap.per {
                Per::Day | Per::Year | Per::Ever => {
                    let window = window(&rule.id, cap.per, day, &self.command.facts);
                    let less = windows.entry(window).or_default();
                    less.times += excess.times;
                    less.points += excess.points;
                }
                // The campaign of what was given once too often is not known: it passes by.
                Per::Ref | Per::Campaign => outer.push((day, excess)),
            }
        }
        for (window, less) in windows {
            let used = |state: &State| state.caps.get(&window).copied().unwrap_or_default();
            let (a, b) = (used(a), used(b));
            let often = too_often(cap, a, b, less);
            let less_points = less.points + often.points;
            let before = cap.passes(a.points) + cap.passes(b.points);
            let after = cap.passes(a.points + b.points - less_points);
            let day = Day::new(a.day.max(b.day));
            self.ask(window, i32::try_from(-less.times).unwrap_or(i32::MIN), -less_points, day.number());
            if before > after {
                outer.push((day, Excess { times: less.times + often.times, points: before - after }));
            }
        }
        outer
    }

    /// One payment known to both, or its payment to one and its refund to the other.
    fn collapse_payments(&mut self, rule: &Rule, a: &State, b: &State, inner: TooMuch) -> TooMuch {
        let mut outer = inner;
        let once = rule.caps.iter().any(|cap| cap.per == Per::Ref && cap.times == Some(1));
        let prefix = format!("{}|r:", rule.id);
        let shared: Vec<_> = of_sort(&a.refs, &prefix)
            .filter_map(|(key, a)| Some((key.clone(), *a, *b.refs.get(key)?)))
            .collect();
        for (key, a, b) in shared {
            if once && a.times > 0 && b.times > 0 {
                // The same payment, told twice: the smaller goes, and what it had given with it.
                let twice = if a.points <= b.points { a } else { b };
                let less = Paid {
                    times: -twice.times,
                    points: -twice.points,
                    paid: -twice.paid,
                    refunded: 0,
                    day: twice.day,
                };
                self.note(key, less);
                continue;
            }
            let mut both = a;
            both.add(b);
            let excess = a.net_points() + b.net_points() - both.net_points();
            if excess > 0 {
                outer.push((Day::new(both.day), Excess { times: 0, points: excess }));
            }
        }
        outer
    }

    fn take_back(&mut self, rule: &Rule, too_much: &TooMuch) {
        let excess: i64 = too_much.iter().map(|(_, excess)| excess.points).sum();
        if excess <= 0 {
            return;
        }
        for (day, Excess { points, .. }) in too_much {
            let ends = self.place(rule, *day).expires;
            let owed = self.take(*points, &rule.group, ends, &format!("merge:{}", rule.id));
            self.outcome.debt += owed;
            self.count(&rule.group, *day, Count { points: -points, ..Count::default() });
        }
        let verdict = Verdict { points: -excess, reason: Some("merge".into()) };
        self.outcome.verdicts.insert(rule.id.clone(), verdict);
    }
}

/// Windows of one rule and one sort that both have asked something of.
fn shared_windows(rule: &Rule, per: Per, a: &State, b: &State) -> BTreeMap<SmolStr, Excess> {
    let prefix = match per {
        Per::Ever => format!("{}|ever", rule.id),
        Per::Year => format!("{}|y", rule.id),
        Per::Day => format!("{}|d", rule.id),
        Per::Campaign => format!("{}|c:", rule.id),
        Per::Ref => format!("{}|r:", rule.id),
    };
    of_sort(&a.caps, &prefix)
        .filter(|(key, _)| b.caps.contains_key(*key))
        .map(|(key, _)| (key.clone(), Excess::default()))
        .collect()
}

/// What passed a cap of times more often, for both together, than it allows.
fn too_often(cap: &Cap, a: Used, b: Used, less: Excess) -> Excess {
    let Some(most) = cap.times.map(i64::from) else { return Excess::default() };
    let asked = |used: Used| i64::from(used.times);
    let each = asked(a).min(most) + asked(b).min(most) - less.times;
    let times = (each - (asked(a) + asked(b) - less.times).min(most)).max(0);
    let points = a.points + b.points - less.points;
    if each <= 0 { Excess::default() } else { Excess { times, points: points * times / each } }
}
