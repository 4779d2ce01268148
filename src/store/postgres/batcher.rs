//! The queue, and the tasks that commit in groups.
//!
//! A task takes what waits now, commits it, and answers everybody; it never lingers for a bigger group. There are two,
//! so that one group is prepared while the server waits for its disk over the other.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Object;
use futures::future::{BoxFuture, FutureExt as _};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::error::SqlState;

use super::super::batch::{Answers, Asked, Batch, Bench, Needs};
use super::super::{Settled, StoreError};
use super::server::Server;
use super::{load, save, unavailable};
use crate::ids::PersonNo;
use crate::ledger::Command;

/// Commands of one commit at most.
pub(super) const GROUP: usize = 256;
/// Commands that wait at most; whoever comes then is refused at once, so that the sender repeats it later.
const QUEUE: usize = 8_192;
/// Tasks.
const TASKS: usize = 2;
/// How long a group may take, its repetitions included.
const GROUP_TIME: Duration = Duration::from_millis(400);
/// How long anybody waits for an answer.
const PATIENCE: Duration = Duration::from_millis(450);
/// How often a group is repeated because another gateway was quicker.
const ATTEMPTS: usize = 10;

/// The queue's end. The tasks finish what waits when it is dropped.
#[derive(Debug)]
pub(super) struct Batcher {
    queue: mpsc::Sender<Job>,
}

struct Job {
    asked: Asked,
    answer: oneshot::Sender<Result<Settled, StoreError>>,
}

impl Batcher {
    /// Starts the tasks.
    pub(super) fn start(server: &Server, bench: Bench) -> Self {
        let (queue, asked) = mpsc::channel(QUEUE);
        let asked = Arc::new(Mutex::new(asked));
        for _ in 0..TASKS {
            let task = Task { server: server.clone(), bench: bench.clone(), numbers: Vec::new() };
            tokio::spawn(task.work(asked.clone()));
        }
        Self { queue }
    }

    /// Answers after the commit, or when it takes too long: then the command may be settled all the same, and its
    /// repeat gets the stored reply.
    pub(super) async fn settle(&self, command: Command) -> Result<Settled, StoreError> {
        let (answer, settled) = oneshot::channel();
        self.queue.try_send(Job { asked: Asked::of(command)?, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                StoreError::Unavailable(format!("{QUEUE} commands are waiting already"))
            }
            mpsc::error::TrySendError::Closed(_) => gone(),
        })?;
        match tokio::time::timeout(PATIENCE, settled).await {
            Ok(answer) => answer.unwrap_or_else(|_| Err(gone())),
            Err(_) => Err(StoreError::Unavailable(format!("no commit within {} ms", PATIENCE.as_millis()))),
        }
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("the store's tasks have stopped; restart the gateway".into())
}

struct Task {
    server: Server,
    bench: Bench,
    /// Numbers for persons that were taken from the sequence and not used yet.
    numbers: Vec<PersonNo>,
}

/// Why a group was not committed.
pub(super) enum Trouble {
    /// Another gateway was quicker: reading again finds what it did.
    Conflict,
    /// Rows that must be locked in order with the others.
    Needs(Box<Needs>),
    /// One command cannot be stored: the others can.
    Poison(StoreError),
    /// Nothing can.
    Down(StoreError),
}

impl Task {
    async fn work(mut self, queue: Arc<Mutex<mpsc::Receiver<Job>>>) {
        let mut group = Vec::with_capacity(GROUP);
        loop {
            if queue.lock().await.recv_many(&mut group, GROUP).await == 0 {
                return;
            }
            // Whoever has stopped waiting was refused, and will be asked again by the sender.
            group.retain(|job: &Job| !job.answer.is_closed());
            let (commands, askers): (Vec<_>, Vec<_>) =
                group.drain(..).map(|job| (job.asked, job.answer)).unzip();
            if commands.is_empty() {
                continue;
            }
            metrics::histogram!("gateway_settle_batch_size").record(commands.len() as f64);
            match self.settle(&commands).await {
                Ok(answers) => {
                    askers.into_iter().zip(answers).for_each(|(asker, answer)| drop(asker.send(answer)))
                }
                Err(error) => {
                    tracing::warn!(%error, commands = commands.len(), "a group of commands was not stored");
                    askers.into_iter().for_each(|asker| drop(asker.send(Err(error.clone()))));
                    // Whoever queued up meanwhile has waited too: for them to wait again would take too long.
                    while let Some(job) = queue.try_lock().ok().and_then(|mut queue| queue.try_recv().ok()) {
                        drop(job.answer.send(Err(error.clone())));
                    }
                }
            }
        }
    }

    /// One answer per command, or why the database can take none.
    fn settle<'a>(&'a mut self, commands: &'a [Asked]) -> BoxFuture<'a, Result<Answers, StoreError>> {
        async move {
            match tokio::time::timeout(GROUP_TIME, self.group(commands)).await {
                Ok(Ok(answers)) => Ok(answers),
                Ok(Err(Trouble::Poison(error))) if commands.len() == 1 => {
                    tracing::error!(%error, "a command was not stored");
                    Ok(vec![Err(error)])
                }
                // Halving finds the one, and the others are stored.
                Ok(Err(Trouble::Poison(_))) => {
                    let (left, right) = commands.split_at(commands.len() / 2);
                    let mut answers = self.settle(left).await?;
                    answers.extend(self.settle(right).await?);
                    Ok(answers)
                }
                Ok(Err(Trouble::Down(error))) => Err(error),
                Ok(Err(Trouble::Conflict | Trouble::Needs(_))) => {
                    Err(StoreError::Unavailable("other gateways were quicker every time".into()))
                }
                Err(_) => {
                    Err(StoreError::Unavailable(format!("no commit within {} ms", GROUP_TIME.as_millis())))
                }
            }
        }
        .boxed()
    }

    async fn group(&mut self, commands: &[Asked]) -> Result<Answers, Trouble> {
        let mut needs = Needs::of(commands);
        let mut trouble = Trouble::Conflict;
        for attempt in 0..ATTEMPTS {
            let lock = attempt > 0;
            let client = Borrowed(Some(self.server.client().await.map_err(Trouble::Down)?));
            trouble = match self.attempt(&client, commands, &needs, lock).await {
                Ok(answers) => {
                    client.give_back();
                    return Ok(answers);
                }
                Err(trouble) => trouble,
            };
            // Without locks there is no transaction but the one of the writes, and that has ended with them.
            if attempt > 0 {
                client.roll_back().await
            } else {
                client.give_back()
            }
            match &trouble {
                Trouble::Conflict => {}
                Trouble::Needs(more) => needs.persons.extend(&more.persons),
                Trouble::Poison(_) | Trouble::Down(_) => break,
            }
        }
        Err(trouble)
    }

    async fn attempt(
        &mut self,
        client: &Object,
        commands: &[Asked],
        needs: &Needs,
        lock: bool,
    ) -> Result<Answers, Trouble> {
        let mut rows = load::first(client, needs, &self.bench.eraser, lock).await?;
        rows.add_numbers(self.numbers.drain(..));
        let bench = self.bench.clone();
        let mut batch = Batch::new(&bench, commands, rows);
        while let Err(more) = batch.run() {
            if !more.persons.is_empty() {
                return Err(Trouble::Needs(more));
            }
            load::more(client, &more, batch.rows()).await?;
        }
        let (writes, answers) = batch.finish().map_err(Trouble::Poison)?;
        save::all(client, &writes, lock).await?;
        self.numbers = writes.numbers_left;
        Ok(answers)
    }
}

/// A connection in the middle of a transaction: given back when it is over, closed when it is abandoned there.
struct Borrowed(Option<Object>);

impl Borrowed {
    fn give_back(mut self) {
        drop(self.0.take());
    }

    async fn roll_back(mut self) {
        if let Some(client) = &self.0
            && client.batch_execute("ROLLBACK").await.is_ok()
        {
            drop(self.0.take());
        }
    }
}

impl std::ops::Deref for Borrowed {
    type Target = Object;

    #[expect(clippy::expect_used, reason = "it is taken by the methods that take self, and by drop")]
    fn deref(&self) -> &Object {
        self.0.as_ref().expect("a connection until it is given back")
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            drop(Object::take(client));
        }
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.code() {
            Some(
                &SqlState::UNIQUE_VIOLATION
                | &SqlState::T_R_SERIALIZATION_FAILURE
                | &SqlState::T_R_DEADLOCK_DETECTED,
            ) => Self::Conflict,
            // Class 22: a value that PostgreSQL cannot keep, for example a text with a NUL.
            Some(code) if code.code().starts_with("22") => Self::Poison(unavailable(error)),
            _ => Self::Down(unavailable(error)),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Down(error),
            StoreError::Corrupt { .. } | StoreError::KeyReused => Self::Poison(error),
        }
    }
}
