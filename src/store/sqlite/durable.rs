//! The thread that waits for the disk, and answers.
//!
//! SQLite would wait for the disk inside every commit, and the writer with it. Here the writer commits into the
//! write-ahead log without waiting and prepares the next group, while this thread has the log written to the disk; only
//! then is anybody answered. One wait serves every group that was committed before it began. What the log holds is a
//! prefix of the commits, so what a power cut takes was answered to nobody (docs/decisions/0006-sync-beside-the-writer.md).

use std::fs::File;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::super::StoreError;
use super::disk::Disk;

/// Groups that wait for the disk at most, some four thousand commands; then the writer waits too.
const GROUPS: usize = 128;

/// Waits until the disk has everything that the log has by now.
pub(super) type Sync = Box<dyn FnMut() -> io::Result<()> + Send>;

/// Waits for `log`.
pub(super) fn waits_for(log: File) -> Sync {
    Box::new(move || log.sync_data())
}

/// Tells everybody in a group what became of it.
pub(super) type Answers = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// The queue's end. Dropping it waits until everybody is answered.
#[derive(Debug)]
pub(super) struct Durable {
    groups: Option<SyncSender<Answers>>,
    thread: Option<JoinHandle<()>>,
    disk: Disk,
}

impl Durable {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system refuses another thread.
    pub(super) fn start(sync: Sync, disk: Disk) -> io::Result<Self> {
        let (groups, committed) = sync_channel(GROUPS);
        let thread = Thread { sync, disk: disk.clone() };
        let thread =
            std::thread::Builder::new().name("store-sync".into()).spawn(move || thread.work(&committed))?;
        Ok(Self { groups: Some(groups), thread: Some(thread), disk })
    }

    /// Calls `answers` once everything that is committed by now is on the disk, in the order in which it is called.
    pub(super) fn answer(&self, answers: Answers) {
        let unsent = match &self.groups {
            Some(groups) => groups.send(answers).err().map(|unsent| unsent.0),
            None => Some(answers),
        };
        if let Some(answers) = unsent {
            answers(Err(self.disk.fail("nobody waits for the disk any more", &"its thread has stopped")));
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
    sync: Sync,
    disk: Disk,
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

    fn sync(&mut self) -> Result<(), StoreError> {
        self.disk.sound()?;
        (self.sync)()
            .map_err(|error| self.disk.fail("the write-ahead log could not be written to the disk", &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_system_is_asked_to_write_the_log_to_the_disk() {
        // Which it cannot do with a pipe, and says so.
        let (_, pipe) = io::pipe().unwrap();

        let refused = waits_for(std::os::fd::OwnedFd::from(pipe).into())();

        assert!(refused.is_err());
    }
}
