//! The one door: what a command earns, owes and answers.

use super::command::Command;
use super::outcome::{Decision, Outcome};
use super::program::Program;
use super::state::State;
use crate::ids::EventNo;

/// Everything that a decision may look at besides the command and the program.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot<'a> {
    /// The person.
    pub state: &'a State,
    /// Another person that turned out to be the same one: merged into `state` by this command.
    pub merging: Option<&'a State>,
    /// Links to accounts that the person has, the one of the command included.
    pub identities: usize,
    /// Number that the event will have in the log.
    pub event: EventNo,
}

/// Decides one command. Pure: the same arguments give the same decision.
#[must_use]
pub fn decide(_snapshot: &Snapshot<'_>, _command: &Command, program: &Program) -> Decision {
    Decision {
        outcome: Outcome { ruleset: program.ruleset().into(), ..Outcome::default() },
        reply: None,
        owed: Vec::new(),
        erase: super::Erase::Nothing,
    }
}
