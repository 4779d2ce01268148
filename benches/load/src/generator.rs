//! The load: 64 connections, each of which sends its next push when the last one is answered.
//!
//! Everything is signed before the clock starts, so that the generator costs the machine two system calls a request
//! and little else: what it takes, it takes from the server's two cores.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use hdrhistogram::Histogram;

use crate::http::{Answer, Connection};
use crate::pushes::Pushes;

/// Connections at a time.
const CONNECTIONS: usize = 64;
/// Longest latency that the histogram holds, us.
const LONGEST: u64 = 60_000_000;

/// How long one turn lasts.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    /// Before anything is counted.
    pub(crate) warm_up: Duration,
    /// While everything is.
    pub(crate) measured: Duration,
}

/// What a turn has shown.
pub(crate) struct Fired {
    /// Latencies of what was measured, us.
    pub(crate) latencies: Histogram<u64>,
    /// From the end of the warm-up to the last answer.
    pub(crate) elapsed: Duration,
    /// Pushes answered, those of the warm-up included: the first so many of the pool.
    pub(crate) answered: usize,
    /// The first answer that was not as it should be, and how many were not.
    pub(crate) wrong: Option<(String, usize)>,
}

impl Fired {
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }
}

struct Turn<'a> {
    pushes: &'a Pushes,
    right: &'a dyn Fn(&Answer<'_>, usize) -> Result<(), String>,
    next: Cell<usize>,
    latencies: RefCell<Histogram<u64>>,
    wrong: RefCell<Option<(String, usize)>>,
    from: Instant,
    until: Instant,
    last: Cell<Instant>,
}

/// Sends pushes until the time is over or none is left, and waits for every answer. `right` judges each of them, given
/// the push's number.
pub(crate) async fn fire(
    address: SocketAddr,
    pushes: &Pushes,
    span: Span,
    right: &dyn Fn(&Answer<'_>, usize) -> Result<(), String>,
) -> Result<Fired, Box<dyn Error>> {
    let connections = try_join_all((0..CONNECTIONS).map(|_| Connection::open(address))).await?;
    let from = Instant::now() + span.warm_up;
    let turn = Rc::new(Turn {
        pushes,
        right,
        next: Cell::new(0),
        latencies: RefCell::new(Histogram::new_with_bounds(1, LONGEST, 3)?),
        wrong: RefCell::default(),
        from,
        until: from + span.measured,
        last: Cell::new(from),
    });
    try_join_all(connections.into_iter().map(|connection| turn.drive(connection))).await?;
    Ok(Fired {
        elapsed: turn.last.get() - from,
        answered: turn.next.get(),
        latencies: turn.latencies.borrow().clone(),
        wrong: turn.wrong.take(),
    })
}

impl Turn<'_> {
    async fn drive(&self, mut connection: Connection) -> Result<(), Box<dyn Error>> {
        loop {
            let started = Instant::now();
            let number = self.next.get();
            let Some(request) = self.pushes.request(number).filter(|_| started < self.until) else {
                return Ok(());
            };
            self.next.set(number + 1);
            let answer = connection.exchange(request).await?;
            let ended = Instant::now();
            if let Err(what) = (self.right)(&answer, number) {
                self.wrong.borrow_mut().get_or_insert((what, 0)).1 += 1;
            }
            if started >= self.from {
                let latency = (ended - started).as_micros() as u64;
                self.latencies.borrow_mut().saturating_record(latency);
                self.last.set(ended);
            }
        }
    }
}
