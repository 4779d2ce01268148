//! What an account may not ask for now: quotas that are used up, and rights that it does not have.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::PlatformError;
use super::api::Api;
use super::errcode::{self, Meaning};
use crate::clock::{DAY, SECOND, UnixMs};
use crate::ids::AppId;

const HOUR: UnixMs = 3_600 * SECOND;
const MINUTE: UnixMs = 60 * SECOND;
/// Quotas begin anew at midnight in China.
const CHINA: UnixMs = 8 * HOUR;

/// Remembered per account and API, in this process: every gateway learns it by one call of its own.
#[derive(Debug, Default)]
pub(super) struct Stops(Mutex<HashMap<(AppId, &'static str), Stop>>);

#[derive(Clone, Copy, Debug)]
struct Stop {
    code: i64,
    until: UnixMs,
}

impl Stops {
    /// The error that the call would meet, if that is known.
    pub(super) fn check(&self, app_id: &AppId, api: &Api, now: UnixMs) -> Result<(), PlatformError> {
        let stops = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match stops.get(&(app_id.clone(), api.path)) {
            Some(stop) if now < stop.until => Err(error(stop.code, api)),
            _ => Ok(()),
        }
    }

    /// Remembers `code` if it concerns all further calls, and says what it is for the caller.
    pub(super) fn met(&self, app_id: &AppId, api: &Api, code: i64, now: UnixMs) -> PlatformError {
        let until = match errcode::meaning(code) {
            Meaning::QuotaMinute => Some((now / MINUTE + 1) * MINUTE),
            Meaning::QuotaDay => Some(((now + CHINA) / DAY + 1) * DAY - CHINA),
            // An operator may gain the right at any time.
            Meaning::NotAllowed => Some(now + HOUR),
            _ => None,
        };
        if let Some(until) = until {
            tracing::warn!(app.id = %app_id, api = api.path, errcode = code, until, "this API rests");
            metrics::counter!("gateway_wechat_api_stops_total", "api" => api.path, "code" => code.to_string())
                .increment(1);
            let mut stops = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            stops.insert((app_id.clone(), api.path), Stop { code, until });
        }
        error(code, api)
    }
}

fn error(code: i64, api: &Api) -> PlatformError {
    match errcode::meaning(code) {
        Meaning::Busy => PlatformError::Transient(format!("{} is busy ({code})", api.path)),
        Meaning::StaleToken => {
            PlatformError::Transient(format!("{} rejects the access token just obtained ({code})", api.path))
        }
        Meaning::QuotaMinute => {
            PlatformError::Transient(format!("{} is used up until the next minute ({code})", api.path))
        }
        Meaning::QuotaDay => {
            PlatformError::Transient(format!("{} is used up until 00:00 in China ({code})", api.path))
        }
        _ => PlatformError::Refused { code, hint: errcode::hint(code) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: Api = Api::read("/cgi-bin/user/info");
    const OTHER: Api = Api::read("/cgi-bin/user/get");

    fn app() -> AppId {
        AppId::parse("wx00000000000000aa").unwrap()
    }

    fn ms(text: &str) -> UnixMs {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    fn stopped_at(stops: &Stops, text: &str) -> bool {
        stops.check(&app(), &API, ms(text)).is_err()
    }

    #[test]
    fn a_daily_quota_stops_the_api_until_midnight_in_china() {
        let stops = Stops::default();

        let error = stops.met(&app(), &API, 45009, ms("2026-03-01T15:59:00+08:00"));

        assert!(matches!(error, PlatformError::Transient(_)));
        assert!(stopped_at(&stops, "2026-03-01T23:59:59.999+08:00"));
        assert!(!stopped_at(&stops, "2026-03-02T00:00:00+08:00"));
        assert!(stops.check(&app(), &OTHER, ms("2026-03-01T16:00:00+08:00")).is_ok());
    }

    #[test]
    fn a_minute_quota_stops_the_api_until_the_next_minute() {
        let stops = Stops::default();

        stops.met(&app(), &API, 45011, ms("2026-03-01T10:00:59Z"));

        assert!(stopped_at(&stops, "2026-03-01T10:00:59.999Z"));
        assert!(!stopped_at(&stops, "2026-03-01T10:01:00Z"));
    }

    #[test]
    fn a_missing_right_is_remembered_for_the_account_and_no_other() {
        let stops = Stops::default();
        let other = AppId::parse("wx00000000000000bb").unwrap();

        stops.met(&app(), &API, 48001, 0);

        assert!(matches!(stops.check(&app(), &API, 1), Err(PlatformError::Refused { code: 48001, .. })));
        assert!(stops.check(&other, &API, 1).is_ok());
        assert!(stops.check(&app(), &API, HOUR).is_ok());
    }

    #[test]
    fn what_concerns_one_person_stops_nothing() {
        let stops = Stops::default();

        for code in [45015, 45047, 43004, 48002, 50002, 40003, -1] {
            stops.met(&app(), &API, code, 0);
            assert!(stops.check(&app(), &API, 1).is_ok(), "{code}");
        }
    }
}
