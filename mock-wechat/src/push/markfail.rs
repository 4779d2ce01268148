//! MarkFail: after many failures in a short time WeChat pushes nothing to a server for a minute. What happens meanwhile is
//! lost, not queued.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

/// Seconds in which the failures have to happen. WeChat says "many in a short time"; how many is the account's
/// `push.mark_fail`.
const SHORT: i64 = 60;
/// Seconds for which nothing is pushed.
const SUSPENDED: i64 = 60;

/// The failures of every account's server.
#[derive(Debug, Default)]
pub(crate) struct Marks(Mutex<HashMap<String, Mark>>);

#[derive(Debug, Default)]
struct Mark {
    failures: VecDeque<i64>,
    until: i64,
}

impl Marks {
    /// Whether nothing is pushed to this account's server now.
    pub(crate) fn suspended(&self, app_id: &str, now: i64) -> bool {
        self.with(app_id, |mark| now < mark.until)
    }

    /// A push has failed for good.
    pub(crate) fn failed(&self, app_id: &str, limit: u32, now: i64) {
        self.with(app_id, |mark| {
            mark.failures.retain(|at| now - at < SHORT);
            mark.failures.push_back(now);
            if limit > 0 && mark.failures.len() >= limit as usize {
                mark.failures.clear();
                mark.until = now + SUSPENDED;
            }
        });
    }

    pub(crate) fn forget_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn with<T>(&self, app_id: &str, act: impl FnOnce(&mut Mark) -> T) -> T {
        let mut marks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        act(marks.entry(app_id.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_failures_within_a_minute_suspend_for_a_minute() {
        let marks = Marks::default();
        marks.failed("wx1", 3, 0);
        marks.failed("wx1", 3, 61);
        marks.failed("wx1", 3, 62);
        assert!(!marks.suspended("wx1", 62), "the first one is too long ago");

        marks.failed("wx1", 3, 63);

        assert!(marks.suspended("wx1", 63) && marks.suspended("wx1", 122));
        assert!(!marks.suspended("wx1", 123) && !marks.suspended("wx2", 63));
    }

    #[test]
    fn no_limit_means_never() {
        let marks = Marks::default();
        for _ in 0..1000 {
            marks.failed("wx1", 0, 0);
        }
        assert!(!marks.suspended("wx1", 0));
    }
}
