//! Access tokens: two independent lines per account, as WeChat's documents "获取 access_token" and "获取稳定版接口调用凭据"
//! describe them, and one more for each third-party platform that the account has authorised.

use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::saved;
use crate::ids;

/// Seconds that a token lives.
pub(crate) const LIFETIME: i64 = 7200;
/// Seconds for which an old token works beside its successor.
const OVERLAP: i64 = 300;
/// Seconds between two forced refreshes.
const FORCE_GAP: i64 = 30;
/// Forced refreshes in a day.
const FORCE_PER_DAY: u32 = 20;
/// Seconds after their end for which dead tokens are remembered, so that they answer 42001 and not 40001.
const REMEMBERED: i64 = 86_400;

/// Where a token came from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// `/cgi-bin/token`, or `component/api_component_token` for a third-party platform itself.
    Plain,
    /// `/cgi-bin/stable_token`
    Stable,
    /// `component/api_query_auth` and `component/api_authorizer_token`; the third-party platform's AppID.
    Authorizer(Arc<str>),
}

/// Whose token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holder<'a> {
    pub(crate) app_id: &'a str,
    /// The third-party platform that calls in the account's name.
    pub(crate) component: Option<&'a str>,
}

/// A token and the seconds it has left.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Issued {
    pub(crate) access_token: String,
    pub(crate) expires_in: i64,
}

/// Why a token does not open anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Unknown, superseded or another world's: 40001.
    Invalid,
    /// Its time is over: 42001.
    Expired,
}

/// What the control API can do to an account's live tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kill {
    /// As if another server had fetched a newer one: 40001.
    Supersede,
    /// As if their time were over: 42001.
    Expire,
}

#[derive(Debug, Serialize, Deserialize)]
struct Token {
    app_id: String,
    line: Line,
    expires_at: i64,
    /// When it stops working because a newer one exists.
    superseded_at: Option<i64>,
}

/// All tokens of all accounts.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tokens {
    #[serde(serialize_with = "saved::sorted")]
    tokens: HashMap<String, Token>,
    #[serde(with = "saved::pairs")]
    current: HashMap<(String, Line), String>,
    #[serde(serialize_with = "saved::sorted")]
    forced: HashMap<String, Forced>,
    minted: u64,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Forced {
    last: i64,
    day: i64,
    count: u32,
}

/// The day's forced refreshes are used up: 45009.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct QuotaReached;

impl Tokens {
    /// `/cgi-bin/token`: always a new token; the one before works for another five minutes.
    pub(crate) fn mint(&mut self, app_id: &str, now: i64) -> Issued {
        self.supersede(app_id, &Line::Plain, now + OVERLAP);
        self.issue(app_id, Line::Plain, now)
    }

    /// A third-party platform's token for an account that authorised it; the one before works for another five minutes.
    pub(crate) fn authorize(&mut self, app_id: &str, component: &str, now: i64) -> Issued {
        let line = Line::Authorizer(component.into());
        self.supersede(app_id, &line, now + OVERLAP);
        self.issue(app_id, line, now)
    }

    /// `/cgi-bin/stable_token`: the current token with its remaining time; a new one in its last five minutes, and
    /// the old one works to its end.
    pub(crate) fn stable(&mut self, app_id: &str, force: bool, now: i64) -> Result<Issued, QuotaReached> {
        if force && self.may_force(app_id, now)? {
            self.supersede(app_id, &Line::Stable, now);
            return Ok(self.issue(app_id, Line::Stable, now));
        }
        let current = self.current.get(&(app_id.to_owned(), Line::Stable));
        let alive = current.and_then(|key| Some((key, self.tokens.get(key)?)));
        match alive {
            Some((key, token)) if token.expires_at - now > OVERLAP && token.superseded_at.is_none() => {
                Ok(Issued { access_token: key.clone(), expires_in: token.expires_at - now })
            }
            _ => Ok(self.issue(app_id, Line::Stable, now)),
        }
    }

    /// Whose token this is.
    pub(crate) fn check(&self, access_token: &str, now: i64) -> Result<Holder<'_>, Refused> {
        let token = self.tokens.get(access_token).ok_or(Refused::Invalid)?;
        if token.superseded_at.is_some_and(|at| now >= at) {
            return Err(Refused::Invalid);
        }
        if now >= token.expires_at { Err(Refused::Expired) } else { Ok(token.holder()) }
    }

    /// Ends all live tokens of an account; how many there were.
    pub(crate) fn kill(&mut self, app_id: &str, how: Kill, now: i64) -> usize {
        let mut killed = 0;
        for token in self.tokens.values_mut().filter(|t| t.app_id == app_id && t.is_alive(now)) {
            match how {
                Kill::Supersede => token.superseded_at = Some(now),
                Kill::Expire => token.expires_at = now,
            }
            killed += 1;
        }
        killed
    }

    /// Forgets an account's tokens: they become unknown.
    pub(crate) fn forget(&mut self, app_id: &str) {
        self.tokens.retain(|_, token| token.app_id != app_id);
        self.current.retain(|(of, _), _| of != app_id);
    }

    fn issue(&mut self, app_id: &str, line: Line, now: i64) -> Issued {
        self.tokens.retain(|_, token| token.expires_at + REMEMBERED > now);
        self.minted += 1;
        let access_token = format!(
            "{}_{}",
            60 + self.minted % 40,
            ids::opaque(136, &["token", app_id, &self.minted.to_string()])
        );
        self.current.insert((app_id.to_owned(), line.clone()), access_token.clone());
        let token =
            Token { app_id: app_id.to_owned(), line, expires_at: now + LIFETIME, superseded_at: None };
        self.tokens.insert(access_token.clone(), token);
        Issued { access_token, expires_in: LIFETIME }
    }

    fn supersede(&mut self, app_id: &str, line: &Line, dies_at: i64) {
        for token in self.tokens.values_mut().filter(|t| t.app_id == app_id && t.line == *line) {
            token.superseded_at = Some(token.superseded_at.map_or(dies_at, |earlier| earlier.min(dies_at)));
        }
    }

    /// Whether a forced refresh takes place: not within 30 s of the last one.
    fn may_force(&mut self, app_id: &str, now: i64) -> Result<bool, QuotaReached> {
        let forced =
            self.forced.entry(app_id.to_owned()).or_insert(Forced { last: i64::MIN, day: 0, count: 0 });
        if now.saturating_sub(forced.last) < FORCE_GAP {
            return Ok(false);
        }
        let today = now.div_euclid(86_400);
        if forced.day != today {
            *forced = Forced { last: forced.last, day: today, count: 0 };
        }
        if forced.count == FORCE_PER_DAY {
            return Err(QuotaReached);
        }
        *forced = Forced { last: now, day: today, count: forced.count + 1 };
        Ok(true)
    }
}

impl Token {
    fn holder(&self) -> Holder<'_> {
        let component = match &self.line {
            Line::Authorizer(component) => Some(&**component),
            Line::Plain | Line::Stable => None,
        };
        Holder { app_id: &self.app_id, component }
    }

    fn is_alive(&self, now: i64) -> bool {
        now < self.expires_at && self.superseded_at.is_none_or(|at| now < at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_760_000_000;
    const OWN: Result<Holder<'_>, Refused> = Ok(Holder { app_id: "wx1", component: None });

    #[test]
    fn a_plain_token_outlives_its_successor_by_five_minutes_and_then_is_not_latest() {
        let mut tokens = Tokens::default();
        let first = tokens.mint("wx1", NOW).access_token;
        let second = tokens.mint("wx1", NOW + 10).access_token;

        assert_eq!(tokens.check(&first, NOW + 309), OWN);
        assert_eq!(tokens.check(&first, NOW + 310), Err(Refused::Invalid));
        assert_eq!(tokens.check(&second, NOW + 310), OWN);
        assert_eq!(tokens.check(&second, NOW + 10 + LIFETIME), Err(Refused::Expired));
        assert_eq!(tokens.check("nonsense", NOW), Err(Refused::Invalid));
    }

    #[test]
    fn the_stable_token_stays_the_same_until_its_last_five_minutes() {
        let mut tokens = Tokens::default();
        let first = tokens.stable("wx1", false, NOW).unwrap();
        let again = tokens.stable("wx1", false, NOW + 1000).unwrap();
        let renewed = tokens.stable("wx1", false, NOW + LIFETIME - 300).unwrap();

        assert_eq!(again, Issued { access_token: first.access_token.clone(), expires_in: LIFETIME - 1000 });
        assert_ne!(renewed.access_token, first.access_token);
        assert_eq!(tokens.check(&first.access_token, NOW + LIFETIME - 1), OWN);
        assert_eq!(tokens.check(&first.access_token, NOW + LIFETIME), Err(Refused::Expired));
    }

    #[test]
    fn the_two_lines_do_not_end_one_another() {
        let mut tokens = Tokens::default();
        let stable = tokens.stable("wx1", false, NOW).unwrap().access_token;
        let plain = tokens.mint("wx1", NOW).access_token;
        tokens.mint("wx1", NOW);
        tokens.stable("wx1", true, NOW + 100).unwrap();

        assert_eq!(tokens.check(&stable, NOW + 100), Err(Refused::Invalid), "forced: dead at once");
        assert_eq!(tokens.check(&plain, NOW + 299), OWN);
    }

    #[test]
    fn a_third_party_platform_has_a_line_of_its_own() {
        let mut tokens = Tokens::default();
        let own = tokens.mint("wx1", NOW).access_token;
        let theirs = tokens.authorize("wx1", "wxc", NOW).access_token;
        let others = tokens.authorize("wx1", "wxd", NOW).access_token;
        tokens.authorize("wx1", "wxc", NOW + 10);

        assert_eq!(tokens.check(&theirs, NOW + 309), Ok(Holder { app_id: "wx1", component: Some("wxc") }));
        assert_eq!(tokens.check(&theirs, NOW + 310), Err(Refused::Invalid));
        assert_eq!(tokens.check(&others, NOW + 310), Ok(Holder { app_id: "wx1", component: Some("wxd") }));
        assert_eq!(tokens.check(&own, NOW + 310), OWN);
    }

    #[test]
    fn a_refresh_is_forced_every_thirty_seconds_and_twenty_times_a_day_at_most() {
        let mut tokens = Tokens::default();
        let start = NOW - NOW.rem_euclid(86_400);
        let first = tokens.stable("wx1", true, start).unwrap();
        let sooner = tokens.stable("wx1", true, start + 29).unwrap();
        assert_eq!(sooner.access_token, first.access_token);

        for n in 1..20 {
            let before = tokens.stable("wx1", false, start + n * 30).unwrap();
            assert_ne!(tokens.stable("wx1", true, start + n * 30).unwrap(), before);
        }
        assert_eq!(tokens.stable("wx1", true, start + 600), Err(QuotaReached));
        assert!(tokens.stable("wx1", true, start + 86_400).is_ok());
    }

    #[test]
    fn killing_ends_every_live_token_in_the_way_that_was_asked() {
        let mut tokens = Tokens::default();
        let token = tokens.mint("wx1", NOW).access_token;
        assert_eq!(tokens.kill("wx1", Kill::Expire, NOW), 1);
        assert_eq!(tokens.check(&token, NOW), Err(Refused::Expired));

        let stable = tokens.stable("wx1", false, NOW).unwrap().access_token;
        assert_eq!(tokens.kill("wx1", Kill::Supersede, NOW), 1);
        assert_eq!(tokens.check(&stable, NOW), Err(Refused::Invalid));
        assert_ne!(tokens.stable("wx1", false, NOW).unwrap().access_token, stable);
    }
}
