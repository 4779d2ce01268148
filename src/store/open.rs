//! A URL becomes a store.

use std::sync::Arc;

use secrecy::SecretString;

use super::Store;
use super::batch::Bench;
use super::names::Eraser;
use super::postgres::{self, PostgresStore};
use super::sqlite::{self, SqliteStore};
use crate::clock::{Clock, Entropy};
use crate::ledger::Program;

/// What a store needs besides its database.
#[derive(Clone, Debug)]
pub struct Deps {
    /// The rules by which commands are decided.
    pub program: Arc<Program>,
    /// Key of the digests that stand in for erased names. With another one, whoever comes back is somebody new.
    pub privacy_key: SecretString,
    /// For the ids of new persons.
    pub entropy: Arc<dyn Entropy>,
    /// For the ids of new persons.
    pub clock: Arc<dyn Clock>,
}

/// Why there is no store. Never shows a password.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OpenError {
    /// Not one of ours.
    #[error(
        "store.url starts with `{0}`; use sqlite:PATH, sqlite::memory: or postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    Scheme(String),
    /// One of ours, and not understood.
    #[error("store.url: {0}")]
    Url(String),
    /// It is not there, or does not let us in.
    #[error("cannot open the store {place}: {why}; {hint}")]
    Unreachable {
        /// Path or host, without credentials.
        place: String,
        /// The database's words.
        why: String,
        /// What to do next.
        hint: &'static str,
    },
    /// The tables are older than this program.
    #[error(
        "the store's tables have version {found}, this program needs {needed}; run `wechat-gateway migrate`"
    )]
    Outdated {
        /// As found; 0 for no tables at all.
        found: i64,
        /// As needed.
        needed: i64,
    },
    /// The tables are of a version that was never released.
    #[error(
        "the store was made before the first release, and cannot be brought up to date; move it away, and a new one is made"
    )]
    Unreleased,
    /// The tables are newer than this program.
    #[error(
        "the store's tables have version {found}, this program knows {known}; run the newer wechat-gateway"
    )]
    TooNew {
        /// As found.
        found: i64,
        /// As known.
        known: i64,
    },
}

/// Opens the store at `url`: `sqlite:PATH` and `sqlite::memory:`, whose tables are brought up to date, or
/// `postgres://...`, whose tables [`migrate`] must have made.
///
/// # Errors
/// [`OpenError`] with what is wrong and what to do next.
pub async fn open(url: &str, deps: Deps) -> Result<Arc<dyn Store>, OpenError> {
    let Deps { program, privacy_key, entropy, clock } = deps;
    let bench = Bench { program, eraser: Eraser::new(&privacy_key), entropy, clock };
    match scheme(url)? {
        Scheme::Sqlite => Ok(Arc::new(SqliteStore::open(url, bench)?)),
        Scheme::Postgres => Ok(Arc::new(PostgresStore::open(url, bench).await?)),
    }
}

/// Makes the tables, or brings them up to date. Safe to run again, and by several gateways at once.
///
/// # Errors
/// [`OpenError`].
pub async fn migrate(url: &str) -> Result<(), OpenError> {
    match scheme(url)? {
        Scheme::Sqlite => sqlite::migrate(url),
        Scheme::Postgres => postgres::migrate(url).await,
    }
}

enum Scheme {
    Sqlite,
    Postgres,
}

fn scheme(url: &str) -> Result<Scheme, OpenError> {
    match url.split_once(':').map_or(url, |(scheme, _)| scheme) {
        "sqlite" => Ok(Scheme::Sqlite),
        "postgres" | "postgresql" => Ok(Scheme::Postgres),
        other => Err(OpenError::Scheme(other.chars().take(20).collect())),
    }
}
