//! The thread that waits for the disk, and answers.
//!
//! SQLite would wait for the disk inside every commit, and the writer with it. Here the writer commits into the
//! write-ahead log without waiting and prepares the next group, while this thread has the log written to the disk; only
//! then is anybody answered. One wait serves every group that was committed before it began. What the log holds is a
//! prefix of the commits, so what a power cut takes was answered to nobody (docs/decisions/0006-sync-beside-the-writer.md).

use std::fs::File as Log;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::super::StoreError;

/// Groups that wait for the disk at most; then the writer waits too.
const GROUPS: usize = 16;

/// Tells everybody in a group what became of it.
pub(super) type Answers = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// The queue's end. Dropping it waits until everybody is answered.
#[derive(Debug)]
pub(super) struct Durable {
    groups: Option<SyncSender<Answers>>,
    thread: Option<JoinHandle<()>>,
}

impl Durable {
    /// Starts the thread. `database` is `None` for one in memory, which no disk has to wait for.
    ///
    /// # Errors
    /// When the system refuses another thread.
    pub(super) fn start(database: Option<&Path>) -> io::Result<Self> {
        let (groups, committed) = sync_channel(GROUPS);
        let log = database.map(|path| {
            let mut log = path.as_os_str().to_owned();
            log.push("-wal");
            PathBuf::from(log)
        });
        let thread = std::thread::Builder::new()
            .name("store-sync".into())
            .spawn(move || Thread { path: log, log: None, failed: None }.work(&committed))?;
        Ok(Self { groups: Some(groups), thread: Some(thread) })
    }

    /// Calls `answers` once everything that is committed by now is on the disk, in the order in which it is called.
    pub(super) fn answer(&self, answers: Answers) {
        let unsent = match &self.groups {
            Some(groups) => groups.send(answers).err().map(|unsent| unsent.0),
            None => Some(answers),
        };
        if let Some(answers) = unsent {
            answers(Err(StoreError::Unavailable(
                "nobody waits for the disk any more; restart the gateway".into(),
            )));
        }
    }
}

impl Drop for Durable {
    fn drop(&mut self) {
        drop(self.groups.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that waits for the disk panicked; this is a bug");
        }
    }
}

struct Thread {
    path: Option<PathBuf>,
    log: Option<Log>,
    failed: Option<StoreError>,
}

impl Thread {
    fn work(mut self, committed: &Receiver<Answers>) {
        let mut groups = Vec::with_capacity(GROUPS + 1);
        while let Ok(first) = committed.recv() {
            groups.push(first);
            groups.extend(committed.try_iter());
            let durable = self.sync();
            groups.drain(..).for_each(|answers| answers(durable.clone()));
        }
    }

    /// A disk that has failed once is not believed again: the system may have dropped what it could not write, and
    /// would report success the next time.
    fn sync(&mut self) -> Result<(), StoreError> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        self.try_sync().map_err(|error| {
            let failed = StoreError::Unavailable(format!(
                "the write-ahead log could not be written to the disk ({error}): check the disk, then restart the gateway"
            ));
            tracing::error!(%error, "the write-ahead log could not be written to the disk; nothing is stored until a restart");
            self.failed.insert(failed).clone()
        })
    }

    fn try_sync(&mut self) -> io::Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        let log = match &self.log {
            Some(log) => log,
            // There since the first commit, and the same file until the writer closes the database.
            None => self.log.insert(Log::open(path)?),
        };
        log.sync_data()
    }
}
