//! Days and months of the program's time zone: what caps, lots and counts are kept by.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::{DAY, SECOND, UnixMs};

/// The program's time zone.
#[derive(Clone, Debug)]
pub(super) enum Zone {
    /// Seconds east of UTC, the same all year: no lookup on the way of a callback.
    Fixed(i32),
    /// One with daylight saving time, from the machine's time zone database.
    Named(TimeZone),
}

/// A zone that has kept one offset since WeChat exists, and needs no time zone database.
const STEADY: [(&str, i32); 7] = [
    ("Asia/Shanghai", 8),
    ("Asia/Hong_Kong", 8),
    ("Asia/Macau", 8),
    ("Asia/Taipei", 8),
    ("Asia/Singapore", 8),
    ("Asia/Tokyo", 9),
    ("UTC", 0),
];

impl Zone {
    /// The zone of that IANA name, or `None`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        if let Some((_, hours)) = STEADY.iter().find(|(steady, _)| *steady == name) {
            return Some(Self::Fixed(hours * 3600));
        }
        TimeZone::get(name).ok().map(Self::Named)
    }

    /// The local day of a moment.
    pub(super) fn day(&self, at: UnixMs) -> Day {
        let offset = match self {
            Self::Fixed(seconds) => *seconds,
            Self::Named(zone) => Timestamp::from_millisecond(at).map_or(0, |at| zone.to_offset(at).seconds()),
        };
        let day = at.saturating_add(i64::from(offset) * SECOND).div_euclid(DAY);
        Day(day.clamp(i64::from(Day::MIN.0), i64::from(Day::MAX.0)) as i32)
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::Fixed(8 * 3600)
    }
}

/// A local day, as days since 1970-01-01. Kept within years 0 to 9999, so that arithmetic on it cannot overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(i32);

impl Day {
    const MIN: Self = Self(-719_468);
    const MAX: Self = Self(2_932_896);

    /// That many days since 1970-01-01.
    pub(super) fn new(days: i32) -> Self {
        Self(days.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Days since 1970-01-01.
    pub(super) fn number(self) -> i32 {
        self.0
    }

    /// So many days later.
    pub(super) fn plus(self, days: i32) -> Self {
        Self::new(self.0.saturating_add(days))
    }

    /// Year and month, as 202611.
    pub(super) fn month(self) -> u32 {
        let (year, month, _) = self.civil();
        (year.max(0) * 100 + month) as u32
    }

    /// Year.
    pub(super) fn year(self) -> i32 {
        self.civil().0
    }

    /// So many months later: the same day of the month, or the month's last.
    fn plus_months(self, months: i32) -> Self {
        let (year, month, day) = self.civil();
        let months = year * 12 + month - 1 + months;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        Self::of(year, month, day.min(length(year, month)))
    }

    /// The last day of its month.
    fn month_end(self) -> Self {
        let (year, month, _) = self.civil();
        Self::of(year, month, length(year, month))
    }

    /// Year, month, day. Hinnant's `civil_from_days`.
    pub(super) fn civil(self) -> (i32, i32, i32) {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        (year_of_era + era * 400 + i32::from(month <= 2), month, day)
    }

    /// Hinnant's `days_from_civil`.
    fn of(year: i32, month: i32, day: i32) -> Self {
        let year = year - i32::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self::new(era * 146_097 + day_of_era - 719_468)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

fn length(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// How long points live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lifetime {
    /// `365d`
    Days(i32),
    /// `24M`, or `24M_U` for "and to the end of that month".
    Months {
        /// How many.
        months: i32,
        /// To the end of the month.
        to_end: bool,
    },
}

impl Lifetime {
    /// The last day of what begins on `day`.
    pub(super) fn last_day(self, day: Day) -> Day {
        match self {
            Self::Days(days) => day.plus(days),
            Self::Months { months, to_end } => {
                let last = day.plus_months(months);
                if to_end { last.month_end() } else { last }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> UnixMs {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_day_begins_at_local_midnight() {
        let shanghai = Zone::parse("Asia/Shanghai").unwrap();

        assert_eq!(shanghai.day(at("2026-10-31T15:59:59.999Z")).to_string(), "2026-10-31");
        assert_eq!(shanghai.day(at("2026-10-31T16:00:00Z")).to_string(), "2026-11-01");
        assert_eq!(shanghai.day(at("2026-10-31T16:00:00Z")).month(), 202_611);
    }

    #[test]
    fn points_of_24_months_live_to_the_end_of_the_month() {
        let life = Lifetime::Months { months: 24, to_end: true };

        assert_eq!(life.last_day(Day::of(2026, 2, 3)).to_string(), "2028-02-29");
        assert_eq!(
            Lifetime::Months { months: 1, to_end: false }.last_day(Day::of(2026, 1, 31)).to_string(),
            "2026-02-28"
        );
        assert_eq!(Lifetime::Days(365).last_day(Day::of(2026, 11, 1)).to_string(), "2027-11-01");
    }

    #[test]
    fn a_zone_that_nobody_knows_is_none() {
        assert!(Zone::parse("Asia/Atlantis").is_none());
    }

    proptest! {
        #[test]
        fn the_calendar_agrees_with_jiff(day in -700_000..2_900_000_i32) {
            let date = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(i64::from(day));
            let ours = Day::new(day);
            prop_assert_eq!(ours.civil(), (i32::from(date.year()), i32::from(date.month()), i32::from(date.day())));
            let (year, month, day_of_month) = ours.civil();
            prop_assert_eq!(Day::of(year, month, day_of_month), ours);
        }

        #[test]
        fn no_moment_overflows(at in any::<i64>()) {
            let day = Zone::default().day(at);
            prop_assert!(Lifetime::Days(i32::MAX).last_day(day) >= day);
        }
    }
}
