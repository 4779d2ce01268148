//! What accounts sent to many followers at once: the jobs, and how many of the month's messages each follower had.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::saved;
use crate::ids::PersonKey;

/// Messages that a service account may send to one follower in a month.
const MONTHLY: u32 = 4;
/// Seconds in which a client's id may not be used again at all.
const TOO_FAST: i64 = 60;
/// Seconds that Beijing is ahead of UTC: months begin at its midnight.
const BEIJING: i64 = 8 * 3600;

/// One job.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    app_id: String,
    id: i64,
    client_id: Option<String>,
    /// Unix seconds; of a repetition, when that was tried last.
    at: i64,
    deleted: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Mass {
    jobs: Vec<Job>,
    /// The month, and how many messages of it.
    #[serde(with = "saved::pairs")]
    had: HashMap<(PersonKey, String), (i64, u32)>,
}

/// A client's id was used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// Within a minute.
    TooFast,
    /// The job that it was used for.
    Exists(i64),
}

impl Mass {
    /// Whether a client's id is new; trying counts.
    pub(crate) fn check(&mut self, app_id: &str, client_id: &str, now: i64) -> Result<(), Again> {
        let is_it = |job: &&mut Job| job.app_id == app_id && job.client_id.as_deref() == Some(client_id);
        let Some(job) = self.jobs.iter_mut().find(is_it) else { return Ok(()) };
        let since = now - job.at;
        job.at = now;
        Err(if since < TOO_FAST { Again::TooFast } else { Again::Exists(job.id) })
    }

    /// Takes one of the follower's messages of this month; `false` when they had them all.
    pub(crate) fn take(&mut self, person: PersonKey, app_id: &str, now: i64) -> bool {
        let month = month(now);
        let had = self.had.entry((person, app_id.to_owned())).or_insert((month, 0));
        if had.0 != month {
            *had = (month, 0);
        }
        if had.1 == MONTHLY {
            return false;
        }
        had.1 += 1;
        true
    }

    pub(crate) fn remember(&mut self, app_id: &str, id: i64, client_id: Option<&str>, now: i64) {
        let client_id = client_id.map(str::to_owned);
        self.jobs.push(Job { app_id: app_id.to_owned(), id, client_id, at: now, deleted: false });
    }

    /// Whether there is such a job, and whether it was deleted.
    pub(crate) fn find(&self, app_id: &str, id: i64) -> Option<bool> {
        self.jobs.iter().find(|job| job.app_id == app_id && job.id == id).map(|job| job.deleted)
    }

    pub(crate) fn delete(&mut self, app_id: &str, id: i64) -> bool {
        let job = self.jobs.iter_mut().find(|job| job.app_id == app_id && job.id == id);
        job.map(|job| job.deleted = true).is_some()
    }

    pub(crate) fn forget(&mut self, app_id: &str) {
        self.jobs.retain(|job| job.app_id != app_id);
        self.had.retain(|(_, of), _| of != app_id);
    }
}

/// Counts up over the months of Beijing.
fn month(now: i64) -> i64 {
    let time = jiff::Timestamp::from_second(now + BEIJING).unwrap_or_default();
    let date = time.to_zoned(jiff::tz::TimeZone::UTC).date();
    i64::from(date.year()) * 12 + i64::from(date.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_follower_has_four_messages_a_month() {
        let mut mass = Mass::default();
        let lin = PersonKey::of("lin");
        let now = 1_760_000_000; // 9 October 2025

        assert!((0..4).all(|_| mass.take(lin, "wx1", now)));
        assert!(!mass.take(lin, "wx1", now) && mass.take(lin, "wx2", now));
        assert!(mass.take(lin, "wx1", now + 31 * 86_400));
    }

    #[test]
    fn a_client_s_id_is_used_once() {
        let mut mass = Mass::default();
        mass.remember("wx1", 7, Some("spring"), 0);

        assert_eq!(mass.check("wx1", "summer", 1), Ok(()));
        assert_eq!(mass.check("wx1", "spring", 59), Err(Again::TooFast));
        assert_eq!(mass.check("wx1", "spring", 100), Err(Again::TooFast), "trying counts");
        assert_eq!(mass.check("wx1", "spring", 160), Err(Again::Exists(7)));
    }
}
