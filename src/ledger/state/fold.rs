//! The only code that changes a state.

use std::collections::BTreeMap;
use std::ops::Bound;

use smol_str::SmolStr;

use super::{Cap, Life, Month, Paid, State, WindowKind};
use crate::clock::{SECOND, UnixMs};
use crate::ids::EventNo;
use crate::ledger::command::{Action, Facts};
use crate::ledger::outcome::{Fate, Outcome, RefUse};

/// After a follow, scan or menu tap WeChat takes customer-service messages for a minute; ours must have left by then.
pub(in crate::ledger) const WELCOME_WITHIN: UnixMs = 55 * SECOND;

/// Day windows kept of each rule.
const DAYS_KEPT: usize = 35;
/// References, and campaigns, kept of each rule.
const NAMES_KEPT: usize = 64;
const YEARS_KEPT: usize = 3;
const MONTHS_KEPT: u32 = 13;

/// One event, as [`State::fold`] sees it: the same when it is settled and when the log is folded again.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Its place in the log.
    pub event: EventNo,
    /// Touchpoint.
    pub kind: &'a str,
    /// When it happened, unix ms.
    pub occurred_at: UnixMs,
    /// When it was received, unix ms.
    pub received_at: UnixMs,
    /// What the rules saw.
    pub facts: &'a Facts,
    /// What it did beyond the rules.
    pub action: &'a Action,
    /// What changed.
    pub outcome: &'a Outcome,
    /// The same, as the log writes it: the link of the hash chain is taken over this text.
    pub outcome_json: &'a str,
}

impl State {
    /// Applies one event. Total: any event of the log applies to any state.
    pub fn fold(&mut self, step: &Step<'_>) {
        let outcome = step.outcome;
        if let Some(other) = &outcome.merged {
            self.absorb(other);
        }
        for entry in &outcome.entries {
            self.post(entry);
        }
        self.debt = self.debt.saturating_add(outcome.debt);
        self.use_caps(outcome);
        for tally in &outcome.tallies {
            self.count(Month {
                group: tally.group.clone(),
                month: tally.month,
                points: tally.points,
                count: tally.count,
                fen: tally.fen,
                last: tally.last,
            });
        }
        self.act(step);
        self.hash = self.hash.after(step);
        self.last_event = step.event;
    }

    fn use_caps(&mut self, outcome: &Outcome) {
        for used in &outcome.caps {
            let Some(cap) = self.caps.get_mut(&used.cap) else {
                let mut cap = Cap { day: used.day, ..Cap::default() };
                cap.ask(used);
                self.caps.insert(used.cap.clone(), cap);
                forget_oldest(&mut self.caps, &used.cap, |cap| cap.day);
                continue;
            };
            cap.ask(used);
            if cap.times == 0 && cap.points == 0 {
                self.caps.remove(&used.cap);
            }
        }
        for used in &outcome.refs {
            let RefUse { times, points, paid, refunded, day, .. } = used;
            let paid = Paid { times: *times, points: *points, paid: *paid, refunded: *refunded, day: *day };
            match self.refs.get_mut(&used.reference) {
                Some(known) => known.add(paid),
                None => {
                    self.refs.insert(used.reference.clone(), paid);
                    forget_oldest(&mut self.refs, &used.reference, |paid| paid.day);
                }
            }
        }
    }

    /// Adds counts, and forgets months older than thirteen before the newest.
    pub(super) fn count(&mut self, add: Month) {
        match self
            .months
            .binary_search_by(|month| month.month.cmp(&add.month).then_with(|| month.group.cmp(&add.group)))
        {
            Ok(at) => {
                let month = &mut self.months[at];
                month.points += add.points;
                month.count += add.count;
                month.fen = month.fen.saturating_add(add.fen);
                month.last = month.last.max(add.last);
            }
            Err(at) => self.months.insert(at, add),
        }
        let index = |month: u32| month / 100 * 12 + month % 100;
        if let Some(newest) = self.months.last().map(|month| index(month.month)) {
            self.months.retain(|month| index(month.month) + MONTHS_KEPT > newest);
        }
    }

    fn act(&mut self, step: &Step<'_>) {
        let at = step.occurred_at;
        match step.action {
            Action::Touch => {
                self.elsewhere |= !step.kind.starts_with("oa.");
                if matches!(step.kind, "oa.scan" | "oa.click" | "oa.scancode_push" | "oa.scancode_waitmsg") {
                    self.open(step, WindowKind::Brief);
                }
            }
            Action::Speak => {
                self.elsewhere |= !step.kind.starts_with("oa.");
                self.open(step, WindowKind::Long);
            }
            Action::Follow => {
                if let Some(app) = &step.facts.app_id {
                    let follow = self.follows.entry(app.clone()).or_default();
                    follow.followed(at);
                    if step.outcome.welcome == Some(Fate::Owed) && follow.on {
                        follow.owes = Some((step.event, at.saturating_add(WELCOME_WITHIN)));
                        follow.scene.clone_from(&step.facts.scene);
                    }
                }
            }
            Action::Unfollow => {
                if let Some(app) = &step.facts.app_id {
                    self.follows.entry(app.clone()).or_default().unfollowed(at);
                }
            }
            Action::Erase => {
                self.life = Life::Erased;
                self.lang = None;
                self.debt = 0;
                self.months.clear();
                self.refs.clear();
                self.elsewhere = false;
                for follow in self.follows.values_mut() {
                    follow.windows.clear();
                    follow.settled();
                }
            }
            Action::Resolve { .. } => {
                for (app, follow) in &mut self.follows {
                    if step.facts.app_id.as_ref().is_none_or(|only| only == app) {
                        follow.settled();
                    }
                }
            }
            Action::Conclude { event, .. } => {
                for follow in self.follows.values_mut() {
                    if follow.owes.is_some_and(|(owed, _)| owed == *event) {
                        follow.settled();
                    }
                }
            }
            Action::Lapse { .. } => {}
        }
        if let (Some(window), Some(app)) = (step.outcome.slot, &step.facts.app_id)
            && let Some(follow) = self.follows.get_mut(app)
        {
            follow.charged(window);
        }
        if !matches!(step.action, Action::Resolve { .. } | Action::Conclude { .. } | Action::Lapse { .. }) {
            self.first_at = if self.first_at == 0 { at } else { self.first_at.min(at) };
            self.last_at = self.last_at.max(at);
        }
    }

    fn open(&mut self, step: &Step<'_>, window: WindowKind) {
        if let Some(app) = &step.facts.app_id {
            self.follows.entry(app.clone()).or_default().opened(window, step.occurred_at);
        }
    }
}

/// Keeps as many windows of one rule and one sort as [`State::caps`] and [`State::refs`] promise; `added` names both.
fn forget_oldest<T>(windows: &mut BTreeMap<SmolStr, T>, added: &str, day: impl Fn(&T) -> i32) {
    let Some((sort, kept)) = sort_of(added) else { return };
    loop {
        if of_sort(windows, sort).count() <= kept {
            return;
        }
        let Some(oldest) = of_sort(windows, sort)
            .min_by_key(|(key, window)| (day(window), *key))
            .map(|(key, _)| key.clone())
        else {
            return;
        };
        windows.remove(&oldest);
    }
}

/// The windows of one rule and one sort.
pub(in crate::ledger) fn of_sort<'a, T>(
    windows: &'a BTreeMap<SmolStr, T>,
    sort: &'a str,
) -> impl Iterator<Item = (&'a SmolStr, &'a T)> {
    windows
        .range::<str, _>((Bound::Included(sort), Bound::Unbounded))
        .take_while(move |(key, _)| key.starts_with(sort))
}

/// What the windows of one rule and one sort begin with, and how many of them are kept: `rule|d` of `rule|d20411`,
/// `rule|r:` of `rule|r:order-1`. None for `rule|ever`.
pub(in crate::ledger) fn sort_of(window: &str) -> Option<(&str, usize)> {
    let at = window.rfind('|')? + 1;
    let (letters, kept) = match window.as_bytes().get(at..)? {
        [b'c' | b'r', b':', ..] => (2, NAMES_KEPT),
        [b'd', b'0'..=b'9' | b'-', ..] => (1, DAYS_KEPT),
        [b'y', b'0'..=b'9' | b'-', ..] => (1, YEARS_KEPT),
        _ => return None,
    };
    Some((&window[..at + letters], kept))
}
