//! Connections to Redis that are held for the life of a worker thread and shared by all its calls.
//!
//! A connection is multiplexed: calls that wait at the same time go out in one write and come back in one read. A
//! checkout from the pool per call would cost a PING and eight system calls instead, so each lane takes one connection
//! out and keeps it. A connection that answered nonsense, broke, or did not answer in time is thrown away, never given
//! back, and the next call has a new one made in a task of its own, which no caller's impatience can cancel.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deadpool_redis::redis::aio::MultiplexedConnection;
use deadpool_redis::redis::cluster_async::ClusterConnection;
use deadpool_redis::redis::{Cmd, RedisError, Value};
use deadpool_redis::{Connection, Pool};
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use tokio::time::Instant;

use super::{cluster, security};
use crate::session::SessionError;

/// A late answer discards a connection at most this often: it may be the network, or one node of many.
const DISCARD_EVERY: Duration = Duration::from_secs(1);

/// Where connections come from.
#[derive(Clone)]
pub(super) enum Source {
    /// One server.
    Single(Pool),
    /// A cluster; each connection is one to every node that it has needed so far.
    Cluster(cluster::Pool),
}

/// A way to speak on a connection that others speak on too.
#[derive(Clone)]
pub(super) enum Link {
    Single(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Link {
    pub(super) async fn say(self, command: &Cmd) -> Result<Value, RedisError> {
        match self {
            Self::Single(mut link) => command.query_async(&mut link).await,
            Self::Cluster(mut link) => command.query_async(&mut link).await,
        }
    }
}

/// A connection taken from the pool for good.
enum Held {
    Single(Connection),
    Cluster(cluster::Object),
}

impl Held {
    async fn open(source: &Source, secure: bool) -> Result<Self, String> {
        let held = match source {
            Source::Single(pool) => pool.get().await.map(Self::Single),
            Source::Cluster(pool) => pool.get().await.map(Self::Cluster),
        };
        held.map_err(|error| security::explained(&error, secure))
    }

    fn link(&self) -> Link {
        match self {
            Self::Single(held) => Link::Single((**held).clone()),
            Self::Cluster(held) => Link::Cluster((**held).clone()),
        }
    }

    /// Dropping the object would give it back to the pool.
    fn discard(self) {
        match self {
            Self::Single(held) => drop(Connection::take(held)),
            Self::Cluster(held) => drop(cluster::Object::take(held)),
        }
    }
}

type Opening = Shared<BoxFuture<'static, Result<(Link, u64), SessionError>>>;

enum Lane {
    Empty,
    Opening(Opening),
    Open { held: Held, number: u64, since: Instant },
}

/// One lane per worker thread, opened when the thread first needs it.
pub(super) struct Lanes {
    source: Source,
    /// Whether TLS is spoken.
    secure: bool,
    lanes: Box<[Arc<Mutex<Lane>>]>,
    opened: AtomicUsize,
}

impl Lanes {
    pub(super) fn new(source: Source, secure: bool, count: usize) -> Self {
        let lanes = (0..count).map(|_| Arc::new(Mutex::new(Lane::Empty))).collect();
        Self { source, secure, lanes, opened: AtomicUsize::new(0) }
    }

    /// This thread's connection and its number, which [`Lanes::discard`] wants to know.
    pub(super) async fn link(&self) -> Result<(Link, u64), SessionError> {
        let opening = {
            let mut lane = self.lane();
            match &*lane {
                Lane::Open { held, number, .. } => return Ok((held.link(), *number)),
                Lane::Opening(opening) if opening.peek().is_none() => opening.clone(),
                // Never opened, or failed to.
                Lane::Opening(_) | Lane::Empty => {
                    let opening = self.open();
                    *lane = Lane::Opening(opening.clone());
                    opening
                }
            }
        };
        opening.await
    }

    /// Throws away connection `number` of this thread, unless that has been done.
    pub(super) fn discard(&self, number: u64) {
        self.discard_if(number, |_| true);
    }

    /// The same for a connection that only answered late, which is given a second to recover first.
    pub(super) fn discard_late(&self, number: u64) {
        self.discard_if(number, |since| since.elapsed() >= DISCARD_EVERY);
    }

    fn discard_if(&self, number: u64, condition: impl FnOnce(Instant) -> bool) {
        let mut lane = self.lane();
        match &*lane {
            Lane::Open { number: now, since, .. } if *now == number && condition(*since) => {}
            _ => return,
        }
        if let Lane::Open { held, .. } = std::mem::replace(&mut *lane, Lane::Empty) {
            held.discard();
        }
    }

    /// Opens a connection for this thread's lane. The task runs where the caller runs, so that a worker's connection is
    /// driven by the worker's own event loop.
    fn open(&self) -> Opening {
        let number = self.opened.fetch_add(1, Ordering::Relaxed) as u64;
        let (source, secure, lane) = (self.source.clone(), self.secure, self.slot().clone());
        let task = tokio::spawn(async move {
            let opened = Held::open(&source, secure).await;
            let mut lane = lock(&lane);
            match opened {
                Ok(held) => {
                    let link = held.link();
                    *lane = Lane::Open { held, number, since: Instant::now() };
                    Ok((link, number))
                }
                Err(error) => {
                    *lane = Lane::Empty;
                    Err(SessionError::Backend(error))
                }
            }
        });
        task.map(|done| done.unwrap_or_else(|e| Err(SessionError::Backend(e.to_string())))).boxed().shared()
    }

    fn lane(&self) -> MutexGuard<'_, Lane> {
        lock(self.slot())
    }

    fn slot(&self) -> &Arc<Mutex<Lane>> {
        &self.lanes[thread_number() % self.lanes.len()]
    }
}

fn lock(lane: &Mutex<Lane>) -> MutexGuard<'_, Lane> {
    lane.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Threads are numbered in the order in which they first ask.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static NUMBER: Cell<Option<usize>> = const { Cell::new(None) });
    NUMBER.with(|number| match number.get() {
        Some(known) => known,
        None => {
            let fresh = NEXT.fetch_add(1, Ordering::Relaxed);
            number.set(Some(fresh));
            fresh
        }
    })
}
