//! The thread that copies what is committed from the write-ahead log into the file, so that the writer need not.
//!
//! A commit is durable once it is in the log. Copying it is a fifth of the writer's work and waits for the disk twice;
//! done beside the writer, nobody waits for it.
//!
//! It is copied a part at a time while it grows: whoever commits waits for the same disk, and copying all of it at once kept
//! that busy for as long as forty commits take.
//!
//! A log starts again from its beginning when all of it has been copied before a commit. Under a load that never pauses
//! that does not come by itself: so the writer copies the little that was added while this thread copied the rest.
//! Until then the log is the only copy that is surely on the disk, so whoever fails to copy it says so to the [`Disk`],
//! and it is not copied again: the second time the system would report success.

use std::fs::File as Database;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::hooks::Wal;
use rusqlite::{Connection, ErrorCode};

use super::super::OpenError;
use super::disk::Disk;
use super::file::File;

/// Of a full log: the second round copies what was added during the first, and the writer is left with what was added
/// during the second.
const ROUNDS: usize = 2;
/// Times that the thread is woken until the log is full.
const PARTS: i32 = 8;

/// The log, when the thread is woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Growing,
    Full,
}

/// The thread ends with the writer's connection, or when it is told to.
#[derive(Debug)]
pub(super) struct Checkpointer {
    thread: Option<JoinHandle<()>>,
    /// To be dropped after the writer's connection: closing any descriptor of a file gives up SQLite's locks on it.
    _database: Option<Arc<Database>>,
}

impl Checkpointer {
    /// Copies the log that the last run has left, starts the thread, and has every commit of `writer` look how long the
    /// log is: with `full` pages it shall start again. In memory there is none.
    pub(super) fn start(
        file: &File,
        writer: &mut Connection,
        full: i32,
        disk: &Disk,
    ) -> Result<Self, OpenError> {
        let Some((connection, database)) = file.checkpointer()? else {
            return Ok(Self { thread: None, _database: None });
        };
        copy_all(&connection).map_err(|error| file.uncopied(&error))?;
        let (wake, woken) = sync_channel(1);
        let copied = Arc::new(AtomicBool::new(false));
        let look = look(full, wake, copied.clone(), disk.clone());
        let database = Arc::new(database);
        let (disk, its_database) = (disk.clone(), database.clone());
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(move || work(&connection, || its_database.sync_data(), &woken, &copied, &disk))
            .map_err(|error| file.no_thread(&error))?;
        writer.wal_hook(Some(look)).map_err(|error| file.unreachable(&error))?;
        Ok(Self { thread: Some(thread), _database: Some(database) })
    }

    /// Ends the thread. Whoever closes the file last copies the log and takes it away, which the writer does.
    pub(super) fn stop(&mut self, writer: &mut Connection) {
        let unhooked = writer.wal_hook(None::<fn(&mut Wal, i32) -> rusqlite::Result<()>>);
        if let (Ok(()), Some(thread)) = (unhooked, self.thread.take())
            && thread.join().is_err()
        {
            tracing::error!("the thread that copies the write-ahead log panicked; this is a bug");
        }
    }
}

/// What the writer does after a commit.
fn look(
    full: i32,
    wake: SyncSender<Length>,
    copied: Arc<AtomicBool>,
    disk: Disk,
) -> impl FnMut(&mut Wal, i32) -> rusqlite::Result<()> + Send + 'static {
    let part = (full / PARTS).max(1);
    let (mut before, mut next) = (0, part);
    move |log, pages| {
        if pages < before {
            // It has started again.
            next = part;
        }
        before = pages;
        let length = if pages < full { Length::Growing } else { Length::Full };
        if length == Length::Growing {
            // It may have started again while the thread was still at work.
            copied.store(false, Ordering::Release);
        }
        if copied.swap(false, Ordering::AcqRel) {
            // The rest. What cannot be copied now stays in the log.
            copy(&disk, || log.checkpoint());
        } else if (pages >= next || length == Length::Full) && wake.try_send(length).is_ok() {
            next = pages.saturating_add(part);
        }
        // Where a call is waiting already, the next commit tries again.
        Ok(())
    }
}

fn work(
    connection: &Connection,
    sync: impl Fn() -> io::Result<()>,
    woken: &Receiver<Length>,
    copied: &AtomicBool,
    disk: &Disk,
) {
    while let Ok(length) = woken.recv() {
        let rounds = if length == Length::Full { ROUNDS } else { 1 };
        for _ in 0..rounds {
            // Beside commits and other processes, as far as nobody reads an older state.
            copy(disk, || passive(connection));
            // SQLite waits for the disk only behind the last page, and the writer copies that. It shall find little
            // left to wait for: with a million people it was an eighth of a second, and everybody waited with it.
            if disk.sound().is_ok()
                && let Err(error) = sync()
            {
                drop(disk.fail("the file could not be written to the disk", &error));
            }
        }
        if length == Length::Full {
            // Whoever called while it worked is told the same.
            while woken.try_recv().is_ok() {}
            copied.store(true, Ordering::Release);
        }
    }
}

/// Unless the disk has failed; when it fails here, everybody who writes learns it.
fn copy(disk: &Disk, attempt: impl FnOnce() -> rusqlite::Result<()>) {
    if disk.sound().is_err() {
        return;
    }
    match attempt() {
        Ok(()) => {}
        Err(error) if passes(&error) => {
            tracing::warn!(%error, "the write-ahead log is not copied into the file now, and grows");
        }
        Err(error) => drop(disk.fail("the write-ahead log could not be copied into the file", &error)),
    }
}

/// What passes by itself; whatever else there is may be an error of the disk.
fn passes(error: &rusqlite::Error) -> bool {
    use ErrorCode::{DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked | DiskFull | OutOfMemory))
}

/// A run that ended in an error of the disk has left a log that can be read and may not be on the disk: written into the
/// file and waited for, it is. Where another process uses the file, as much as goes without waiting for it.
fn copy_all(connection: &Connection) -> rusqlite::Result<()> {
    let truncate = || connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    match passive(connection).and_then(|()| truncate()) {
        Err(error) if !passes(&error) => Err(error),
        _ => Ok(()),
    }
}

fn passive(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use rusqlite::config::DbConfig;
    use tempfile::TempDir;

    use super::*;

    /// A file of a hundred pages, and a connection that writes to it and copies nothing by itself.
    struct World {
        folder: TempDir,
        writer: Connection,
        disk: Disk,
    }

    impl World {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let writer = Connection::open(folder.path().join("gateway.db")).unwrap();
            writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
            writer
                .execute_batch(
                    "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
                     CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(400000)); CREATE TABLE u (x);
                     PRAGMA wal_checkpoint(TRUNCATE)",
                )
                .unwrap();
            Self { folder, writer, disk: Disk::default() }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("gateway.db")
        }

        fn commit(&self) {
            self.writer.execute("INSERT INTO u VALUES (randomblob(16))", []).unwrap();
        }

        /// The thread's work when it is woken once.
        fn work(&self) -> bool {
            self.work_with(Length::Full, || Ok(()))
        }

        fn work_with(&self, length: Length, sync: impl Fn() -> io::Result<()>) -> bool {
            let (wake, woken) = sync_channel(1);
            wake.send(length).unwrap();
            drop(wake);
            let copied = AtomicBool::new(false);
            work(&Connection::open(self.path()).unwrap(), sync, &woken, &copied, &self.disk);
            copied.into_inner()
        }

        /// Has the writer look after every commit, and finds that the thread has copied, or not.
        fn look(&mut self, copied: bool) -> Receiver<Length> {
            self.look_for(1, copied)
        }

        fn look_for(&mut self, full: i32, copied: bool) -> Receiver<Length> {
            let (wake, woken) = sync_channel(1);
            let look = look(full, wake, Arc::new(AtomicBool::new(copied)), self.disk.clone());
            self.writer.wal_hook(Some(look)).unwrap();
            woken
        }

        /// Leaves the file too short for the log, so that copying into it fails.
        fn break_file(&self) -> Vec<u8> {
            let whole = bytes(&self.path());
            std::fs::write(self.path(), &whole[..4_096]).unwrap();
            whole
        }

        /// Times that the log has started again: the number of its header.
        fn restarts(&self) -> [u8; 4] {
            bytes(&self.folder.path().join("gateway.db-wal"))[12..16].try_into().unwrap()
        }
    }

    fn bytes(path: &Path) -> Vec<u8> {
        std::fs::read(path).unwrap()
    }

    #[test]
    fn the_thread_copies_the_log_and_says_so() {
        let world = World::new();
        world.commit();
        let before = bytes(&world.path());

        let copied = world.work();

        assert!(copied);
        assert_ne!(bytes(&world.path()), before);
        world.disk.sound().unwrap();
    }

    #[test]
    fn the_thread_waits_for_the_disk_before_the_writer_copies_the_rest() {
        let world = World::new();
        world.commit();
        let (before, waited) = (bytes(&world.path()), std::cell::Cell::new(0));

        world.work_with(Length::Full, || {
            assert_ne!(bytes(&world.path()), before, "waits for what has been copied");
            waited.set(waited.get() + 1);
            Ok(())
        });

        assert_eq!(waited.get(), ROUNDS);
    }

    #[test]
    fn a_log_that_grows_is_copied_a_part_at_a_time_and_goes_on() {
        const FULL: i32 = 4 * PARTS;
        let mut world = World::new();
        let woken = world.look_for(FULL, false);

        let mut calls = Vec::new();
        // A commit is a page of the table, now and then two.
        while calls.last() != Some(&Length::Full) {
            world.commit();
            calls.extend(woken.try_recv());
        }
        let (before, waited) = (bytes(&world.path()), std::cell::Cell::new(0));
        let copied = world.work_with(Length::Growing, || {
            waited.set(waited.get() + 1);
            Ok(())
        });

        let (last, parts) = calls.split_last().unwrap();
        assert_eq!(*last, Length::Full);
        assert!(parts.iter().all(|length| *length == Length::Growing));
        assert!((PARTS as usize - 2..PARTS as usize).contains(&parts.len()), "{calls:?}");
        assert!(!copied, "the writer would copy all that comes until the log is full");
        assert_eq!(waited.get(), 1);
        assert_ne!(bytes(&world.path()), before);
    }

    #[test]
    fn what_was_copied_of_a_log_that_has_started_again_counts_for_nothing() {
        let mut world = World::new();
        let woken = world.look_for(PARTS, true);
        let before = bytes(&world.path());

        let mut calls = Vec::new();
        while calls.last() != Some(&Length::Full) {
            world.commit();
            calls.extend(woken.try_recv());
        }

        assert_eq!(bytes(&world.path()), before, "the writer has copied nothing");
        world.commit();
        assert!(woken.try_recv().is_ok(), "a full log calls after every commit");
        world.writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        world.commit();
        assert_eq!(woken.try_recv(), Ok(Length::Growing), "the parts are counted from its beginning");
    }

    #[test]
    fn a_call_that_nobody_could_take_is_made_again() {
        let mut world = World::new();
        let woken = world.look_for(4 * PARTS, false);

        (0..4 * PARTS).for_each(|_| world.commit());
        assert_eq!(woken.try_iter().collect::<Vec<_>>(), [Length::Growing], "there is room for one");
        world.commit();

        assert_eq!(woken.try_iter().collect::<Vec<_>>(), [Length::Full]);
    }

    #[test]
    fn a_file_that_never_reaches_the_disk_fails_it_and_is_not_asked_again() {
        let world = World::new();
        world.commit();
        let asked = std::cell::Cell::new(0);

        world.work_with(Length::Full, || {
            asked.set(asked.get() + 1);
            Err(io::Error::other("planted"))
        });

        assert!(world.disk.sound().unwrap_err().to_string().contains("planted"));
        assert_eq!(asked.get(), 1);
    }

    #[test]
    fn a_long_log_wakes_the_thread_and_once_it_has_copied_the_writer_copies_the_rest() {
        let mut world = World::new();
        let before = bytes(&world.path());

        let woken = world.look(false);
        world.commit();
        assert!(woken.try_recv().is_ok());
        assert_eq!(bytes(&world.path()), before);

        let woken = world.look(true);
        world.commit();
        assert!(woken.try_recv().is_err());
        assert_ne!(bytes(&world.path()), before);
        let started = world.restarts();
        world.commit();
        assert_ne!(world.restarts(), started, "all of it was copied, so the log starts again");
        assert!(woken.try_recv().is_ok(), "the next time it is the thread's turn");
    }

    #[test]
    fn the_thread_that_fails_to_copy_fails_the_disk_and_nobody_copies_again() {
        let mut world = World::new();
        world.commit();
        let whole = world.break_file();

        world.work();

        assert!(world.disk.sound().unwrap_err().to_string().contains("restart the gateway"));
        std::fs::write(world.path(), &whole).unwrap();
        world.work();
        world.look(true);
        world.commit();
        assert_eq!(bytes(&world.path()), whole, "the log is the only good copy");
    }

    #[test]
    fn the_writer_that_fails_to_copy_fails_the_disk() {
        let mut world = World::new();
        world.commit();
        world.look(true);
        world.break_file();

        world.commit();

        assert!(world.disk.sound().is_err());
    }

    #[test]
    fn what_the_last_run_has_left_in_the_log_is_copied_at_the_start_unless_somebody_reads_it() {
        let world = World::new();
        world.commit();
        let before = bytes(&world.path());
        let reader = Connection::open(world.path()).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM u").unwrap();
        let mut writer = Connection::open(world.path()).unwrap();
        writer.busy_timeout(std::time::Duration::ZERO).unwrap();
        let file = File::parse(&format!("sqlite:{}", world.path().display())).unwrap();

        let mut busy = Checkpointer::start(&file, &mut writer, 1_000, &world.disk).unwrap();
        busy.stop(&mut writer);
        drop(reader);
        let mut free = Checkpointer::start(&file, &mut writer, 1_000, &world.disk).unwrap();
        free.stop(&mut writer);

        assert_ne!(bytes(&world.path()), before);
        assert!(bytes(&world.folder.path().join("gateway.db-wal")).is_empty());
    }

    #[test]
    fn a_log_that_cannot_be_copied_is_refused_at_the_start() {
        let world = World::new();
        world.commit();
        world.break_file();
        let file = File::parse(&format!("sqlite:{}", world.path().display())).unwrap();
        let mut writer = Connection::open_in_memory().unwrap();

        let refused = Checkpointer::start(&file, &mut writer, 1_000, &world.disk);

        assert!(refused.unwrap_err().to_string().contains("sound disk"));
    }
}
