//! SQLite: one file, WAL, one writer thread that commits in groups, nobody answered before the disk has it.
//!
//! - `writer.rs`: the thread, its queue, and what happens when the file is locked or the disk full
//! - `durable.rs`: the thread that waits for the disk and answers
//! - `checkpoint.rs`: the thread that copies the log into the file
//! - `disk.rs`: whether the disk has ever failed
//! - `trial.rs`: whether it can be written to again after it could not
//! - `load.rs`: the rows of a batch, read under the write lock
//! - `known`: what is remembered between commits, and worked off a little with each
//! - `save.rs`: what a batch has changed, written, all but the states that `known/recent` appends
//! - `read.rs`: what is asked outside of a commit, on connections of its own
//! - `errands.rs`: claiming and postponing
//! - `trouble.rs`: what a failed statement means
//! - `file.rs`: the URL, the pragmas, the migrations
//! - `limits.rs`: how much is committed together, how much gathers before it is worked off, and how many pages are kept
//!
//! Several processes may share the file: every number is read again under the write lock, and what is remembered from
//! one commit to the next is brought up to date there.

mod checkpoint;
mod disk;
mod durable;
mod errands;
mod file;
mod known;
mod limits;
mod load;
mod read;
mod save;
#[cfg(test)]
mod tests;
mod trial;
mod trouble;
mod writer;

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
use rusqlite::Connection;

use super::batch::Bench;
use super::{Logged, OpenError, Person, PersonRef, Settled, Store, StoreError, Task};
use crate::clock::UnixMs;
use crate::ids::{EventNo, PersonNo};
use crate::ledger::Command;
use file::File;
use known::Recent;
use read::Readers;
use writer::Writer;

/// See the module.
#[derive(Debug)]
pub(super) struct SqliteStore {
    /// `None` for a database in memory: there is only the writer's connection. Closed before that one, which takes the
    /// log away.
    readers: Option<Readers>,
    writer: Writer,
    recent: Arc<Recent>,
    eraser: super::names::Eraser,
}

/// Makes the tables, or brings them up to date.
pub(super) fn migrate(url: &str) -> Result<(), OpenError> {
    File::parse(url)?.writer().map(drop)
}

impl SqliteStore {
    /// Opens the file, creating it if need be, and starts the writer.
    pub(super) fn open(url: &str, bench: Bench) -> Result<Self, OpenError> {
        let file = File::parse(url)?;
        let eraser = bench.eraser.clone();
        let recent = Arc::<Recent>::default();
        let writer = Writer::start(&file, bench, recent.clone())?;
        let readers = (!file.is_memory()).then(|| Readers::new(file));
        Ok(Self { readers, writer, recent, eraser })
    }

    /// Runs `question` on a connection that does not wait for the writer, where there can be one.
    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match &self.readers {
            Some(readers) => readers.ask(question).await,
            None => self.writer.run(move |connection| question(connection)).await,
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn settle<'a, 'b>(&'a self, command: Command) -> BoxFuture<'b, Result<Settled, StoreError>>
    where
        'a: 'b,
    {
        // Queued at once, and not from inside the future: that would carry the command about, and be as large.
        Box::pin(self.writer.settle(command))
    }

    async fn person(&self, who: PersonRef) -> Result<Option<Person>, StoreError> {
        let recent = self.recent.clone();
        self.read(move |connection| read::person(connection, &recent, &who)).await
    }

    async fn history(
        &self,
        person: PersonNo,
        before: Option<EventNo>,
        limit: usize,
    ) -> Result<Vec<Logged>, StoreError> {
        let recent = self.recent.clone();
        self.read(move |connection| read::history(connection, &recent, person, before, limit)).await
    }

    async fn claim(&self, now: UnixMs, limit: usize, lease: UnixMs) -> Result<Vec<Task>, StoreError> {
        // Most of the time nothing is due, and nobody has to wait for the write lock to learn that.
        if !self.read(move |connection| errands::any_due(connection, now)).await? {
            return Ok(Vec::new());
        }
        let eraser = self.eraser.clone();
        self.writer.run(move |connection| errands::claim(connection, &eraser, now, limit, lease)).await
    }

    async fn postpone(&self, errand: i64, due_at: UnixMs) -> Result<(), StoreError> {
        self.writer.run(move |connection| errands::postpone(connection, errand, due_at)).await
    }

    async fn log(&self, after: EventNo, limit: usize) -> Result<Vec<Logged>, StoreError> {
        self.read(move |connection| read::log(connection, after, limit)).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.writer.ready().await?;
        let recent = self.recent.clone();
        // Without them no command is settled and nobody is read.
        self.read(move |connection| recent.catch_up(connection)).await?;
        self.log(EventNo::MAX, 1).await.map(drop)
    }
}
