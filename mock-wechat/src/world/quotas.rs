//! How often each account called each API: by the day of Beijing and by the minute, and how often its counts were
//! cleared.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{account::Limit, saved};

/// Seconds that Beijing is ahead of UTC: quotas begin anew at its midnight.
const BEIJING: i64 = 8 * 3600;
/// Clearings in a month.
const CLEARINGS: u32 = 10;

/// Daily limits that WeChat documents; the last is for every other API. A new account's: they grow with its followers.
const DAILY: &[(&str, u64)] = &[
    ("/cgi-bin/token", 2_000),
    ("/cgi-bin/stable_token", 500_000),
    ("/cgi-bin/user/info", 5_000_000),
    ("/cgi-bin/user/get", 500),
    ("/cgi-bin/message/custom/send", 500_000),
    ("/cgi-bin/message/template/send", 100_000),
    ("/cgi-bin/message/mass/preview", 100),
    ("/cgi-bin/menu/create", 1_000),
    ("/cgi-bin/menu/get", 10_000),
    ("/cgi-bin/menu/addconditional", 2_000),
    ("/cgi-bin/menu/delconditional", 2_000),
    ("/cgi-bin/menu/trymatch", 20_000),
    ("/cgi-bin/media/upload", 100_000),
    ("/cgi-bin/media/get", 200_000),
    ("/cgi-bin/qrcode/create", 100_000),
    ("/cgi-bin/ticket/getticket", 1_000_000),
];
const DAILY_OTHERS: u64 = 1_000_000;

/// What stands between a path and a person, where calls are counted by person.
pub(crate) const BY_PERSON: &str = " of ";

/// Limits by the minute.
const MINUTELY: &[(&str, u64)] = &[
    ("/cgi-bin/stable_token", 10_000),
    ("/sns/oauth2/access_token", 50_000),
    ("/wxa/getwxacodeunlimit", 5_000),
    ("/cgi-bin/message/mass/sendall", 60),
    ("/cgi-bin/message/mass/send", 60),
];

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    /// 45009
    Day,
    /// 45011
    Minute,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Quotas {
    #[serde(serialize_with = "saved::sorted")]
    of: HashMap<String, OfAccount>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct OfAccount {
    day: i64,
    minute: i64,
    /// Calls of this day and of this minute.
    #[serde(serialize_with = "saved::sorted")]
    calls: HashMap<String, (u64, u64)>,
    month: i64,
    clearings: u32,
}

/// An API's limits and what is used of the day's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) daily: u64,
    pub(crate) used: u64,
    pub(crate) per_minute: Option<u64>,
}

impl Quotas {
    /// Counts a call, or refuses it. `limit` is the account's own, in the place of the documented ones.
    pub(crate) fn charge(
        &mut self,
        app_id: &str,
        path: &str,
        limit: Option<&Limit>,
        now: i64,
    ) -> Result<(), Reached> {
        if !self.of.contains_key(app_id) {
            self.of.insert(app_id.to_owned(), OfAccount::default());
        }
        let Some(of) = self.of.get_mut(app_id) else { return Ok(()) };
        of.turn(now);
        let (daily, per_minute) = limits(path, limit);
        if !of.calls.contains_key(path) {
            of.calls.insert(path.to_owned(), (0, 0));
        }
        let Some((day, minute)) = of.calls.get_mut(path) else { return Ok(()) };
        if *day >= daily {
            return Err(Reached::Day);
        }
        if per_minute.is_some_and(|most| *minute >= most) {
            return Err(Reached::Minute);
        }
        (*day, *minute) = (*day + 1, *minute + 1);
        Ok(())
    }

    pub(crate) fn quota(&mut self, app_id: &str, path: &str, limit: Option<&Limit>, now: i64) -> Quota {
        let of = self.of.entry(app_id.to_owned()).or_default();
        of.turn(now);
        let (daily, per_minute) = limits(path, limit);
        Quota { daily, used: of.calls.get(path).map_or(0, |(day, _)| *day), per_minute }
    }

    /// Forgets the day's calls of one API, or of all; `false` when the month's clearings are used up.
    pub(crate) fn clear(&mut self, app_id: &str, path: Option<&str>, now: i64) -> bool {
        let of = self.of.entry(app_id.to_owned()).or_default();
        let month = (now + BEIJING).div_euclid(30 * 86_400);
        if of.month != month {
            (of.month, of.clearings) = (month, 0);
        }
        if of.clearings == CLEARINGS {
            return false;
        }
        of.clearings += 1;
        match path {
            Some(path) => drop(of.calls.remove(path)),
            None => of.calls.clear(),
        }
        true
    }

    pub(crate) fn forget_all(&mut self) {
        self.of.clear();
    }
}

impl OfAccount {
    fn turn(&mut self, now: i64) {
        let (day, minute) = ((now + BEIJING).div_euclid(86_400), now.div_euclid(60));
        if self.day != day {
            self.calls.clear();
        } else if self.minute != minute {
            // What is counted by person is limited by the minute only.
            self.calls.retain(|path, _| !path.contains(BY_PERSON));
            self.calls.values_mut().for_each(|(_, of_minute)| *of_minute = 0);
        }
        (self.day, self.minute) = (day, minute);
    }
}

fn limits(path: &str, own: Option<&Limit>) -> (u64, Option<u64>) {
    let of = |table: &[(&str, u64)]| table.iter().find(|(known, _)| *known == path).map(|(_, most)| *most);
    let documented = (of(DAILY).unwrap_or(DAILY_OTHERS), of(MINUTELY));
    let daily = own.and_then(|limit| limit.daily).unwrap_or(documented.0);
    (daily, own.and_then(|limit| limit.per_minute).or(documented.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/cgi-bin/user/get";
    /// Midnight in Beijing.
    const MIDNIGHT: i64 = 1_760_025_600;

    #[test]
    fn the_day_of_beijing_and_the_minute_each_have_a_limit() {
        let mut quotas = Quotas::default();
        let limit = Limit { daily: Some(3), per_minute: Some(2) };
        let mut charge = |now| quotas.charge("wx1", PATH, Some(&limit), now);
        let evening = MIDNIGHT - 120;

        assert_eq!([charge(evening), charge(evening)], [Ok(()), Ok(())]);
        assert_eq!(charge(evening), Err(Reached::Minute));
        assert_eq!(charge(evening + 60), Ok(()));
        assert_eq!(charge(evening + 60), Err(Reached::Day));
        assert_eq!(charge(MIDNIGHT), Ok(()));
    }

    #[test]
    fn counts_are_cleared_ten_times_a_month() {
        let mut quotas = Quotas::default();
        quotas.charge("wx1", PATH, None, MIDNIGHT).unwrap();
        assert_eq!(
            quotas.quota("wx1", PATH, None, MIDNIGHT),
            Quota { daily: 500, used: 1, per_minute: None }
        );

        for _ in 0..10 {
            assert!(quotas.clear("wx1", Some(PATH), MIDNIGHT));
        }
        assert_eq!(quotas.quota("wx1", PATH, None, MIDNIGHT).used, 0);
        assert!(!quotas.clear("wx1", None, MIDNIGHT));
        assert!(quotas.clear("wx1", None, MIDNIGHT + 31 * 86_400));
    }
}
