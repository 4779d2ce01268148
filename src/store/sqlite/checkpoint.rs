//! The thread that copies what is committed from the write-ahead log into the file, so that the writer need not.
//!
//! A commit is durable once it is in the log. Copying it is a fifth of the writer's work and waits for the disk twice;
//! done beside the writer, nobody waits for it.
//!
//! A log starts again from its beginning when all of it has been copied before a commit. Under a load that never pauses
//! that does not come by itself: so the writer copies the little that was added while this thread copied the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::super::OpenError;
use super::file::File;

/// Pages in the log from which on it is copied. A page that has changed several times until then is copied once.
const FULL: i32 = 16_384;
/// Each round copies what was added during the one before it, a fifth of that; the writer is left with the last.
const ROUNDS: usize = 3;

/// The thread ends with the writer's connection, or when it is told to.
#[derive(Debug)]
pub(super) struct Checkpointer(Option<JoinHandle<()>>);

impl Checkpointer {
    /// Starts the thread, and has every commit of `writer` look at the length of the log. In memory there is none.
    pub(super) fn start(file: &File, writer: &mut Connection) -> Result<Self, OpenError> {
        let Some(connection) = file.checkpointer()? else { return Ok(Self(None)) };
        let (wake, woken) = sync_channel(1);
        let copied = Arc::new(AtomicBool::new(false));
        let told = copied.clone();
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(move || work(&connection, &woken, &copied))
            .map_err(|error| file.no_thread(&error))?;
        let look = move |log: &mut rusqlite::hooks::Wal, pages| {
            if pages < FULL {
                return Ok(());
            }
            if told.swap(false, Ordering::AcqRel) {
                // The rest. What cannot be copied now stays in the log.
                drop(log.checkpoint());
            } else {
                // When it is awake already, it needs no second call.
                let _ = wake.try_send(());
            }
            Ok(())
        };
        writer.wal_hook(Some(look)).map_err(|error| file.unreachable(&error))?;
        Ok(Self(Some(thread)))
    }

    /// Ends the thread. Whoever closes the file last takes the log away, and that has to be the writer.
    pub(super) fn stop(self, writer: &mut Connection) {
        let unhooked = writer.wal_hook(None::<fn(&mut rusqlite::hooks::Wal, i32) -> rusqlite::Result<()>>);
        if let (Ok(()), Some(thread)) = (unhooked, self.0)
            && thread.join().is_err()
        {
            tracing::error!("the thread that copies the write-ahead log panicked; this is a bug");
        }
    }
}

fn work(connection: &Connection, woken: &Receiver<()>, copied: &AtomicBool) {
    while woken.recv().is_ok() {
        for _ in 0..ROUNDS {
            // Beside commits and other processes, as far as nobody reads an older state.
            if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
                tracing::warn!(%error, "the write-ahead log could not be copied into the file, and grows");
            }
        }
        // Whoever called while it worked is told the same.
        while woken.try_recv().is_ok() {}
        copied.store(true, Ordering::Release);
    }
}
