//! Cuts every call short, and spares a backend that does not answer.

use std::future::Future;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

use super::{SessionError, Sessions};

/// What a callback can spare for one call.
const PATIENCE: Duration = Duration::from_millis(50);
/// Failures in a row after which the backend is left alone.
const FAILURES: u32 = 5;
/// One call in this time finds out whether the backend is back.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// Any [`Sessions`], each call cut at 50 ms. After five failures in a row every call answers
/// [`SessionError::Resting`] at once, but for one a second that tries the backend.
#[derive(Debug)]
pub struct Breaker<S> {
    inner: S,
    born: Instant,
    failures: AtomicU32,
    /// Milliseconds after `born` of the next probe; 0 while closed.
    next_probe: AtomicU64,
}

/// Whether calls reach the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// They do.
    Closed,
    /// Only a probe each second does.
    Open,
}

impl<S> Breaker<S> {
    /// A closed breaker around `inner`.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self { inner, born: Instant::now(), failures: AtomicU32::new(0), next_probe: AtomicU64::new(0) }
    }

    /// Whether calls reach the backend at this moment. The gauge `gateway_sessions_breaker_open` says the same as 0 or 1.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        match self.next_probe.load(Ordering::Acquire) {
            0 => BreakerState::Closed,
            _ => BreakerState::Open,
        }
    }

    async fn guard<T>(
        &self,
        call: impl Future<Output = Result<T, SessionError>> + Send,
    ) -> Result<T, SessionError> {
        if !self.admits() {
            return Err(SessionError::Resting);
        }
        match tokio::time::timeout(PATIENCE, call).await.unwrap_or(Err(SessionError::Late(PATIENCE))) {
            Ok(value) => {
                self.answered();
                Ok(value)
            }
            Err(error) => {
                self.failed(&error);
                Err(error)
            }
        }
    }

    /// True for every call while closed, and for one call a second while open.
    fn admits(&self) -> bool {
        let probe = self.next_probe.load(Ordering::Acquire);
        if probe == 0 {
            return true;
        }
        let now = self.millis();
        now >= probe
            && self
                .next_probe
                .compare_exchange(probe, now + millis(PROBE_EVERY), Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
    }

    fn answered(&self) {
        if self.failures.load(Ordering::Relaxed) == 0 {
            return;
        }
        self.failures.store(0, Ordering::Relaxed);
        if self.next_probe.swap(0, Ordering::AcqRel) != 0 {
            metrics::gauge!("gateway_sessions_breaker_open").set(0.0);
            tracing::info!("sessions answer again");
        }
    }

    fn failed(&self, error: &SessionError) {
        metrics::counter!("gateway_sessions_failures_total", "why" => error.label()).increment(1);
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 < FAILURES {
            return;
        }
        let probe = self.millis() + millis(PROBE_EVERY);
        if self.next_probe.compare_exchange(0, probe, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            metrics::gauge!("gateway_sessions_breaker_open").set(1.0);
            tracing::warn!(%error, "sessions fail; doing without them and trying again each second");
        }
    }

    /// Never 0, which means closed.
    fn millis(&self) -> u64 {
        1 + millis(self.born.elapsed())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 2)
}

#[async_trait]
impl<S: Sessions> Sessions for Breaker<S> {
    async fn fetch(&self, key: &str) -> Result<Option<Bytes>, SessionError> {
        self.guard(self.inner.fetch(key)).await
    }

    async fn keep(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), SessionError> {
        self.guard(self.inner.keep(key, value, ttl)).await
    }

    async fn keep_if_absent(&self, key: &str, value: Bytes, ttl: Duration) -> Result<bool, SessionError> {
        self.guard(self.inner.keep_if_absent(key, value, ttl)).await
    }

    async fn forget_if(&self, key: &str, value: &[u8]) -> Result<(), SessionError> {
        self.guard(self.inner.forget_if(key, value)).await
    }

    async fn forget(&self, key: &str) -> Result<(), SessionError> {
        self.guard(self.inner.forget(key)).await
    }

    async fn ping(&self) -> Result<(), SessionError> {
        self.guard(self.inner.ping()).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Answers as told, and counts how often it is asked.
    #[derive(Debug, Default)]
    struct Moody {
        mood: Mutex<Mood>,
        asked: AtomicU32,
    }

    #[derive(Clone, Copy, Debug, Default)]
    enum Mood {
        #[default]
        Well,
        Refusing,
        Frozen,
    }

    #[async_trait]
    impl Sessions for Moody {
        async fn fetch(&self, _: &str) -> Result<Option<Bytes>, SessionError> {
            self.ping().await.map(|()| None)
        }
        async fn keep(&self, _: &str, _: Bytes, _: Duration) -> Result<(), SessionError> {
            self.ping().await
        }
        async fn keep_if_absent(&self, _: &str, _: Bytes, _: Duration) -> Result<bool, SessionError> {
            self.ping().await.map(|()| true)
        }
        async fn forget_if(&self, _: &str, _: &[u8]) -> Result<(), SessionError> {
            self.ping().await
        }
        async fn forget(&self, _: &str) -> Result<(), SessionError> {
            self.ping().await
        }
        async fn ping(&self) -> Result<(), SessionError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let mood = *self.mood.lock().expect("no panic while held");
            match mood {
                Mood::Well => Ok(()),
                Mood::Refusing => Err(SessionError::Backend("LOADING".into())),
                Mood::Frozen => std::future::pending().await,
            }
        }
    }

    fn breaker(mood: Mood) -> Breaker<Moody> {
        Breaker::new(Moody { mood: Mutex::new(mood), asked: AtomicU32::new(0) })
    }

    impl Breaker<Moody> {
        fn turns(&self, mood: Mood) {
            *self.inner.mood.lock().expect("no panic while held") = mood;
        }
        fn asked(&self) -> u32 {
            self.inner.asked.load(Ordering::SeqCst)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_frozen_backend_costs_fifty_milliseconds_five_times_and_then_nothing() {
        let breaker = breaker(Mood::Frozen);
        let start = Instant::now();

        for _ in 0..5 {
            assert!(matches!(breaker.fetch("k").await, Err(SessionError::Late(_))));
        }
        assert_eq!(start.elapsed(), 5 * PATIENCE);
        for _ in 0..1_000 {
            assert!(matches!(breaker.fetch("k").await, Err(SessionError::Resting)));
        }

        assert_eq!(start.elapsed(), 5 * PATIENCE);
        assert_eq!(breaker.asked(), 5);
        assert_eq!(breaker.state(), BreakerState::Open);
    }

    #[tokio::test(start_paused = true)]
    async fn an_open_breaker_tries_the_backend_once_a_second() {
        let breaker = breaker(Mood::Refusing);
        for _ in 0..5 {
            breaker.ping().await.unwrap_err();
        }

        for second in 1..=3 {
            tokio::time::advance(PROBE_EVERY).await;
            for _ in 0..10 {
                breaker.ping().await.unwrap_err();
            }
            assert_eq!(breaker.asked(), 5 + second);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_answer_closes_the_breaker() {
        let breaker = breaker(Mood::Refusing);
        for _ in 0..5 {
            breaker.ping().await.unwrap_err();
        }
        breaker.turns(Mood::Well);
        tokio::time::advance(PROBE_EVERY).await;

        breaker.ping().await.unwrap();

        assert_eq!(breaker.state(), BreakerState::Closed);
        for _ in 0..10 {
            breaker.fetch("k").await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_that_are_not_in_a_row_do_not_open_it() {
        let breaker = breaker(Mood::Well);
        for _ in 0..20 {
            breaker.turns(Mood::Refusing);
            for _ in 0..4 {
                breaker.ping().await.unwrap_err();
            }
            breaker.turns(Mood::Well);
            breaker.ping().await.unwrap();
        }

        assert_eq!(breaker.state(), BreakerState::Closed);
    }
}
