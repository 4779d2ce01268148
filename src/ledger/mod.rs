//! Stage 4, the deciding half: what a command earns, owes and answers. No I/O, no clock, no await.
//!
//! A [`Command`] goes in with the [`State`]s of the persons concerned; a [`Decision`] comes out. What a decision
//! changes is written down in its [`Outcome`], and [`State::fold`] is the only code that changes a state: the store
//! calls it when it commits, and `wechat-gateway verify` calls it again over the whole log.
//!
//! - `command.rs`: everything that moves a point or owes a message
//! - `state/`: what is kept of one person, the fold of their events
//! - `outcome.rs`: what one event did, as the log keeps it
//! - `message.rs`: what a person reads
//! - `program/`: `program.toml`, compiled: rules, caps, welcomes
//! - `words/`: `messages.toml`, compiled: templates per language
//! - `decide/`: the one door
//! - `calendar.rs`: days and months of the program's time zone

mod calendar;
mod command;
mod decide;
mod message;
mod outcome;
mod program;
mod state;
mod words;

pub use command::{Action, Command, Facts, Request, Resolution, Subject};
pub use decide::{Snapshot, Weighed, decide, weigh};
pub use message::{Article, Message};
pub use outcome::{
    Bucket, CapUse, Decision, Entry, Erase, Errand, Fate, Outcome, Owed, RefUse, Tally, Verdict,
};
pub use program::{LoadError, LoadErrors, Program};
pub use state::{
    Balance, Cap, Chain, Follow, Life, Lot, Month, Paid, State, Step, Survivor, Window, WindowKind, survivor,
};
