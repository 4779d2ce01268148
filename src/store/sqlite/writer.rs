//! The one thread that writes, and its queue.
//!
//! It commits what waits now, up to `Limits::group` commands; it never lingers for a bigger group. While it commits, the
//! next group gathers, and [`Durable`] answers the last one once it is on the disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::super::batch::{Answers, Asked, Batch, Bench, Needs, Writes};
use super::super::{OpenError, Settled, StoreError};
use super::checkpoint::Checkpointer;
use super::disk::Disk;
use super::durable::{self, Durable, Sync};
use super::file::File;
use super::known::{Known, Recent};
use super::limits::Limits;
use super::trouble::unavailable;
use super::{load, save, trial};
use crate::ledger::Command;

/// Jobs that wait at most; whoever comes then is refused at once, so that the sender repeats it later.
const QUEUE: usize = 8_192;

/// The queue's end. Dropping it lets the thread finish what waits, and waits for that.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    disk: Disk,
    refusing: Arc<AtomicBool>,
}

type Answer = oneshot::Sender<Result<(Settled, Asked), StoreError>>;
/// What is done on the connection, and how its asker is answered.
type Work = Box<dyn FnOnce(Result<&mut Connection, StoreError>) -> durable::Answers + Send>;

enum Job {
    Settle(Asked, Answer),
    Run(Work),
}

impl Writer {
    /// Starts the thread, and those beside it.
    pub(super) fn start(file: &File, bench: Bench, recent: Arc<Recent>) -> Result<Self, OpenError> {
        let connection = file.writer()?;
        let sync: Sync = match file.log(&connection)? {
            Some(log) => durable::waits_for(log),
            // No disk has to be waited for.
            None => Box::new(|| Ok(())),
        };
        Self::start_with(file, connection, bench, Limits::default(), sync, recent)
    }

    /// The same with what tests replace.
    pub(super) fn start_with(
        file: &File,
        mut connection: Connection,
        bench: Bench,
        limits: Limits,
        sync: Sync,
        recent: Arc<Recent>,
    ) -> Result<Self, OpenError> {
        let (jobs, queue) = sync_channel(QUEUE);
        let disk = Disk::default();
        let checkpointer = Checkpointer::start(file, &mut connection, limits.full, &disk)?;
        let durable = Durable::start(sync, disk.clone()).map_err(|error| file.no_thread(&error))?;
        // The first command shall not wait for it. What cannot be read now is tried again then.
        if let Err(error) = recent.catch_up(&connection) {
            tracing::error!(%error, "the newest states cannot be read");
        }
        let known = Known::new(limits, recent);
        let refusing = Arc::<AtomicBool>::default();
        let thread = Thread {
            durable,
            connection,
            checkpointer,
            known,
            group: limits.group,
            bench,
            queue,
            disk: disk.clone(),
            refusing: refusing.clone(),
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || thread.work())
            .map_err(|error| file.no_thread(&error))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), disk, refusing })
    }

    /// Answers after the commit. When the caller goes away, the command may be settled all the same.
    pub(super) fn settle(
        &self,
        command: Command,
    ) -> impl Future<Output = Result<Settled, StoreError>> + use<> {
        let (answer, settled) = oneshot::channel();
        let asked = Asked::of(command);
        let sent = asked.and_then(|asked| self.send(Job::Settle(asked, answer)));
        async move {
            sent?;
            let (settled, _) = settled.await.unwrap_or_else(|_| Err(gone()))?;
            Ok(settled)
        }
    }

    /// Runs `work` on the writer's connection between two commits.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, done) = oneshot::channel();
        self.send(Job::Run(Box::new(move |connection| {
            let done = connection.and_then(work);
            // Nobody may be waiting any more.
            Box::new(move |durable| drop(answer.send(durable.and(done))))
        })))?;
        done.await.unwrap_or_else(|_| Err(gone()))
    }

    /// After a group that was not stored, something is tried.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when nothing can be stored any more, or now.
    pub(super) async fn ready(&self) -> Result<(), StoreError> {
        self.disk.sound()?;
        if self.thread.as_ref().is_none_or(JoinHandle::is_finished) {
            return Err(gone());
        }
        if self.refusing.load(Ordering::Relaxed) {
            self.run(trial::commit).await?;
            self.refusing.store(false, Ordering::Relaxed);
        }
        Ok(())
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        self.disk.sound()?;
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Unavailable(format!("{QUEUE} commands are waiting already")),
            TrySendError::Disconnected(_) => gone(),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer panicked; this is a bug");
        }
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("the writer has stopped; restart the gateway".into())
}

struct Thread {
    durable: Durable,
    connection: Connection,
    checkpointer: Checkpointer,
    known: Known,
    /// Commands of one commit at most.
    group: usize,
    bench: Bench,
    queue: Receiver<Job>,
    disk: Disk,
    /// Whether the last group that had something to store was not stored.
    refusing: Arc<AtomicBool>,
}

impl Thread {
    fn work(mut self) {
        while let Ok(first) = self.queue.recv() {
            let mut commands = Vec::with_capacity(self.group);
            let mut askers = Vec::with_capacity(self.group);
            let mut next = Some(first);
            let mut work = None;
            while let Some(job) = next.take() {
                match job {
                    // Whoever has stopped waiting was refused, and will be asked again by the sender.
                    Job::Settle(_, answer) if answer.is_closed() => {}
                    Job::Settle(command, answer) => {
                        commands.push(command);
                        askers.push(answer);
                    }
                    Job::Run(run) => work = Some(run),
                }
                if commands.len() < self.group && work.is_none() {
                    next = self.queue.try_recv().ok();
                }
            }
            if !commands.is_empty() {
                self.settle(commands, askers);
            }
            if let Some(work) = work {
                let connection = self.disk.sound().map(|()| &mut self.connection);
                self.durable.answer(work(connection));
            }
        }
        let Self { durable, mut connection, mut checkpointer, disk, .. } = self;
        // Whoever is answered is answered before the log is closed.
        drop(durable);
        checkpointer.stop(&mut connection);
        if disk.sound().is_err() {
            // The log is the only copy that can be believed, so it stays for the next start.
            let keep = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
            if let Err(error) = connection.set_db_config(keep, true) {
                tracing::error!(%error, "the write-ahead log cannot be kept");
            }
        }
        // In this order.
        drop(connection);
        drop(checkpointer);
    }

    fn settle(&mut self, mut commands: Vec<Asked>, mut askers: Vec<Answer>) {
        metrics::histogram!("gateway_settle_batch_size").record(commands.len() as f64);
        // What waited when the disk failed is not stored either.
        match self.disk.sound().and_then(|()| self.commit(&commands)) {
            // A caller that has gone away gets the stored reply when it asks again.
            Ok((answers, writes)) => {
                if !writes.is_empty() {
                    self.refusing.store(false, Ordering::Relaxed);
                }
                self.durable.answer(Box::new(move |durable| {
                    for ((asker, answer), asked) in askers.into_iter().zip(answers).zip(commands) {
                        drop(asker.send(durable.clone().and(answer).map(|settled| (settled, asked))));
                    }
                }));
                // Taken apart here, while the disk is waited for: the next group is made of the same memory.
                drop(writes);
            }
            Err(error @ StoreError::Unavailable(_)) => {
                self.refusing.store(true, Ordering::Relaxed);
                tracing::warn!(%error, commands = commands.len(), "a group of commands was not stored");
                askers.into_iter().for_each(|asker| drop(asker.send(Err(error.clone()))));
                // Whoever queued up meanwhile has waited too: for them to wait again would take too long.
                while let Ok(job) = self.queue.try_recv() {
                    match job {
                        Job::Settle(_, asker) => drop(asker.send(Err(error.clone()))),
                        Job::Run(work) => work(Err(error.clone()))(Ok(())),
                    }
                }
            }
            // One row cannot be read: only the command that needs it is refused, and halving finds it.
            Err(_) if commands.len() > 1 => {
                let half = commands.len() / 2;
                let (others, their_askers) = (commands.split_off(half), askers.split_off(half));
                self.settle(commands, askers);
                self.settle(others, their_askers);
            }
            Err(error) => {
                tracing::error!(%error, "a command was not stored");
                askers.into_iter().for_each(|asker| drop(asker.send(Err(error.clone()))));
            }
        }
    }

    /// A page that is found damaged while old work is worked off concerns nobody here: it is left alone the next time.
    fn commit(&mut self, commands: &[Asked]) -> Result<(Answers, Writes), StoreError> {
        loop {
            let damages = self.known.recent.damages();
            match self.attempt(commands) {
                Err(StoreError::Corrupt { .. }) if self.known.recent.damages() > damages => {}
                done => return done,
            }
        }
    }

    /// One transaction; dropped on any error, and then nothing is written.
    fn attempt(&mut self, commands: &[Asked]) -> Result<(Answers, Writes), StoreError> {
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unavailable)?;
        let rows = load::first(
            &transaction,
            &Needs::of(commands),
            commands.len(),
            &self.bench.eraser,
            &mut self.known,
        )?;
        let mut batch = Batch::new(&self.bench, commands, rows);
        while let Err(needs) = batch.run() {
            load::more(&transaction, &needs, &self.bench.eraser, &mut self.known, batch.rows())?;
        }
        let (writes, answers) = batch.finish()?;
        if writes.is_empty() {
            return Ok((answers, writes));
        }
        let worked = self.known.work_off(&transaction, &writes)?;
        save::all(&transaction, &writes)?;
        transaction.commit().map_err(unavailable)?;
        self.known.committed(&writes, &worked);
        Ok((answers, writes))
    }
}
