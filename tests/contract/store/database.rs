//! A database of its own for every test, and a hand that reaches into it past the store.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_postgres::NoTls;
use wechat_gateway::clock::{ManualClock, SystemEntropy};
use wechat_gateway::ledger::Program;
use wechat_gateway::store::{Deps, Store, migrate, open};

/// 2023-11-14T22:13:20Z.
pub(super) const NOW: i64 = 1_700_000_000_000;

pub(super) struct Database {
    url: String,
    place: Place,
}

enum Place {
    /// A file of its own.
    Sqlite(TempDir),
    /// A schema of its own on the server that scripts/test has started.
    Postgres(tokio_postgres::Client),
}

impl Database {
    pub(super) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("gateway.db").display());
        Self { url, place: Place::Sqlite(folder) }
    }

    pub(super) async fn postgres() -> Self {
        let server = postgres_url();
        let schema = format!("contract_{}", uuid::Uuid::now_v7().simple());
        connect(&server).await.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
        let url = format!("{server}?options=-c%20search_path%3D{schema}&application_name={schema}");
        migrate(&url).await.unwrap();
        let client = connect(&url).await;
        Self { url, place: Place::Postgres(client) }
    }

    pub(super) async fn in_memory() -> Arc<dyn Store> {
        open("sqlite::memory:", deps()).await.unwrap()
    }

    /// One more gateway on this database.
    pub(super) async fn gateway(&self) -> Arc<dyn Store> {
        self.gateway_with("").await
    }

    /// The same with something added to the URL.
    pub(super) async fn gateway_with(&self, options: &str) -> Arc<dyn Store> {
        open(&format!("{}{options}", self.url), deps()).await.unwrap()
    }

    /// The URL of the same database on a server that lets everybody wait for its first word.
    pub(super) async fn slow_to_answer(&self, delay: Duration) -> String {
        let slow = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = slow.local_addr().unwrap().to_string();
        let (_, rest) = self.url.split_once('@').unwrap();
        let (server, _) = rest.split_once('/').unwrap();
        let (url, server) = (self.url.replacen(server, &address, 1), server.to_owned());
        tokio::spawn(async move {
            while let Ok((mut near, _)) = slow.accept().await {
                let mut far = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    tokio::io::copy_bidirectional(&mut near, &mut far).await
                });
            }
        });
        url
    }

    /// The URL of the same database, as one that takes no writes.
    pub(super) fn read_only(&self) -> String {
        self.url.replacen("options=", "options=-c%20default_transaction_read_only%3Don%20", 1)
    }

    /// Where the file is, for what there is one.
    pub(super) fn path(&self) -> &str {
        self.url.strip_prefix("sqlite:").unwrap()
    }

    /// Why tables of another version are refused.
    pub(super) async fn refusal_of_version(&self, version: i64) -> String {
        let set = match &self.place {
            Place::Sqlite(_) => format!("PRAGMA user_version = {version}"),
            Place::Postgres(_) => format!("UPDATE schema_version SET version = {version}"),
        };
        self.execute(&set).await;
        migrate(&self.url).await.unwrap_err().to_string()
    }

    /// What becomes of a gateway's connections when the server is restarted; nothing where there is no server.
    pub(super) async fn cut_connections(&self) {
        if let Place::Postgres(client) = &self.place {
            let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE application_name = current_schema AND pid <> pg_backend_pid()";
            client.batch_execute(cut).await.unwrap();
        }
    }

    /// Runs SQL past the store.
    pub(super) async fn execute(&self, sql: &str) {
        match &self.place {
            Place::Sqlite(folder) => file(folder).execute_batch(sql).unwrap(),
            Place::Postgres(client) => client.batch_execute(sql).await.unwrap(),
        }
    }

    /// Replaces `from` by `to` in a JSON column, past the store.
    pub(super) async fn edit(&self, table: &str, column: &str, from: &str, to: &str, condition: &str) {
        let found = format!("SELECT count(*) FROM {table} WHERE {condition} AND {column} LIKE '%{from}%'");
        assert!(self.number(&found).await > 0, "nothing to edit");
        let edit =
            format!("UPDATE {table} SET {column} = replace({column}, '{from}', '{to}') WHERE {condition}");
        self.execute(&edit).await;
    }

    /// Changes one person's packed state, past the store.
    pub(super) async fn edit_state(&self, no: i64, edit: impl FnOnce(&mut Vec<u8>)) {
        // Whatever `recent` has, or a gateway remembers, is older then.
        let set = "UPDATE person SET state = ?2, version = version + 1000 WHERE no = ?1";
        match &self.place {
            Place::Sqlite(folder) => {
                let file = file(folder);
                let mut state = newest(&file, no);
                edit(&mut state);
                file.execute(set, (no, state)).unwrap();
            }
            Place::Postgres(client) => {
                let select = "SELECT state FROM person WHERE no = $1";
                let mut state: Vec<u8> = client.query_one(select, &[&no]).await.unwrap().get(0);
                edit(&mut state);
                client.execute(&set.replace('?', "$"), &[&no, &state]).await.unwrap();
            }
        }
    }

    /// Rows in whose column `text` is found, whatever the column's type.
    pub(super) async fn rows_with(&self, table: &str, column: &str, text: &str) -> i64 {
        let found = match &self.place {
            Place::Sqlite(_) => format!("instr(CAST({column} AS blob), CAST('{text}' AS blob)) > 0"),
            Place::Postgres(_) if (table, column) == ("person", "state") => {
                format!("position('{text}'::bytea IN {column}) > 0")
            }
            Place::Postgres(_) => format!("position('{text}' IN {column}::text) > 0"),
        };
        self.number(&format!("SELECT count(*) FROM {table} WHERE {found}")).await
    }

    /// A number, asked past the store.
    pub(super) async fn number(&self, sql: &str) -> i64 {
        match &self.place {
            Place::Sqlite(folder) => file(folder).query_row(sql, [], |row| row.get(0)).unwrap(),
            Place::Postgres(client) => client.query_one(sql, &[]).await.unwrap().get(0),
        }
    }

    /// Lets everybody read and nobody write to `table` (SQLite: to any) until [`Database::unlock`].
    pub(super) async fn lock_writes(&self, table: &str) -> Lock {
        match &self.place {
            Place::Sqlite(_) => self.lock().await,
            Place::Postgres(client) => {
                client.batch_execute(&format!("BEGIN; LOCK TABLE {table} IN SHARE MODE")).await.unwrap();
                Lock::Postgres
            }
        }
    }

    /// Until as many connections of gateways wait for a lock. SQLite has none to ask: there it is at once.
    pub(super) async fn waiting(&self, connections: i64) {
        let Place::Postgres(client) = &self.place else { return };
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE application_name = current_schema AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'";
        let seen = async {
            while self.number(waiting).await < connections {
                // Inside of a transaction the same answer is given again.
                client.batch_execute("SELECT pg_stat_clear_snapshot()").await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(20), seen).await.unwrap();
    }

    /// Keeps everybody else from writing until [`Database::unlock`].
    pub(super) async fn lock(&self) -> Lock {
        match &self.place {
            Place::Sqlite(folder) => {
                let connection = file(folder);
                connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                Lock::Sqlite(connection)
            }
            Place::Postgres(client) => {
                client.batch_execute("BEGIN; LOCK TABLE person IN ACCESS EXCLUSIVE MODE").await.unwrap();
                Lock::Postgres
            }
        }
    }

    pub(super) async fn unlock(&self, lock: Lock) {
        match (lock, &self.place) {
            (Lock::Sqlite(connection), _) => drop(connection),
            (Lock::Postgres, Place::Postgres(client)) => client.batch_execute("ROLLBACK").await.unwrap(),
            (Lock::Postgres, Place::Sqlite(_)) => unreachable!(),
        }
    }
}

pub(super) enum Lock {
    Sqlite(rusqlite::Connection),
    Postgres,
}

pub(crate) fn deps() -> Deps {
    Deps {
        program: Arc::new(Program::stock()),
        privacy_key: "a key of this test".into(),
        entropy: Arc::new(SystemEntropy),
        clock: Arc::new(ManualClock::at(NOW)),
    }
}

fn file(folder: &TempDir) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.path().join("gateway.db")).unwrap()
}

/// The newest packed state of a person, which `person` has or a row of `recent`.
fn newest(file: &rusqlite::Connection, no: i64) -> Vec<u8> {
    let select = "SELECT version, state FROM person WHERE no = ?1";
    let own = file.query_row(select, [no], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let mut select = file.prepare("SELECT states FROM recent").unwrap();
    let rows = select.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let mut found: Vec<(i64, Vec<u8>)> = vec![own];
    for row in rows.map(Result::unwrap) {
        // Behind their checksum.
        let (heads, mut states) =
            postcard::take_from_bytes::<Vec<(i64, u32, i64, usize, u32)>>(&row[4..]).unwrap();
        for (person, _links, version, length, _check) in heads {
            let (state, rest) = states.split_at(length);
            found.extend((person == no).then(|| (version, state.to_vec())));
            states = rest;
        }
    }
    found.into_iter().max_by_key(|(version, _)| *version).unwrap().1
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(async move { connection.await.unwrap() });
    client
}

#[expect(clippy::disallowed_methods, reason = "scripts/test says by the environment where its servers are")]
fn postgres_url() -> String {
    std::env::var("TEST_POSTGRES_URL")
        .unwrap_or_else(|_| panic!("TEST_POSTGRES_URL is not set: run the tests with scripts/test"))
}
