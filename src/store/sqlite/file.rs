//! The URL, the pragmas, the migrations.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::super::OpenError;
use super::limits;

/// How long the writer waits for another process's commit. Whoever asked meanwhile is refused after it, well inside
/// the half second that a callback can spare.
pub(super) const BUSY: Duration = Duration::from_millis(250);

/// Versions that were never released.
const UNRELEASED: i64 = 1;
/// The versions after those.
pub(super) const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/sqlite/0002_log.sql"),
    include_str!("../migrations/sqlite/0003_recent.sql"),
    include_str!("../migrations/sqlite/0004_recent_packed.sql"),
];

/// `sqlite:PATH`, `sqlite://PATH` or `sqlite::memory:`, with `?max_page_count=N` where the file may not grow further.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// `None` in memory.
    path: Option<PathBuf>,
    max_page_count: Option<u32>,
}

impl File {
    pub(super) fn parse(url: &str) -> Result<Self, OpenError> {
        let rest = url.strip_prefix("sqlite:").unwrap_or(url);
        let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err(OpenError::Url("sqlite: needs a path, for example sqlite:gateway.db".into()));
        }
        let mut file = Self { path: (path != ":memory:").then(|| path.into()), max_page_count: None };
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("max_page_count", pages)) => {
                    let pages = pages.parse().map_err(|_| {
                        OpenError::Url(format!("max_page_count={pages} is not a number of 4 KiB pages"))
                    })?;
                    file.max_page_count = Some(pages);
                }
                _ => {
                    return Err(OpenError::Url(format!(
                        "`{option}` is unknown; the only option is max_page_count=N"
                    )));
                }
            }
        }
        Ok(file)
    }

    pub(super) fn is_memory(&self) -> bool {
        self.path.is_none()
    }

    /// The write-ahead log of `connection`, to wait for; `None` in memory. SQLite has made it, under the name that the
    /// file has when every link is followed, and it is the same one until the last connection is closed.
    pub(super) fn log(&self, connection: &Connection) -> Result<Option<std::fs::File>, OpenError> {
        if self.path.is_none() {
            return Ok(None);
        }
        let name = format!("{}-wal", connection.path().unwrap_or_default());
        let no_log = |why: &dyn std::fmt::Display| OpenError::Unreachable {
            place: self.place(),
            why: format!("its write-ahead log {name}: {why}"),
            hint: "check that the file's folder can be read and written",
        };
        std::fs::File::open(&name).map(Some).map_err(|error| no_log(&error))
    }

    /// A connection that may write, with the tables up to date.
    pub(super) fn writer(&self) -> Result<Connection, OpenError> {
        let mut journal = String::new();
        let mut open = || -> rusqlite::Result<Connection> {
            let mut connection = match &self.path {
                Some(path) => Connection::open(path)?,
                None => Connection::open_in_memory()?,
            };
            connection.busy_handler(Some(wait))?;
            // A plan depends on no value: SQLite would prepare some statements again for every row.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            let granted = |row: &rusqlite::Row<'_>| row.get(0);
            journal = connection.pragma_update_and_check(None, "journal_mode", "WAL", granted)?;
            // Not FULL, which waits for the disk inside the commit: `durable.rs` waits for it before anybody is answered.
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            // KiB. More as soon as it is known that there are many persons (`known`).
            connection.pragma_update(None, "cache_size", -limits::cache(0))?;
            // Pages. Otherwise a commit of many would be written to the log before it is complete, and some pages twice.
            connection.pragma_update(None, "cache_spill", limits::SPILL)?;
            connection.pragma_update(None, "journal_size_limit", 128 << 20)?;
            // An erased name is overwritten where its page stays in use. A page that nothing is left in becomes free as it
            // is, and is overwritten when it is needed again.
            connection.pragma_update(None, "secure_delete", "FAST")?;
            if let Some(pages) = self.max_page_count {
                connection.pragma_update(None, "max_page_count", pages)?;
            }
            connection.set_prepared_statement_cache_capacity(64);
            Ok(connection)
        };
        let mut connection = open().map_err(|error| self.unreachable(&error))?;
        if self.path.is_some() && journal != "wal" {
            return Err(OpenError::Unreachable {
                place: self.place(),
                why: format!("it has no write-ahead log, but journal mode `{journal}`"),
                hint: "choose a path on a local disk",
            });
        }
        self.migrate(&mut connection)?;
        // Not before: a migration may have to note every person, and to keep every page that it changes as it was.
        connection.pragma_update(None, "temp_store", "MEMORY").map_err(|error| self.unreachable(&error))?;
        Ok(connection)
    }

    /// A connection that copies the write-ahead log into the file and waits for no lock, and the file, so that somebody
    /// can wait for the disk; `None` in memory.
    pub(super) fn checkpointer(&self) -> Result<Option<(Connection, std::fs::File)>, OpenError> {
        let Some(path) = &self.path else { return Ok(None) };
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open(path)?;
            connection.busy_timeout(Duration::ZERO)?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            Ok(connection)
        };
        let connection = open().map_err(|error| self.unreachable(&error))?;
        // As SQLite has resolved it.
        let resolved = connection.path().unwrap_or_default();
        let database = std::fs::File::open(resolved).map_err(|error| OpenError::Unreachable {
            place: self.place(),
            why: error.to_string(),
            hint: "check who may read it, and the system's limit of open files",
        })?;
        Ok(Some((connection, database)))
    }

    /// A connection that only reads.
    pub(super) fn reader(&self) -> rusqlite::Result<Connection> {
        let path = self.path.as_deref().unwrap_or_else(|| ":memory:".as_ref());
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        // Whether the log is copied when the file is closed is for the writer to say.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "cache_size", -4_096)?;
        Ok(connection)
    }

    /// Applies what has not been applied, all of it in one transaction; `user_version` is the number applied.
    fn migrate(&self, connection: &mut Connection) -> Result<(), OpenError> {
        let known = UNRELEASED + MIGRATIONS.len() as i64;
        let version =
            |connection: &Connection| connection.pragma_query_value(None, "user_version", |row| row.get(0));
        let mut found: i64 = version(connection).map_err(|error| self.unreachable(&error))?;
        if (1..=UNRELEASED).contains(&found) {
            return Err(OpenError::Unreleased);
        }
        if found < known {
            let run = |connection: &mut Connection| -> rusqlite::Result<i64> {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let found: i64 = version(&transaction)?;
                for (number, sql) in (UNRELEASED + 1..).zip(MIGRATIONS).filter(|(number, _)| *number > found)
                {
                    transaction.execute_batch(sql)?;
                    transaction.pragma_update(None, "user_version", number)?;
                }
                transaction.commit()?;
                Ok(found.max(known))
            };
            found = run(connection).map_err(|error| self.unreachable(&error))?;
        }
        if found > known { Err(OpenError::TooNew { found, known }) } else { Ok(()) }
    }

    /// When the system refuses another thread.
    pub(super) fn no_thread(&self, error: &std::io::Error) -> OpenError {
        OpenError::Unreachable {
            place: self.place(),
            why: error.to_string(),
            hint: "the system refuses another thread: check its limits",
        }
    }

    /// When what the last run has left cannot be made durable.
    pub(super) fn uncopied(&self, error: &rusqlite::Error) -> OpenError {
        OpenError::Unreachable {
            place: self.place(),
            why: format!("its write-ahead log cannot be copied into it: {error}"),
            hint: "move the file and its -wal to a sound disk, or restore a backup",
        }
    }

    pub(super) fn unreachable(&self, error: &rusqlite::Error) -> OpenError {
        use rusqlite::ErrorCode;
        let hint = match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen) => "check that the folder exists and is writable",
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                "make the file and its folder writable"
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another process holds the file; try again"
            }
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                "choose another path, or restore a backup"
            }
            _ => "see SQLite's message",
        };
        OpenError::Unreachable { place: self.place(), why: error.to_string(), hint }
    }

    fn place(&self) -> String {
        self.path.as_ref().map_or_else(|| "in memory".into(), |path| path.display().to_string())
    }
}

/// SQLite's own handler sleeps up to 100 ms at a time, and the other process's next commit is quicker than that.
fn wait(attempt: i32) -> bool {
    const PAUSE: Duration = Duration::from_millis(1);
    thread_local! {
        static SINCE: std::cell::Cell<Option<Instant>> = const { std::cell::Cell::new(None) };
    }
    let since = SINCE.with(|since| {
        if attempt == 0 {
            since.set(Some(Instant::now()));
        }
        since.get().unwrap_or_else(Instant::now)
    });
    let patient = since.elapsed() < BUSY;
    if patient {
        std::thread::sleep(PAUSE);
    }
    patient
}
