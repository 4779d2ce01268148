//! The queue, and the tasks that commit in groups.
//!
//! A task takes what waits now, commits it, and answers everybody; it never lingers for a bigger group. While it commits,
//! the next group gathers: few large groups cost the server less than many small ones. There are two tasks, so that a group
//! that takes long, over a lock or a slow disk, does not keep the others waiting.

use std::sync::Arc;

use deadpool_postgres::Object;
use futures::future::{BoxFuture, FutureExt as _};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::super::batch::{Answers, Asked, Batch, Bench, Needs, Rows};
use super::super::{Settled, StoreError};
use super::known::{Known, Recalled};
use super::limits::{ATTEMPTS, GROUP, GROUP_TIME, LOCKS, PATIENCE, QUEUE, TASKS, TURN};
use super::server::Server;
use super::stuck::stuck;
use super::trouble::Trouble;
use super::{load, save};
use crate::ids::PersonNo;
use crate::ledger::Command;

/// The queue's end. The tasks finish what waits when it is dropped.
#[derive(Debug)]
pub(super) struct Batcher {
    queue: mpsc::Sender<Job>,
}

struct Job {
    asked: Asked,
    answer: Asker,
}

type Asker = oneshot::Sender<Result<(Settled, Asked), StoreError>>;

impl Batcher {
    /// Starts the tasks.
    pub(super) fn start(server: &Server, bench: Bench) -> Self {
        let (queue, asked) = mpsc::channel(QUEUE);
        let (asked, known) = (Arc::new(Mutex::new(asked)), Arc::<Known>::default());
        for _ in 0..TASKS {
            let (server, bench) = (server.clone(), bench.clone());
            let known = known.clone();
            let task = Task { server, bench, known, recalled: false, numbers: Vec::new(), client: None };
            tokio::spawn(task.work(asked.clone()));
        }
        Self { queue }
    }

    /// Answers after the commit, or when it takes too long: then the command may be settled all the same, and its
    /// repeat gets the stored reply.
    pub(super) fn settle(
        &self,
        command: Command,
    ) -> impl Future<Output = Result<Settled, StoreError>> + use<> {
        let (answer, settled) = oneshot::channel();
        let sent = Asked::of(command).and_then(|asked| {
            self.queue.try_send(Job { asked, answer }).map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => {
                    StoreError::Unavailable(format!("{QUEUE} commands are waiting already"))
                }
                mpsc::error::TrySendError::Closed(_) => gone(),
            })
        });
        let settled = tokio::time::timeout(PATIENCE, settled);
        async move {
            sent?;
            match settled.await {
                Ok(answer) => answer.unwrap_or_else(|_| Err(gone())).map(|(settled, _)| settled),
                Err(_) => {
                    Err(StoreError::Unavailable(format!("no commit within {} ms", PATIENCE.as_millis())))
                }
            }
        }
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("the store's tasks have stopped; restart the gateway".into())
}

/// Commands that are settled together, and who waits for the answers.
#[derive(Clone, Copy)]
struct Group<'a> {
    commands: &'a [Asked],
    askers: &'a [Asker],
}

impl Group<'_> {
    fn halves(self) -> (Self, Self) {
        let half = self.commands.len() / 2;
        let ((left, right), (own, others)) = (self.commands.split_at(half), self.askers.split_at(half));
        (Self { commands: left, askers: own }, Self { commands: right, askers: others })
    }
}

struct Task {
    server: Server,
    bench: Bench,
    /// Numbers for persons that were taken from the sequence and not used yet.
    numbers: Vec<PersonNo>,
    known: Arc<Known>,
    /// True when the last attempt was made with somebody who is remembered.
    recalled: bool,
    /// Its own for as long as it works: whoever reads much leaves no group without a connection.
    client: Option<Object>,
}

impl Task {
    async fn work(mut self, queue: Arc<Mutex<mpsc::Receiver<Job>>>) {
        let mut group = Vec::with_capacity(GROUP);
        loop {
            let mut turn = queue.lock().await;
            if turn.recv_many(&mut group, GROUP).await == 0 {
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
            match self.settle_in(turn, Group { commands: &commands, askers: &askers }).await {
                Ok(answers) => {
                    for ((asker, answer), asked) in askers.into_iter().zip(answers).zip(commands) {
                        drop(asker.send(answer.map(|settled| (settled, asked))));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, commands = commands.len(), "the database cannot be reached");
                    askers.into_iter().for_each(|asker| drop(asker.send(Err(error.clone()))));
                    // Whoever queued up meanwhile has waited for as long and would find it no better; whoever comes from
                    // now on, the same ones again among them, may.
                    if let Ok(mut queue) = queue.try_lock() {
                        for _ in 0..queue.len() {
                            let Ok(job) = queue.try_recv() else { break };
                            drop(job.answer.send(Err(error.clone())));
                        }
                    }
                }
            }
        }
    }

    /// Nobody else has a turn meanwhile, unless it takes long.
    async fn settle_in<T>(&mut self, turn: T, group: Group<'_>) -> Result<Answers, StoreError> {
        let mut settling = self.settle(group);
        let settled = tokio::time::timeout(TURN, &mut settling).await;
        drop(turn);
        match settled {
            Ok(settled) => settled,
            Err(_) => settling.await,
        }
    }

    /// One answer per command, or why the database cannot be reached.
    fn settle<'a>(&'a mut self, group: Group<'a>) -> BoxFuture<'a, Result<Answers, StoreError>> {
        async move {
            let commands = group.commands.len();
            let trouble = match tokio::time::timeout(GROUP_TIME, self.group(group)).await {
                Ok(Ok(answers)) => return Ok(answers),
                Ok(Err(trouble)) => trouble,
                Err(_) => {
                    let why = format!("no commit within {} ms", GROUP_TIME.as_millis());
                    Trouble::All(StoreError::Unavailable(why))
                }
            };
            let error = match trouble {
                Trouble::Down(error) => return Err(error),
                Trouble::Locked(error) => {
                    let stuck = self.stuck(group).await;
                    return self.around(group, &stuck, &error).await;
                }
                Trouble::All(error) => {
                    tracing::warn!(%error, commands, "a group of commands was not stored");
                    return Ok(vec![Err(error); commands]);
                }
                Trouble::Poison(error) | Trouble::Conflict(error) => error,
                Trouble::Needs(_) => {
                    StoreError::Unavailable(format!("other persons were concerned each of {ATTEMPTS} times"))
                }
            };
            if commands == 1 {
                tracing::error!(%error, "a command was not stored");
                return Ok(vec![Err(error)]);
            }
            // Halving finds the one, and the others are stored.
            let (left, right) = group.halves();
            let mut answers = self.settle(left).await?;
            answers.extend(self.settle(right).await?);
            Ok(answers)
        }
        .boxed()
    }

    /// Settles all but those who are stuck behind somebody else's lock.
    fn around<'a>(
        &'a mut self,
        group: Group<'a>,
        stuck: &'a [bool],
        locked: &'a StoreError,
    ) -> BoxFuture<'a, Result<Answers, StoreError>> {
        async move {
            if !stuck.contains(&true) {
                return self.settle(group).await;
            }
            if !stuck.contains(&false) {
                tracing::warn!(error = %locked, commands = stuck.len(), "somebody's row is locked");
                return Ok(vec![Err(locked.clone()); stuck.len()]);
            }
            let (left, right) = group.halves();
            let (own, others) = stuck.split_at(left.commands.len());
            let mut answers = self.around(left, own, locked).await?;
            answers.extend(self.around(right, others, locked).await?);
            Ok(answers)
        }
        .boxed()
    }

    /// All of them where it cannot be told who is, or nobody is any more: they have waited for long.
    async fn stuck(&mut self, group: Group<'_>) -> Vec<bool> {
        let asking = async {
            let client = self.connection().await.ok()?;
            let stuck = stuck(&client, group.commands, &self.bench.eraser).await.ok()?;
            self.client = client.give_back();
            stuck.contains(&true).then_some(stuck)
        };
        let stuck = tokio::time::timeout(GROUP_TIME, asking).await.unwrap_or_default();
        stuck.unwrap_or_else(|| vec![true; group.commands.len()])
    }

    async fn group(&mut self, group: Group<'_>) -> Result<Answers, Trouble> {
        let mut needs = Needs::of(group.commands);
        let (mut attempts, mut locks) = (0, 0);
        loop {
            let lock = attempts > 0;
            let client = self.connection().await.map_err(Trouble::Down)?;
            let trouble = match self.attempt(&client, group, &needs, lock).await {
                Ok(answers) => {
                    self.client = client.give_back();
                    return Ok(answers);
                }
                Err(trouble) => trouble,
            };
            // Without locks there is no transaction but the one of the writes, and that has ended with them.
            self.client = if lock { client.roll_back().await } else { client.give_back() };
            attempts += 1;
            match &trouble {
                Trouble::Conflict(_) => self.known.conflict(&needs.links, self.recalled),
                Trouble::Needs(more) => needs.persons.extend(&more.persons),
                Trouble::Locked(_) => locks += 1,
                Trouble::Poison(_) | Trouble::All(_) | Trouble::Down(_) => return Err(trouble),
            }
            if attempts == ATTEMPTS || locks == LOCKS {
                return Err(trouble);
            }
        }
    }

    async fn connection(&mut self) -> Result<Borrowed, StoreError> {
        let held = self.client.take().filter(|client| !client.is_closed());
        let client = match held {
            Some(client) => client,
            None => {
                let client = self.server.settling().await?;
                self.known.reconnected();
                client
            }
        };
        Ok(Borrowed(Some(client)))
    }

    async fn attempt(
        &mut self,
        client: &Object,
        group: Group<'_>,
        needs: &Needs,
        lock: bool,
    ) -> Result<Answers, Trouble> {
        let mut rows = self.rows(client, group, needs, lock).await?;
        rows.add_numbers(self.numbers.drain(..));
        let bench = self.bench.clone();
        let mut batch = Batch::new(&bench, group.commands, rows);
        while let Err(more) = batch.run() {
            if !more.persons.is_empty() {
                return Err(Trouble::Needs(more));
            }
            load::more(client, &more, batch.rows()).await?;
        }
        let (writes, answers) = batch.finish().map_err(Trouble::Poison)?;
        if group.askers.iter().all(oneshot::Sender::is_closed) {
            let why = "the rows were read so late that nobody waits for the answer any more";
            return Err(Trouble::All(StoreError::Unavailable(why.into())));
        }
        // Numbers for later groups come along.
        let (saved, numbers) = futures::join!(save::all(client, &writes, &self.bench.eraser, lock), async {
            if self.known.lacks_numbers() { load::numbers(client).await } else { Ok(Vec::new()) }
        });
        saved?;
        self.known.put_by(numbers.unwrap_or_default());
        self.known.committed(&writes);
        self.numbers = writes.numbers_left;
        Ok(answers)
    }

    /// Nothing is read where everybody is remembered: then the unique key finds what is settled already.
    async fn rows(
        &mut self,
        client: &Object,
        group: Group<'_>,
        needs: &Needs,
        lock: bool,
    ) -> Result<Rows, Trouble> {
        let (bench, known) = (&self.bench, &self.known);
        let mut unknown = needs.clone();
        let Recalled { mut rows, any, first } = match lock {
            true => Recalled::default(),
            false => known.recall(&mut unknown, &group.commands.iter().filter_map(Asked::asking).collect()),
        };
        self.recalled = any;
        if let Some(first) = first {
            rows.add_events((first..).take(GROUP));
            return Ok(rows);
        }
        known.numbered();
        load::first(client, &unknown, &bench.eraser, known, rows, lock).await
    }
}

/// A connection in the middle of a transaction: given back when it is over, closed when it is abandoned there.
struct Borrowed(Option<Object>);

impl Borrowed {
    fn give_back(mut self) -> Option<Object> {
        self.0.take()
    }

    async fn roll_back(mut self) -> Option<Object> {
        match &self.0 {
            Some(client) if client.batch_execute("ROLLBACK").await.is_ok() => self.0.take(),
            _ => None,
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
