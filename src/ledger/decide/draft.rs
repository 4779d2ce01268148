//! A decision while it is made.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::Snapshot;
use crate::ledger::calendar::Day;
use crate::ledger::command::Command;
use crate::ledger::outcome::{Bucket, CapUse, Entry, Outcome, Owed, RefUse, Tally};
use crate::ledger::program::Program;
use crate::ledger::state::{Balance, Cap, Lot, Paid, State};

/// The state before the event, and what the event adds to it so far.
pub(super) struct Draft<'a> {
    pub(super) program: &'a Program,
    pub(super) command: &'a Command,
    /// Before the event, but merged with the other person where there is one.
    pub(super) state: Cow<'a, State>,
    /// Local day on which the event was received: what has expired by then is gone.
    pub(super) today: Day,
    /// Local day on which the event happened.
    pub(super) day: Day,
    pub(super) outcome: Outcome,
    /// So many of the outcome's entries are in the lots of `state` already.
    posted: usize,
    pub(super) owed: Vec<Owed>,
}

/// Where points of a person stand, or shall.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) bucket: Bucket,
    pub(super) expires: Option<i32>,
    pub(super) release: Option<i32>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(snapshot: &Snapshot<'a>, command: &'a Command, program: &'a Program) -> Self {
        Self {
            program,
            command,
            state: Cow::Borrowed(snapshot.state),
            today: program.day(command.received_at),
            day: program.day(command.occurred_at),
            outcome: Outcome { ruleset: program.ruleset().into(), ..Outcome::default() },
            posted: 0,
            owed: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> (Outcome, Vec<Owed>) {
        (self.outcome, self.owed)
    }

    /// Moves points; none when there are none.
    pub(super) fn enter(&mut self, entry: Entry) {
        if entry.points > 0 {
            self.outcome.entries.push(entry);
        }
    }

    /// Moves all or some of a lot out of it.
    pub(super) fn move_lot(&mut self, lot: &Lot, points: i64, rule: &str, to: Bucket) {
        self.enter(Entry {
            rule: rule.into(),
            group: lot.group.clone(),
            from: lot.bucket,
            to,
            points,
            expires: lot.expires,
            release: lot.release,
        });
    }

    /// The lots as they are after the entries so far.
    pub(super) fn lots(&mut self) -> Vec<Lot> {
        if self.posted < self.outcome.entries.len() {
            let state = self.state.to_mut();
            for entry in &self.outcome.entries[self.posted..] {
                state.post(entry);
            }
            self.posted = self.outcome.entries.len();
        }
        self.state.lots.clone()
    }

    /// What the person has after the entries so far.
    pub(super) fn balance(&self) -> Balance<'_> {
        self.state.balance_after(&self.outcome.entries[self.posted..], self.today.number())
    }

    /// What was asked of a cap, by this event too.
    pub(super) fn used(&self, window: &str) -> Cap {
        let mut used = self.state.caps.get(window).copied().unwrap_or_default();
        for own in self.outcome.caps.iter().filter(|own| *own.cap == *window) {
            used.ask(own);
        }
        used
    }

    /// Asks something of a cap.
    pub(super) fn ask(&mut self, window: SmolStr, times: i32, points: i64, day: i32) {
        if times != 0 || points != 0 {
            self.outcome.caps.push(CapUse { cap: window, times, points, day });
        }
    }

    /// What is known of a payment.
    pub(super) fn paid(&self, reference: &str) -> Option<Paid> {
        self.state.refs.get(reference).copied()
    }

    /// Adds to what is known of a payment.
    pub(super) fn note(&mut self, reference: SmolStr, paid: Paid) {
        let Paid { times, points, paid, refunded, day } = paid;
        self.outcome.refs.push(RefUse { reference, times, points, paid, refunded, day });
    }

    /// Counts for a group in the month of `day`. An event counts once for a group, whatever number of its rules it meets.
    pub(super) fn count(&mut self, group: &str, day: Day, add: Count) {
        let month = day.month();
        let known =
            self.outcome.tallies.iter_mut().find(|tally| *tally.group == *group && tally.month == month);
        match known {
            Some(tally) => {
                tally.points += add.points;
                if add.times.abs() > tally.count.abs() {
                    tally.count = add.times;
                }
                if add.fen.abs() > tally.fen.abs() {
                    tally.fen = add.fen;
                }
                tally.last = tally.last.max(add.last);
            }
            None => self.outcome.tallies.push(Tally {
                group: group.into(),
                month,
                points: add.points,
                count: add.times,
                fen: add.fen,
                last: add.last,
            }),
        }
    }
}

/// What one event adds to the counts of a group.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) points: i64,
    pub(super) times: i32,
    pub(super) fen: i64,
    pub(super) last: crate::clock::UnixMs,
}
