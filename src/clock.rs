//! Time and randomness are parameters: nothing else in the crate asks the machine for either.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::SystemTime;

/// Unix milliseconds, UTC.
pub type UnixMs = i64;

/// One second in [`UnixMs`].
pub const SECOND: UnixMs = 1_000;
/// One day in [`UnixMs`].
pub const DAY: UnixMs = 86_400 * SECOND;

/// Where the present moment comes from.
pub trait Clock: Debug + Send + Sync {
    /// Unix milliseconds, UTC.
    fn now(&self) -> UnixMs;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> UnixMs {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_millis() as UnixMs)
    }
}

/// A clock that stands until it is moved; for tests and simulations.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub fn at(now: UnixMs) -> Self {
        Self(AtomicI64::new(now))
    }

    /// Moves the clock by `by` milliseconds, backwards when negative.
    pub fn advance(&self, by: UnixMs) {
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> UnixMs {
        self.0.load(Ordering::SeqCst)
    }
}

/// Where random bytes come from.
pub trait Entropy: Debug + Send + Sync {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator, through the thread-local one of `rand`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        use rand::Rng as _;
        rand::rng().fill_bytes(bytes);
    }
}
