//! Commands that go through the steps of a batch abreast: one step for all of them, then the next.
//!
//! The code of all steps together is larger than a processor's first cache, that of one step is not. Whoever takes one
//! command after the other through all steps has it fetched again for each (docs/decisions/0012).

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::names::Link;
use super::super::{Set, Settled};
use super::who::{self, Who};
use super::{Asked, Batch, Decided};
use crate::ids::EventNo;
use crate::ledger::{Command, Life, Snapshot, Weighed, weigh};

impl<'a> Batch<'a> {
    /// Applies the next commands for as long as each of them changes the state of another person whom the store knows,
    /// and nothing else: then none of them sees what another one does. The first that is different, or fails, is left to
    /// [`Batch::settle`].
    pub(super) fn settle_abreast(&mut self) {
        let program = &*self.bench.program;
        let worded = up_to_a_failure(self.weigh_all(), |(asked, who, event, weighed)| {
            let decision = catch_unwind(AssertUnwindSafe(|| weighed.worded(program))).ok()?;
            Some((asked, who, event, decision))
        });
        let written = up_to_a_failure(worded, |(asked, who, event, decision)| {
            Some((asked, who, Decided::written(event, decision, Vec::new()).ok()?))
        });
        for (Asked { command, text }, who, decided) in written {
            debug_assert_eq!(decided.event, self.rows.next_event());
            let receipt = self.apply(command, text.clone(), who, decided);
            self.answers.push(Ok(Settled::Done(receipt)));
        }
    }

    fn weigh_all(&self) -> Vec<(&'a Asked, Who, EventNo, Weighed)> {
        let left = &self.commands[self.answers.len()..];
        let mut all = Vec::new();
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

    /// `None` for a command that may change more than the state of a person who is known.
    fn weigh(&self, command: &Command, event: EventNo) -> Option<(Who, Weighed)> {
        if command.request.is_some() || self.again(command).is_some() {
            return None;
        }
        // Before strangers are looked for under their digests, which `settle` does.
        let subject = &command.subject;
        if subject.person.is_none()
            && let Some((app_id, open_id)) = &subject.identity
            && !self.rows.has_link(&Link::of(app_id, open_id))
        {
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
        weighed.stays_in_state().then_some((who, weighed))
    }
}

/// What becomes of the first ones: of all before the one that fails. Answers and events are in the order of the commands, so
/// nobody may be left out.
fn up_to_a_failure<T, U>(all: Vec<T>, step: impl FnMut(T) -> Option<U>) -> Vec<U> {
    all.into_iter().map_while(step).collect()
}

#[cfg(test)]
mod tests {
    use super::up_to_a_failure;

    #[test]
    fn nobody_behind_a_failure_goes_on() {
        assert_eq!(up_to_a_failure(vec![1, 2, 0, 4], |n| (n > 0).then_some(n)), [1, 2]);
    }
}
