//! OpenID to UnionID.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::desk::{Answer, Desk, State};
use super::known::{Known, People};
use crate::account::{Account, AccountKind};
use crate::ids::{AppId, OpenId, UnionId};
use crate::platform::{Platform, PlatformError, UserInfo};
use crate::session::Sessions;

/// How long what is known stays true enough.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// For a person whose UnionID is known. It changes only when the account is bound to another open-platform account.
    pub known_ttl: Duration,
    /// For a person of an account that gives no UnionIDs. Short: the account may be bound any day.
    pub unbound_ttl: Duration,
    /// Right after a follow WeChat's record may lag: ask again after this pause when it says that the person does not
    /// follow.
    pub follow_pause: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            known_ttl: Duration::from_secs(86_400),
            unbound_ttl: Duration::from_secs(600),
            follow_pause: Duration::from_millis(200),
        }
    }
}

/// What WeChat says about a person.
#[derive(Clone, Debug)]
pub enum Resolved {
    /// They follow the account, and this is their UnionID.
    Union(UnionId),
    /// There is no UnionID to be had: the account is not bound to an open-platform account, or it is a mini-program, whose
    /// people have one only through their login.
    Unbound,
    /// They do not follow; WeChat may give the UnionID all the same.
    NotSubscribed(Option<UnionId>),
    /// No answer in time, or none that helps. [`PlatformError::Refused`] will be refused again.
    Failed(PlatformError),
}

impl Resolved {
    /// The UnionID, however it came out.
    #[must_use]
    pub fn union_id(&self) -> Option<&UnionId> {
        match self {
            Self::Union(id) | Self::NotSubscribed(Some(id)) => Some(id),
            Self::Unbound | Self::NotSubscribed(None) | Self::Failed(_) => None,
        }
    }

    /// Label of metrics.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Union(_) => "union",
            Self::Unbound => "unbound",
            Self::NotSubscribed(_) => "not_subscribed",
            Self::Failed(_) => "failed",
        }
    }
}

/// Finds out who an OpenID is.
pub struct Resolver {
    people: People,
    platform: Arc<dyn Platform>,
    settings: Settings,
    desks: Mutex<HashMap<AppId, Arc<Desk>>>,
}

impl Resolver {
    /// Remembers in `sessions`, asks `platform`.
    #[must_use]
    pub fn new(sessions: Arc<dyn Sessions>, platform: Arc<dyn Platform>, settings: Settings) -> Self {
        Self { people: People { sessions }, platform, settings, desks: Mutex::default() }
    }

    /// What Sessions know. A value that cannot be read is removed; Sessions that do not answer know nothing.
    pub async fn recall(&self, app_id: &AppId, open_id: &OpenId) -> Option<Known> {
        self.people.recall(app_id, open_id).await
    }

    /// Lets all gateways know for a day, or for ten minutes when there is no UnionID. What [`Resolver::resolve`] finds is
    /// remembered by itself.
    pub async fn remember(&self, app_id: &AppId, open_id: &OpenId, known: &Known) {
        let ttl = match known.union_id {
            Some(_) => self.settings.known_ttl,
            None => self.settings.unbound_ttl,
        };
        self.people.remember(app_id, open_id, known, ttl).await;
    }

    /// Removes what is known, as WeChat demands when a person stops following or withdraws consent.
    pub async fn forget(&self, app_id: &AppId, open_id: &OpenId) {
        self.people.forget(app_id, open_id).await;
    }

    /// Asks WeChat, waiting at most `budget`. Callers that ask about the same person share one answer, callers that ask
    /// about people of the same account share calls. A caller that gives up cancels nothing: the answer is remembered.
    ///
    /// Mini-programs are not asked (`user/info` refuses them with 48001): they are [`Resolved::Unbound`].
    pub async fn resolve(&self, account: &Arc<Account>, open_id: &OpenId, budget: Duration) -> Resolved {
        match account.kind {
            AccountKind::MiniProgram => Resolved::Unbound,
            AccountKind::OfficialAccount => self.ask(account, open_id, Instant::now() + budget).await,
        }
    }

    async fn ask(&self, account: &Arc<Account>, open_id: &OpenId, deadline: Instant) -> Resolved {
        let desk = self.desk(account);
        let mut answer = answer(&desk, open_id, deadline).await;
        let pause = self.settings.follow_pause;
        if matches!(&answer, Ok(UserInfo { subscribed: false, union_id: None }))
            && Instant::now() + pause < deadline
        {
            tokio::time::sleep(pause).await;
            answer = self::answer(&desk, open_id, deadline).await;
        }
        match answer {
            Ok(UserInfo { subscribed: true, union_id: Some(id) }) => Resolved::Union(id),
            Ok(UserInfo { subscribed: true, union_id: None }) => Resolved::Unbound,
            Ok(UserInfo { subscribed: false, union_id }) => Resolved::NotSubscribed(union_id),
            Err(error) => Resolved::Failed(error),
        }
    }

    fn desk(&self, account: &Arc<Account>) -> Arc<Desk> {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        let desk = desks.entry(account.app_id.clone()).or_insert_with(|| {
            Arc::new(Desk {
                account: account.clone(),
                platform: self.platform.clone(),
                people: self.people.clone(),
                known_ttl: self.settings.known_ttl,
                unbound_ttl: self.settings.unbound_ttl,
                state: Mutex::new(State::default()),
                called: Notify::new(),
            })
        });
        desk.clone()
    }
}

async fn answer(desk: &Arc<Desk>, open_id: &OpenId, deadline: Instant) -> Answer {
    match timeout_at(deadline, desk.ask(open_id)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(PlatformError::Transient("the gateway stopped asking".into())),
        Err(_) => Err(PlatformError::Transient("no answer in the time that a callback can spare".into())),
    }
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
