//! What a commit does, whatever the database.
//!
//! A database reads the [`Needs`] of a group of commands into [`Rows`], runs the [`Batch`], writes the [`Writes`]
//! unless a row has changed since, commits, and only then hands out the answers. The batch applies the commands in
//! order: the second command of a group sees what the first one did, exactly as if it had come in a later commit.
//!
//! - `needs.rs`: which rows a group of commands may touch
//! - `rows.rs`: what was read, changed in place by the commands
//! - `who.rs`: whom a command concerns: known, new, or two who turn out to be one
//! - `abreast.rs`: commands that none of the others concerns, as nearly all are: one step for all of them, then the next
//! - `writes.rs`: what has changed
//!
//! A command may turn out to need a row that nobody could foresee (the person that another one was merged into). Then
//! [`Batch::run`] stops before that command, says what it needs, and goes on where it stopped.

mod abreast;
mod needs;
mod rows;
mod who;
mod writes;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::names::{Eraser, Link};
use super::record::{CommandText, write};
use super::{Map, Receipt, Settled, StoreError};
use crate::clock::{Clock, Entropy};
use crate::ids::{AppId, DedupeKey, EventNo, PersonId, PersonNo};
use crate::ledger::{
    Action, Command, Decision, Erase, Life, Owed, Program, Resolution, Snapshot, State, Step, Verdict, decide,
};

pub(super) use needs::Needs;
use rows::Claim;
pub(super) use rows::{PersonRow, Rows, Stored};
use who::Who;
pub(super) use writes::{EventWrite, OutboxWrite, PersonWrite, Writes};

/// Everything that deciding needs besides the rows.
#[derive(Clone, Debug)]
pub(super) struct Bench {
    pub(super) program: Arc<Program>,
    pub(super) eraser: Eraser,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Bench {
    /// A UUIDv7 of now.
    fn new_person_id(&self) -> PersonId {
        let mut random = [0; 10];
        self.entropy.fill(&mut random);
        uuid::Builder::from_unix_timestamp_millis(self.clock.now().unsigned_abs(), &random).into_uuid()
    }
}

/// A command, and how the log will have it: written before the command waits in a queue, by whoever asks.
///
/// On the heap, so that queues move little; given back with the answer, so that it is taken apart where it was made.
#[derive(Debug)]
pub(super) struct Asked {
    command: Box<Command>,
    text: Arc<str>,
}

impl Asked {
    /// # Errors
    /// [`StoreError::Unavailable`] for a command that has no JSON form.
    pub(super) fn of(command: Command) -> Result<Self, StoreError> {
        let text = write(&CommandText { facts: &command.facts, action: &command.action })?.into();
        Ok(Self { command: Box::new(command), text })
    }

    /// The link of a follow to which the answer may be [`Settled::Stranger`]: nothing is written then, and whatever was
    /// wrong about the person would not be noticed.
    pub(super) fn asking(&self) -> Option<Link> {
        let Command { subject, action, .. } = &*self.command;
        let asks = *action == Action::Follow && subject.resolution == Resolution::Ask;
        let (app_id, open_id) = subject.identity.as_ref().filter(|_| asks)?;
        Some(Link::of(app_id, open_id))
    }
}

/// One answer per command, in order.
pub(super) type Answers = Vec<Result<Settled, StoreError>>;

/// A group of commands on its way into one commit.
pub(super) struct Batch<'a> {
    bench: &'a Bench,
    commands: &'a [Asked],
    rows: Rows,
    answers: Answers,
    /// Which answer an event of this batch got.
    settled: Map<DedupeKey, usize>,
    events: Vec<EventWrite>,
    outbox: Vec<OutboxWrite>,
    ended: Vec<i64>,
}

/// A command, decided and not applied yet.
struct Decided {
    event: EventNo,
    decision: Decision,
    outcome: String,
    reply: Option<String>,
    owed: Vec<(AppId, String, Owed)>,
}

impl Decided {
    fn written(
        event: EventNo,
        decision: Decision,
        owed: Vec<(AppId, String, Owed)>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            event,
            outcome: write(&decision.outcome)?,
            reply: decision.reply.as_ref().map(write).transpose()?,
            decision,
            owed,
        })
    }
}

/// Why a command is not settled.
#[derive(Debug)]
enum Stop {
    /// Not yet: rows are missing.
    Needs(Box<Needs>),
    /// Not at all.
    Refused(StoreError),
}

impl From<Box<Needs>> for Stop {
    fn from(needs: Box<Needs>) -> Self {
        Self::Needs(needs)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl<'a> Batch<'a> {
    /// Nothing is applied before [`Batch::run`].
    pub(super) fn new(bench: &'a Bench, commands: &'a [Asked], rows: Rows) -> Self {
        Self {
            bench,
            commands,
            rows,
            answers: Vec::with_capacity(commands.len()),
            settled: Map::with_capacity_and_hasher(commands.len(), <_>::default()),
            events: Vec::with_capacity(commands.len()),
            outbox: Vec::new(),
            ended: Vec::new(),
        }
    }

    /// Applies every command that is not applied yet.
    ///
    /// # Errors
    /// The rows that the next command needs besides those that were foreseen: read them into [`Batch::rows`] under
    /// the same conditions, and run again.
    pub(super) fn run(&mut self) -> Result<(), Box<Needs>> {
        loop {
            self.settle_abreast();
            let Some(asked) = self.commands.get(self.answers.len()) else { return Ok(()) };
            let answer = match self.settle(asked) {
                Ok(settled) => Ok(settled),
                Err(Stop::Refused(error)) => Err(error),
                Err(Stop::Needs(needs)) => return Err(needs),
            };
            self.answers.push(answer);
        }
    }

    /// Where rows that turned out to be needed are put.
    pub(super) fn rows(&mut self) -> &mut Rows {
        &mut self.rows
    }

    /// What to write, and what to answer once it is committed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] for a state that has no JSON form.
    pub(super) fn finish(self) -> Result<(Writes, Answers), StoreError> {
        Ok((Writes::of(self.rows, self.events, self.outbox, self.ended)?, self.answers))
    }

    /// Changes nothing before everything that can stop a command is behind it.
    fn settle(&mut self, Asked { command, text }: &Asked) -> Result<Settled, Stop> {
        if let Some(request) = command.request
            && self.rows.body_of(&request.key).is_some_and(|body| body != request.body)
        {
            return Err(StoreError::KeyReused.into());
        }
        if let Some(receipt) = self.again(command) {
            self.keep_request(command);
            self.ended.extend(errand_of(&command.action));
            return Ok(Settled::Done(receipt));
        }
        let Some(who) = who::find(&self.rows, command, &self.bench.eraser)? else {
            return Ok(Settled::Stranger);
        };
        let decided = self.decide(command, &who)?;
        self.rows.require(&who, decided.decision.erase)?;
        Ok(Settled::Done(self.apply(command, text.clone(), who, decided)))
    }

    /// What a repeat gets: what was answered before this batch, or earlier in it.
    fn again(&self, command: &Command) -> Option<Receipt> {
        if let Some(stored) = self.rows.settled(&command.key) {
            return Some(stored.again(command.request));
        }
        let first = *self.settled.get(&command.key)?;
        let (Asked { command: earlier, .. }, Some(Ok(Settled::Done(receipt)))) =
            (self.commands.get(first)?, self.answers.get(first))
        else {
            return None;
        };
        let stored = Stored { request: earlier.request.map(|r| r.key), receipt: receipt.clone() };
        Some(stored.again(command.request))
    }

    fn decide(&self, command: &Command, who: &Who) -> Result<Decided, StoreError> {
        let blank = State::default();
        let state = who.person.map_or(&blank, |no| &self.rows.person(no).state);
        let merging = who.merging.map(|no| &self.rows.person(no).state);
        let event = self.rows.next_event();
        let snapshot = Snapshot { state, merging, identities: who.identities, event };
        let mut decision = catch_unwind(AssertUnwindSafe(|| decide(&snapshot, command, &self.bench.program)))
            .map_err(|_| {
                StoreError::Unavailable("the ledger panicked over this command; this is a bug".into())
            })?;
        if who.conflict {
            // Two UnionIDs are two people until somebody who knows says otherwise.
            let verdict = Verdict { points: 0, reason: Some("union_id.conflict".into()) };
            decision.outcome.verdicts.insert("merge".into(), verdict);
        }
        if who.left_since && decision.erase == Erase::Nothing {
            // What arrives late does not bring back a name that is to be forgotten.
            decision.erase = Erase::Link;
        }
        if [Some(state), merging].into_iter().flatten().any(|state| state.life == Life::Erased) {
            // Nor does anything else, once a person has asked to be forgotten.
            decision.erase = Erase::Everything;
        }
        let mut owed = Vec::with_capacity(decision.owed.len());
        for item in std::mem::take(&mut decision.owed) {
            let app_id = account_of(command, state).ok_or_else(|| {
                StoreError::Unavailable(format!("a {} owes an errand and names no account", command.kind))
            })?;
            owed.push((app_id, write(&item.errand)?, item));
        }
        Decided::written(event, decision, owed)
    }

    fn apply(&mut self, command: &Command, text: Arc<str>, who: Who, decided: Decided) -> Receipt {
        let no = who.person.unwrap_or_else(|| self.rows.add_person(self.bench.new_person_id()));
        if let Some(other) = who.merging {
            self.rows.merge(other, no);
        }
        self.rows.name(no, &who.claims);
        self.rows.erase(no, command, decided.decision.erase, &self.bench.eraser);

        let Decided { event, decision, outcome: outcome_json, reply, owed } = decided;
        self.rows.take_event();
        let outcome = Arc::new(decision.outcome);
        let person = self.rows.touch(no);
        let prev = person.state.last_event;
        person.state.fold(&Step {
            event,
            kind: &command.kind,
            occurred_at: command.occurred_at,
            received_at: command.received_at,
            facts: &command.facts,
            action: &command.action,
            outcome: &outcome,
            outcome_json: &outcome_json,
        });
        let receipt = Receipt {
            fresh: true,
            replayed: false,
            event,
            person: person.id,
            reply: decision.reply,
            received_at: command.received_at,
            outcome,
        };
        self.settled.insert(command.key, self.answers.len());
        self.keep_request(command);
        self.owe(command, event, no, owed);
        self.events.push(EventWrite {
            id: event,
            key: command.key,
            person: no,
            prev,
            kind: command.kind.clone(),
            occurred_at: command.occurred_at,
            received_at: command.received_at,
            request: command.request.map(|r| r.key),
            command: text,
            outcome: outcome_json,
            reply,
        });
        receipt
    }

    fn keep_request(&mut self, command: &Command) {
        if let Some(request) = command.request {
            self.rows.keep_request(request);
        }
    }

    fn owe(&mut self, command: &Command, event: EventNo, person: PersonNo, owed: Vec<(AppId, String, Owed)>) {
        let ended = errand_of(&command.action);
        for (app_id, errand, Owed { due_at, deadline, .. }) in owed {
            let link = command.subject.identity.as_ref().map(|(app_id, open_id)| Link::of(app_id, open_id));
            self.outbox.push(OutboxWrite {
                event,
                person,
                app_id,
                link: link.map(|link| self.bench.eraser.link(&link).name),
                heir_of: ended,
                errand,
                due_at,
                deadline,
            });
        }
        self.ended.extend(ended);
    }
}

/// The errand that a command ends.
fn errand_of(action: &Action) -> Option<i64> {
    match *action {
        Action::Resolve { errand } | Action::Conclude { errand, .. } | Action::Lapse { errand } => {
            Some(errand)
        }
        Action::Touch | Action::Follow | Action::Unfollow | Action::Erase | Action::Speak => None,
    }
}

/// The account that an errand of this command concerns.
fn account_of(command: &Command, state: &State) -> Option<AppId> {
    let own = command.subject.identity.as_ref().map(|(app_id, _)| app_id);
    own.or(command.facts.app_id.as_ref()).or_else(|| state.follows.keys().next()).cloned()
}

#[cfg(test)]
pub(super) mod tests;
