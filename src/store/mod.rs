//! Stage 4, the durable half: one command, one commit.
//!
//! [`Store::settle`] loads the states of the persons concerned, asks [`crate::ledger::decide`], writes the event with
//! its outcome and reply, the new states and what is still owed, commits, and only then answers. Concurrent commands
//! share a commit. A repeated event finds its unique key taken and gets the stored reply.
//!
//! - `batch/`: what a commit does, whatever the database: needs -> rows -> decisions -> writes
//! - `names.rs`: OpenID and UnionID as they are kept, in clear or erased to a keyed digest
//! - `links.rs`, `people.rs`: where links lead and who is there, remembered from one commit to the next
//! - `record.rs`: the columns that are JSON, and their typed form
//! - `sqlite/`, `postgres/`: how rows are read and written
//! - `migrations/`: the tables, one folder per database
//! - `open.rs`: a URL becomes a store
//! - `fold.rs`: `verify`, the log folded again and compared
//!
//! To add a database: implement [`Store`] over `batch`, add its scheme to [`open`], and instantiate the suite of
//! `tests/contract/store/mod.rs` for it.

mod batch;
mod fold;
mod links;
mod names;
mod open;
mod people;
mod postgres;
mod record;
mod sqlite;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use smol_str::SmolStr;

use crate::clock::UnixMs;
use crate::ids::{AppId, EventNo, OpenId, PersonId, PersonNo, UnionId};
use crate::ledger::{Action, Command, Errand, Facts, Message, Outcome, State};

pub use fold::{Difference, Report, verify};
pub use open::{Deps, OpenError, migrate, open};

/// A map with a hash that is quicker than the standard library's. It is keyed, and the keys come from those who sign.
type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
/// A set with that hash.
type Set<K> = HashSet<K, foldhash::fast::RandomState>;

/// The one durable place. Everything that moves a point goes through [`Store::settle`].
#[async_trait]
pub trait Store: std::fmt::Debug + Send + Sync {
    /// Settles one command exactly once, and answers after the commit. Asked at the call, in a Tokio runtime: a future that
    /// is dropped, polled or not, may have been settled all the same.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it is not certain that it is stored: the caller must ask the sender to repeat it,
    /// and if it was stored all the same, the repeat gets what was stored. [`StoreError::Corrupt`] when a row that it
    /// needs cannot be read; nothing of it is then stored. [`StoreError::KeyReused`] for an `Idempotency-Key` with another body.
    async fn settle(&self, command: Command) -> Result<Settled, StoreError>;

    /// One person with identities; `None` when nobody is known under that name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    async fn person(&self, who: PersonRef) -> Result<Option<Person>, StoreError>;

    /// The person's events, newest first, before `before` (exclusive) where given, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    async fn history(
        &self,
        person: PersonNo,
        before: Option<EventNo>,
        limit: usize,
    ) -> Result<Vec<Logged>, StoreError>;

    /// Takes up to `limit` errands that are due at `now`, for `lease` milliseconds. An errand is handed to one caller at
    /// a time; [`Task::attempts`] counts this one. It ends with the command that names it, or is due again when the
    /// lease is over.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    async fn claim(&self, now: UnixMs, limit: usize, lease: UnixMs) -> Result<Vec<Task>, StoreError>;

    /// Gives an errand back, to be due again at `due_at`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn postpone(&self, errand: i64, due_at: UnixMs) -> Result<(), StoreError>;

    /// The log in append order after `after`, at most `limit`; for `verify`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    async fn log(&self, after: EventNo, limit: usize) -> Result<Vec<Logged>, StoreError>;

    /// Whether it is worth asking, found out cheaply: here, by a read that finds nothing; where the last
    /// that was to be stored was not, by storing something too.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when nobody can be asked, or when nothing can be stored, now or before an operator
    /// has seen to it.
    async fn ready(&self) -> Result<(), StoreError> {
        self.log(EventNo::MAX, 1).await.map(drop)
    }

    /// What works and would better be otherwise, and what to do; found out by asking, for `check`.
    async fn misgiving(&self) -> Option<String> {
        None
    }
}

/// What became of a command.
#[derive(Clone, Debug)]
pub enum Settled {
    /// It is in the log.
    Done(Receipt),
    /// The command said [`crate::ledger::Resolution::Ask`], and nobody is known under that (AppID, OpenID), or only
    /// somebody who left and whose names were erased, or somebody without a UnionID follows: nothing was written.
    Stranger,
}

/// A settled command, now or earlier.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// False when the unique key was taken: everything here is what was stored then.
    pub fresh: bool,
    /// True when it was stored by the same `Idempotency-Key` and body, so that the answer must be the same again.
    pub replayed: bool,
    /// Its place in the log.
    pub event: EventNo,
    /// The person credited.
    pub person: PersonId,
    /// The stored passive reply.
    pub reply: Option<Message>,
    /// When it was received the first time, unix ms; the `CreateTime` of every reply to it.
    pub received_at: UnixMs,
    /// What it did.
    pub outcome: Arc<Outcome>,
}

/// A name for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonRef {
    /// Our public id.
    Id(PersonId),
    /// `unionid:X`.
    Union(UnionId),
    /// `openid:APPID:OPENID`.
    Open(AppId, OpenId),
    /// Row number.
    No(PersonNo),
}

/// A person with everything that the store knows.
#[derive(Clone, Debug)]
pub struct Person {
    /// Row number.
    pub no: PersonNo,
    /// Public id.
    pub id: PersonId,
    /// UnionID, unless unknown or erased.
    pub union_id: Option<UnionId>,
    /// Fold of the person's events.
    pub state: State,
    /// Links that have not been erased.
    pub identities: Vec<Identity>,
}

/// One (AppID, OpenID) of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Account.
    pub app_id: AppId,
    /// The person as this account sees them.
    pub open_id: OpenId,
}

/// One row of the log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Its place.
    pub event: EventNo,
    /// Whose.
    pub person: PersonNo,
    /// The person's event before it; 0 for the first.
    pub prev: EventNo,
    /// Touchpoint.
    pub kind: SmolStr,
    /// When it happened, unix ms.
    pub occurred_at: UnixMs,
    /// When it was received, unix ms.
    pub received_at: UnixMs,
    /// What the rules saw.
    pub facts: Facts,
    /// What it did beyond the rules.
    pub action: Action,
    /// What changed.
    pub outcome: Outcome,
    /// The same, byte for byte as it is stored: the hash chain is taken over it.
    pub outcome_json: Box<str>,
    /// The stored reply.
    pub reply: Option<Message>,
}

/// One errand in hand.
#[derive(Clone, Debug)]
pub struct Task {
    /// Row number; the command that ends the errand names it.
    pub errand: i64,
    /// What to do.
    pub what: Errand,
    /// Whose.
    pub person: PersonNo,
    /// The event that owed it.
    pub event: EventNo,
    /// The account it concerns, and the person there, unless that link has been erased meanwhile.
    pub identity: Option<Identity>,
    /// Account it concerns.
    pub app_id: AppId,
    /// How often it has been handed out, this time included.
    pub attempts: u32,
    /// The caller before this one never gave it back: it may have done its work, or not.
    pub abandoned: bool,
    /// Pointless after, unix ms.
    pub deadline: UnixMs,
}

/// Why the store did not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is down, locked, full, or late. What was asked for may have been stored; the same, sent again, counts
    /// once.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The `Idempotency-Key` belongs to a request with another body.
    #[error("this Idempotency-Key was used before with another body; use a new key for a new request")]
    KeyReused,
    /// A row that cannot be read. Only a backup brings it back.
    #[error(
        "table {table}, row {row}, column {column} cannot be read: {why}; `wechat-gateway verify` lists such rows, restore \
         them from a backup"
    )]
    Corrupt {
        /// Table.
        table: &'static str,
        /// Row number; 0 where only the place is known at which it should be.
        row: i64,
        /// Column.
        column: &'static str,
        /// The parser's words.
        why: String,
    },
}
