//! What web pages hold on behalf of a person: OAuth tokens, which are another world than the accounts' access tokens, and
//! the JS-SDK's tickets.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::saved;
use crate::ids::{self, PersonKey};

/// Seconds that an access token and a JS-SDK ticket live.
pub(crate) const LIFETIME: i64 = 7200;
/// Seconds that a refresh token lives.
const REFRESH: i64 = 30 * 86_400;

/// What a person consented to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) app_id: String,
    pub(crate) person: PersonKey,
    pub(crate) user_info: bool,
    /// The page was opened in snapshot mode: the person is not the real one.
    pub(crate) snapshot: bool,
}

/// The two tokens that a page's server gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

/// Why a token does not open anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stale {
    Unknown,
    Expired,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Web {
    #[serde(serialize_with = "saved::sorted")]
    access: HashMap<String, (Grant, i64)>,
    #[serde(serialize_with = "saved::sorted")]
    refresh: HashMap<String, (Grant, i64)>,
    #[serde(with = "saved::pairs")]
    tickets: HashMap<(String, String), (String, i64)>,
    issued: u64,
}

impl Grant {
    pub(crate) fn scope(&self) -> &'static str {
        if self.user_info { "snsapi_userinfo" } else { "snsapi_base" }
    }

    /// Whom the account is told of: in snapshot mode somebody who does not exist.
    pub(crate) fn seen_as(&self) -> PersonKey {
        if self.snapshot { PersonKey::of(&format!("snapshot {}", self.person.number())) } else { self.person }
    }
}

impl Web {
    pub(crate) fn issue(&mut self, grant: &Grant, now: i64) -> Pair {
        let refresh_token = self.token(grant, "refresh");
        self.refresh.insert(refresh_token.clone(), (grant.clone(), now + REFRESH));
        Pair { access_token: self.access(grant, now), refresh_token }
    }

    /// A new access token for a refresh token, which stays as it is.
    pub(crate) fn refresh(&mut self, app_id: &str, token: &str, now: i64) -> Result<(Grant, Pair), Stale> {
        let grant = open(&self.refresh, token, now)?.clone();
        if grant.app_id != app_id {
            return Err(Stale::Unknown);
        }
        let access_token = self.access(&grant, now);
        Ok((grant, Pair { access_token, refresh_token: token.to_owned() }))
    }

    pub(crate) fn grant(&self, access_token: &str, now: i64) -> Result<&Grant, Stale> {
        open(&self.access, access_token, now)
    }

    /// The account's ticket of that type with the seconds it has left.
    pub(crate) fn ticket(&mut self, app_id: &str, kind: &str, now: i64) -> (String, i64) {
        let key = (app_id.to_owned(), kind.to_owned());
        if let Some((ticket, end)) = self.tickets.get(&key).filter(|(_, end)| *end > now) {
            return (ticket.clone(), end - now);
        }
        self.issued += 1;
        let ticket = ids::opaque(86, &["ticket", app_id, kind, &self.issued.to_string()]);
        self.tickets.insert(key, (ticket.clone(), now + LIFETIME));
        (ticket, LIFETIME)
    }

    pub(crate) fn forget(&mut self, app_id: &str) {
        self.access.retain(|_, (grant, _)| grant.app_id != app_id);
        self.refresh.retain(|_, (grant, _)| grant.app_id != app_id);
        self.tickets.retain(|(of, _), _| of != app_id);
    }

    fn access(&mut self, grant: &Grant, now: i64) -> String {
        self.access.retain(|_, (_, end)| now < *end + 86_400);
        let token = self.token(grant, "access");
        self.access.insert(token.clone(), (grant.clone(), now + LIFETIME));
        token
    }

    fn token(&mut self, grant: &Grant, kind: &str) -> String {
        self.issued += 1;
        let serial = self.issued.to_string();
        format!("{}_{}", 60 + self.issued % 40, ids::opaque(84, &["web", kind, &grant.app_id, &serial]))
    }
}

fn open<'a>(tokens: &'a HashMap<String, (Grant, i64)>, token: &str, now: i64) -> Result<&'a Grant, Stale> {
    let (grant, end) = tokens.get(token).ok_or(Stale::Unknown)?;
    if now < *end { Ok(grant) } else { Err(Stale::Expired) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_stays_the_same_until_its_end() {
        let mut web = Web::default();
        let (first, _) = web.ticket("wx1", "jsapi", 0);

        assert_eq!(web.ticket("wx1", "jsapi", 7000), (first.clone(), 200));
        assert_ne!(web.ticket("wx1", "wx_card", 0).0, first);
        assert_ne!(web.ticket("wx1", "jsapi", 7200).0, first);
        assert_eq!(first.len(), 86);
    }

    #[test]
    fn a_refresh_token_outlives_the_access_token() {
        let mut web = Web::default();
        let grant =
            Grant { app_id: "wx1".into(), person: PersonKey::of("lin"), user_info: true, snapshot: false };
        let pair = web.issue(&grant, 0);

        assert_eq!(web.grant(&pair.access_token, 7199), Ok(&grant));
        assert_eq!(web.grant(&pair.access_token, 7200), Err(Stale::Expired));
        assert_eq!(web.refresh("wx2", &pair.refresh_token, 7200), Err(Stale::Unknown));
        let (_, renewed) = web.refresh("wx1", &pair.refresh_token, 7200).unwrap();
        assert_eq!(web.grant(&renewed.access_token, 14_399), Ok(&grant));
        assert_eq!(web.refresh("wx1", &pair.refresh_token, REFRESH), Err(Stale::Expired));
    }
}
