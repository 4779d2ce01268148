//! The one door: what a command earns, owes and answers.
//!
//! ```text
//! command + state -> merge.rs     two persons become one, and what caps then find too much is taken back
//!                    lapse.rs     what has expired, was held until now, is forgotten or lapses
//!                    earn.rs      every rule that listens, in the order of the file
//!                    reverse.rs   ... or that takes back
//!                    greet.rs     the reply, or what is owed instead
//!                 -> Decision
//! ```
//!
//! All of them write into one `draft.rs`, and nothing else: a decision changes nothing until the store commits it.
//!
//! To add an action: a variant of [`Action`], an arm in [`weigh`], and one in [`State::fold`] for what it changes
//! beyond points.

mod draft;
mod earn;
mod greet;
mod lapse;
mod merge;
mod reverse;
#[cfg(test)]
mod tests;

use self::draft::Draft;
use super::command::{Action, Command, Resolution};
use super::outcome::{Decision, Erase, Errand, Fate, Outcome, Owed};
use super::program::Program;
use super::state::{Life, State};
use super::words::Line;
use crate::clock::{DAY, UnixMs};
use crate::ids::EventNo;

/// How long the platform is asked for the UnionID of a provisional person.
const RESOLVE_WITHIN: UnixMs = DAY;

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
pub fn decide(snapshot: &Snapshot<'_>, command: &Command, program: &Program) -> Decision {
    weigh(snapshot, command, program).worded(program)
}

/// A decision but for the words of its reply.
#[derive(Debug)]
pub struct Weighed {
    outcome: Outcome,
    reply: Option<Line>,
    owed: Vec<Owed>,
    erase: Erase,
}

impl Weighed {
    /// True when nothing but the person's state changes: nothing is owed, and no name forgotten.
    #[must_use]
    pub fn stays_in_state(&self) -> bool {
        self.owed.is_empty() && self.erase == Erase::Nothing
    }

    /// With its words.
    #[must_use]
    pub fn worded(self, program: &Program) -> Decision {
        let Self { mut outcome, reply, owed, erase } = self;
        let reply = reply.map(|line| program.say(line));
        // Its words come to nothing.
        if matches!(reply, Some(None)) && outcome.welcome == Some(Fate::Passive) {
            outcome.welcome = Some(Fate::Suppressed);
        }
        Decision { outcome, reply: reply.flatten(), owed, erase }
    }
}

/// The first half of [`decide`]: whoever has many commands to decide may have all of them weighed before any is worded.
#[must_use]
pub fn weigh(snapshot: &Snapshot<'_>, command: &Command, program: &Program) -> Weighed {
    let mut draft = Draft::new(snapshot, command, program);
    draft.merge(snapshot.merging);
    draft.book_what_time_did();

    let mut erase = Erase::Nothing;
    match &command.action {
        Action::Touch | Action::Follow | Action::Speak => draft.apply_rules(),
        Action::Unfollow => {
            draft.apply_rules();
            erase = unfollow(&mut draft, snapshot, command, program);
        }
        Action::Erase => {
            draft.forfeit_everything();
            erase = Erase::Everything;
        }
        Action::Lapse { .. } => draft.lapse(),
        Action::Resolve { .. } | Action::Conclude { .. } => {}
    }

    let unresolved = is_unresolved(&draft.state, command);
    let reply = draft.greet(unresolved);
    if unresolved {
        draft.owed.push(Owed {
            errand: Errand::Resolve,
            due_at: command.received_at,
            deadline: command.received_at.saturating_add(RESOLVE_WITHIN),
        });
    }
    let (outcome, owed) = draft.finish();
    Weighed { outcome, reply, owed, erase }
}

/// True when the UnionID is to be asked for later: of somebody never seen, and of whoever follows without one. Another
/// event of somebody known has been through this before.
fn is_unresolved(state: &State, command: &Command) -> bool {
    let asks_later = command.subject.resolution == Resolution::Later && command.subject.union_id.is_none();
    let follow = command.facts.app_id.as_ref().and_then(|app| state.follows.get(app));
    let has_left_since = follow.is_some_and(|follow| !follow.on && follow.changed_at > command.occurred_at);
    asks_later && (state.last_event == 0 || command.action == Action::Follow && !has_left_since)
}

/// What an unfollow forgets at once, and what it leaves to the grace.
fn unfollow(draft: &mut Draft<'_>, snapshot: &Snapshot<'_>, command: &Command, program: &Program) -> Erase {
    let state = &draft.state;
    let follow = command.facts.app_id.as_ref().and_then(|app| state.follows.get(app));
    if follow.is_some_and(|follow| follow.on && follow.changed_at >= command.occurred_at) {
        // It arrives late: the person has followed again since.
        return Erase::Nothing;
    }
    let stays = state.elsewhere || snapshot.identities > 1 || state.life == Life::Member;
    if stays {
        return Erase::Link;
    }
    draft.owed.push(Owed {
        errand: Errand::Lapse,
        due_at: command.occurred_at.saturating_add(program.terms.grace),
        deadline: UnixMs::MAX,
    });
    Erase::LinkAndUnion
}
