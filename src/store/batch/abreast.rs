//! Commands that go through the steps of a batch abreast: one step for all of them, then the next.
//!
//! The code of all steps is several times as large as a processor's first cache, that of one step fits into it. To take one
//! command after the other through all steps would fetch all of it again for each of them, and that costs as much as what
//! it does then (docs/decisions/0012-commands-are-settled-abreast.md).

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::{Set, Settled};
use super::who::{self, Who};
use super::{Asked, Batch, Decided};
use crate::ids::EventNo;
use crate::ledger::{Command, Life, Snapshot, Weighed, weigh};

impl<'a> Batch<'a> {
    /// Applies the next commands for as long as each of them concerns another person, and nothing but their points: then
    /// none of them sees what another one does. Leaves the first other one to [`Batch::settle`], and whatever fails.
    pub(super) fn settle_abreast(&mut self) {
        let program = &*self.bench.program;
        // Whoever is behind one that fails would have another number, and is decided again.
        let worded = self.weigh_all().into_iter().map_while(|(asked, who, event, weighed)| {
            let decision = catch_unwind(AssertUnwindSafe(|| weighed.worded(program))).ok()?;
            Some((asked, who, event, decision))
        });
        let worded: Vec<_> = worded.collect();
        let written = worded.into_iter().map_while(|(asked, who, event, decision)| {
            Some((asked, who, Decided::written(event, decision, Vec::new()).ok()?))
        });
        let written: Vec<_> = written.collect();
        for (Asked { command, text }, who, decided) in written {
            let receipt = self.apply(command, text.clone(), who, decided);
            self.answers.push(Ok(Settled::Done(receipt)));
        }
    }

    fn weigh_all(&self) -> Vec<(&'a Asked, Who, EventNo, Weighed)> {
        let left = &self.commands[self.answers.len()..];
        let mut all = Vec::with_capacity(left.len());
        let (mut persons, mut keys) = (Set::default(), Set::default());
        for (asked, event) in left.iter().zip(self.rows.events()) {
            match self.weigh(&asked.command, event) {
                Some((who, weighed)) if persons.insert(who.person) && keys.insert(asked.command.key) => {
                    all.push((asked, who, event, weighed));
                }
                _ => break,
            }
        }
        all
    }

    /// `None` for a command that may change more than the points of a person who is known.
    fn weigh(&self, command: &Command, event: EventNo) -> Option<(Who, Weighed)> {
        if command.request.is_some() || self.again(command).is_some() {
            return None;
        }
        let who = who::find(&self.rows, command, &self.bench.eraser).ok()??;
        let state = &self.rows.person(who.person.filter(|_| who.is_plain())?).state;
        if state.life == Life::Erased {
            return None;
        }
        let snapshot = Snapshot { state, merging: None, identities: who.identities, event };
        let program = &self.bench.program;
        let weighed = catch_unwind(AssertUnwindSafe(|| weigh(&snapshot, command, program))).ok()?;
        weighed.is_only_points().then_some((who, weighed))
    }
}
