//! The mock's clock: real time plus an offset that the control API moves.
//!
//! Tokens expire, codes go stale and message windows close by this clock, so a test of "two hours later" takes
//! no time. Network timeouts (the 5 s that a receiver has to answer) run on real time.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::sync::Notify;

/// Real time, shifted.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Milliseconds added to real time.
    offset: AtomicI64,
    moved: Notify,
}

impl Clock {
    /// Milliseconds since 1970 (UTC).
    pub(crate) fn millis(&self) -> i64 {
        real_millis() + self.offset.load(Ordering::Relaxed)
    }

    /// Seconds since 1970 (UTC), the unit of every time on WeChat's wire.
    pub(crate) fn seconds(&self) -> i64 {
        self.millis().div_euclid(1000)
    }

    /// Moves the clock forward; it goes on running from there.
    pub(crate) fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX / 4);
        self.offset.fetch_add(millis, Ordering::Relaxed);
        self.wake();
    }

    /// Sets the clock to a time, earlier or later; it goes on running from there.
    pub(crate) fn set(&self, millis: i64) {
        self.offset.store(millis - real_millis(), Ordering::Relaxed);
        self.wake();
    }

    /// Runs that many milliseconds ahead of real time.
    pub(crate) fn be_ahead(&self, millis: i64) {
        self.offset.store(millis, Ordering::Relaxed);
        self.wake();
    }

    /// Back to real time.
    pub(crate) fn reset(&self) {
        self.offset.store(0, Ordering::Relaxed);
        self.wake();
    }

    /// Waits that many milliseconds of this clock, but not beyond the next time that it is moved or that [`Clock::wake`] is
    /// called; without a number until then. There is one who waits: [`Platform::keep_time`](crate::platform::Platform).
    pub(crate) async fn pass(&self, millis: Option<u64>) {
        match millis {
            Some(millis) => {
                let _ = tokio::time::timeout(Duration::from_millis(millis), self.moved.notified()).await;
            }
            None => self.moved.notified().await,
        }
    }

    /// Ends the waiting: there is something else to wait for.
    pub(crate) fn wake(&self) {
        self.moved.notify_one();
    }

    /// How far the clock is ahead of real time, in milliseconds; negative when it is behind.
    pub(crate) fn offset_millis(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the mock reads real time")]
fn real_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_moves_the_clock_and_reset_brings_it_back() {
        let clock = Clock::default();
        let before = clock.seconds();

        clock.advance(Duration::from_secs(7200));
        let later = clock.seconds();
        clock.reset();

        assert!((later - before - 7200).abs() <= 1, "{before} {later}");
        assert_eq!(clock.offset_millis(), 0);
    }

    #[test]
    fn a_set_clock_runs_on_from_there() {
        let clock = Clock::default();

        clock.set(1_760_000_000_000);

        let now = clock.seconds();
        assert!((1_760_000_000..=1_760_000_001).contains(&now), "{now}");
    }
}
