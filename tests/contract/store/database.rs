//! A database of its own for every test, and a hand that reaches into it past the store.

use std::sync::Arc;

use tempfile::TempDir;
use wechat_gateway::clock::{ManualClock, SystemEntropy};
use wechat_gateway::ledger::Program;
use wechat_gateway::store::{Deps, Store, open};

/// 2023-11-14T22:13:20Z.
pub(super) const NOW: i64 = 1_700_000_000_000;

pub(super) struct Database {
    url: String,
    place: Place,
}

enum Place {
    Sqlite(TempDir),
}

impl Database {
    pub(super) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("gateway.db").display());
        Self { url, place: Place::Sqlite(folder) }
    }

    /// One more gateway on this database.
    pub(super) async fn gateway(&self) -> Arc<dyn Store> {
        self.gateway_at(&self.url).await
    }

    async fn gateway_at(&self, url: &str) -> Arc<dyn Store> {
        let deps = Deps {
            program: Arc::new(Program::default()),
            privacy_key: "a key of this test".into(),
            entropy: Arc::new(SystemEntropy),
            clock: Arc::new(ManualClock::at(NOW)),
        };
        open(url, deps).await.unwrap()
    }

    /// Runs SQL past the store.
    pub(super) async fn execute(&self, sql: &str) {
        match &self.place {
            Place::Sqlite(_) => self.connect().execute_batch(sql).unwrap(),
        }
    }

    /// A number, asked past the store.
    pub(super) async fn number(&self, sql: &str) -> i64 {
        match &self.place {
            Place::Sqlite(_) => self.connect().query_row(sql, [], |row| row.get(0)).unwrap(),
        }
    }

    /// Keeps everybody else from writing until it is dropped.
    pub(super) async fn lock(&self) -> Lock {
        match &self.place {
            Place::Sqlite(_) => {
                let connection = self.connect();
                connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                Lock::Sqlite(connection)
            }
        }
    }

    fn connect(&self) -> rusqlite::Connection {
        let Place::Sqlite(folder) = &self.place;
        rusqlite::Connection::open(folder.path().join("gateway.db")).unwrap()
    }
}

pub(super) enum Lock {
    Sqlite(#[expect(dead_code, reason = "the lock lives as long as the connection")] rusqlite::Connection),
}
