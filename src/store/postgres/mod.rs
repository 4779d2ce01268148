//! PostgreSQL: any number of gateways on one database.
//!
//! - `batcher.rs`: the queue, and the tasks that commit in groups
//! - `limits.rs`: how much is committed together, and how long anybody waits
//! - `trouble.rs`: why a group was not committed, and so what to do next
//! - `known`: who is remembered from one commit to the next (docs/decisions/0010-people-are-remembered.md)
//! - `load.rs`: the rows of a batch, read in one round trip
//! - `stuck.rs`: whom a lock that somebody else holds concerns
//! - `save.rs`: what a batch has changed, written and committed in one round trip
//! - `read.rs`: what is asked outside of a commit
//! - `errands.rs`: claiming and postponing
//! - `server.rs`: the connections, the migrations, the partitions
//! - `security.rs`: the URL, and what it says about TLS
//!
//! A row of `person` is changed only as it was read, and unique keys decide between gateways that meet the same event
//! or the same new name at the same time, be it in clear or erased; the one that comes second locks its persons in
//! ascending order and reads again.

mod batcher;
mod errands;
mod known;
mod limits;
mod load;
mod read;
mod save;
mod security;
mod server;
mod stuck;
mod trouble;

use async_trait::async_trait;
use futures::future::BoxFuture;
use tokio::task::JoinHandle;

use super::batch::Bench;
use super::names::Eraser;
use super::{Logged, OpenError, Person, PersonRef, Settled, Store, StoreError, Task};
use crate::clock::UnixMs;
use crate::ids::{EventNo, PersonNo};
use crate::ledger::Command;
use batcher::Batcher;
use server::Server;

/// See the module.
#[derive(Debug)]
pub(super) struct PostgresStore {
    server: Server,
    batcher: Batcher,
    eraser: Eraser,
    partitions: JoinHandle<()>,
}

/// Makes the tables, or brings them up to date.
pub(super) async fn migrate(url: &str) -> Result<(), OpenError> {
    Server::parse(url)?.migrate().await
}

impl PostgresStore {
    /// Connects, and checks that the tables are those of this program.
    pub(super) async fn open(url: &str, bench: Bench) -> Result<Self, OpenError> {
        let server = Server::parse(url)?;
        server.check().await?;
        let eraser = bench.eraser.clone();
        let batcher = Batcher::start(&server, bench);
        let partitions = tokio::spawn(server.clone().keep_partitions());
        Ok(Self { server, batcher, eraser, partitions })
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.partitions.abort();
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn settle<'a, 'b>(&'a self, command: Command) -> BoxFuture<'b, Result<Settled, StoreError>>
    where
        'a: 'b,
    {
        // Queued at once, and not from inside the future: that would carry the command about, and be as large.
        Box::pin(self.batcher.settle(command))
    }

    async fn person(&self, who: PersonRef) -> Result<Option<Person>, StoreError> {
        read::person(&self.server.client().await?, &who).await
    }

    async fn history(
        &self,
        person: PersonNo,
        before: Option<EventNo>,
        limit: usize,
    ) -> Result<Vec<Logged>, StoreError> {
        read::history(&self.server.client().await?, person, before, limit).await
    }

    async fn claim(&self, now: UnixMs, limit: usize, lease: UnixMs) -> Result<Vec<Task>, StoreError> {
        errands::claim(&self.server.client().await?, &self.eraser, now, limit, lease).await
    }

    async fn postpone(&self, errand: i64, due_at: UnixMs) -> Result<(), StoreError> {
        errands::postpone(&self.server.client().await?, errand, due_at).await
    }

    async fn log(&self, after: EventNo, limit: usize) -> Result<Vec<Logged>, StoreError> {
        read::log(&self.server.client().await?, after, limit).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        read::ready(&self.server.client().await?).await
    }

    async fn misgiving(&self) -> Option<String> {
        self.server.in_clear().await
    }
}

/// What a failed statement means to the caller. Never the detail of an error: it quotes the row.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
fn unavailable(error: tokio_postgres::Error) -> StoreError {
    StoreError::Unavailable(match error.as_db_error() {
        Some(db) => format!("PostgreSQL: {} ({})", db.message(), db.code().code()),
        None => format!("PostgreSQL: {error}{}", cause(&error)),
    })
}

/// What the system, TLS or the way of proving oneself says, after a colon. Nothing of values, which could be a person's data.
fn cause(error: &tokio_postgres::Error) -> String {
    let words = error.to_string();
    let of_the_way = |cause: &&(dyn std::error::Error + 'static)| {
        cause.is::<std::io::Error>() || words.contains("TLS handshake") || words.contains("authentication")
    };
    let cause = std::error::Error::source(error).filter(of_the_way);
    cause.map(|cause| format!(": {cause}")).unwrap_or_default()
}

/// A number of rows, as SQL takes it.
fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
