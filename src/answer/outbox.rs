//! The worker that does what the store says is still owed: UnionIDs to find, messages to send, points to let lapse.
//!
//! A customer-service message has no idempotency key. It is therefore sent at most once: a message whose sending was
//! cut short (a crash, a lost answer) becomes `unknown` and is counted, never sent again; one whose window has closed
//! becomes `missed`, never sent late. Finding and lapsing may be repeated without harm, and are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::account::Account;
use crate::clock::{Clock, SECOND, UnixMs};
use crate::identity::{Resolved, Resolver};
use crate::ids::{AppId, DedupeKey, EventNo, PersonNo, UnionId};
use crate::ledger::{Action, Command, Errand, Facts, Fate, Message, Resolution, Subject};
use crate::platform::{Platform, PlatformError};
use crate::store::{Identity, PersonRef, Store, StoreError, Task};

/// Errands in hand at a time.
const AT_ONCE: usize = 64;
/// How long an errand is ours; longer than any call to the platform.
const LEASE: UnixMs = 15 * SECOND;
/// How often the store is asked when nothing is known to be due.
const IDLE: Duration = Duration::from_millis(500);
/// How long one search for a UnionID may take: nobody is waiting for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// WeChat's code for an account that may not send customer-service messages.
const NOT_ALLOWED: i64 = 48_001;

/// See the module.
pub struct Outbox {
    store: Arc<dyn Store>,
    platform: Arc<dyn Platform>,
    resolver: Arc<Resolver>,
    accounts: HashMap<AppId, Arc<Account>>,
    clock: Arc<dyn Clock>,
    wake: Notify,
    /// Accounts that WeChat does not let send: not asked again until the gateway restarts.
    mute: Mutex<Vec<AppId>>,
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outbox")
    }
}

impl Outbox {
    /// A worker that does nothing until [`Outbox::run`].
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        platform: Arc<dyn Platform>,
        resolver: Arc<Resolver>,
        accounts: &[Arc<Account>],
        clock: Arc<dyn Clock>,
    ) -> Self {
        let accounts = accounts.iter().map(|account| (account.app_id.clone(), account.clone())).collect();
        Self { store, platform, resolver, accounts, clock, wake: Notify::new(), mute: Mutex::default() }
    }

    /// Says that something may be due now.
    pub fn nudge(&self, fate: Fate) {
        if fate == Fate::Owed {
            self.wake.notify_one();
        }
    }

    /// Works until the future is dropped.
    pub async fn run(&self) {
        loop {
            match self.round().await {
                Ok(0) => {
                    drop(tokio::time::timeout(IDLE, self.wake.notified()).await);
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "the outbox cannot reach the store");
                    tokio::time::sleep(IDLE).await;
                }
            }
        }
    }

    /// Does what is due now; how many errands that was.
    ///
    /// # Errors
    /// [`StoreError`] when the store could not be asked; single errands that fail are due again later.
    pub async fn round(&self) -> Result<usize, StoreError> {
        let tasks = self.store.claim(self.clock.now(), AT_ONCE, LEASE).await?;
        let done = futures::future::join_all(tasks.iter().map(|task| self.errand(task))).await;
        for (task, result) in tasks.iter().zip(done) {
            if let Err(error) = result {
                tracing::warn!(errand = task.errand, %error, "an errand waits for the store");
            }
        }
        Ok(tasks.len())
    }

    async fn errand(&self, task: &Task) -> Result<(), StoreError> {
        match &task.what {
            Errand::Resolve => self.resolve(task).await,
            Errand::Send { message } => {
                let fate = self.send(task, message).await;
                match fate {
                    Ok(fate) => self.conclude(task.errand, task.person, task.event, &task.app_id, fate).await,
                    Err(again) => self.store.postpone(task.errand, again).await,
                }
            }
            Errand::Lapse => {
                let action = Action::Lapse { errand: task.errand };
                self.settle(task.person, task.event, &task.app_id, None, "points.lapse", action).await
            }
        }
    }

    /// Finds the UnionID of a provisional person; the store merges whom it proves to be one.
    async fn resolve(&self, task: &Task) -> Result<(), StoreError> {
        let found = match (&task.identity, self.accounts.get(&task.app_id)) {
            (Some(identity), Some(account)) => {
                self.resolver.resolve(account, &identity.open_id, PATIENCE).await
            }
            // The link was erased, or the account is no longer configured: nobody is left to be found.
            _ => Resolved::Unbound,
        };
        let now = self.clock.now();
        match found {
            Resolved::Failed(_) if now < task.deadline => {
                self.miss_overdue_welcome(task, now).await?;
                let pause = (SECOND << task.attempts.min(9)).min(task.deadline - now);
                self.store.postpone(task.errand, now + pause).await
            }
            found => {
                self.miss_overdue_welcome(task, now).await?;
                let action = Action::Resolve { errand: task.errand };
                self.settle(
                    task.person,
                    task.event,
                    &task.app_id,
                    found.union_id().cloned(),
                    "person.resolve",
                    action,
                )
                .await?;
                self.wake.notify_one();
                Ok(())
            }
        }
    }

    /// A welcome that waited for the UnionID past its window is missed, visibly.
    async fn miss_overdue_welcome(&self, task: &Task, now: UnixMs) -> Result<(), StoreError> {
        let Some(person) = self.store.person(PersonRef::No(task.person)).await? else { return Ok(()) };
        let owes = person.state.follows.get(&task.app_id).and_then(|follow| follow.owes);
        match owes {
            Some((event, until)) if until <= now => {
                self.conclude(0, task.person, event, &task.app_id, Fate::Missed).await
            }
            _ => Ok(()),
        }
    }

    /// `Ok` with what became of the message, `Err` with when to try again.
    async fn send(&self, task: &Task, message: &Message) -> Result<Fate, UnixMs> {
        let now = self.clock.now();
        if task.abandoned {
            return Ok(Fate::Unknown);
        }
        if now >= task.deadline {
            return Ok(Fate::Missed);
        }
        let (Some(Identity { open_id, .. }), Some(account)) =
            (&task.identity, self.accounts.get(&task.app_id).filter(|a| !self.is_mute(&a.app_id)))
        else {
            return Ok(Fate::Suppressed);
        };
        match self.platform.send(account, open_id, message).await {
            Ok(()) => Ok(Fate::Sent),
            Err(PlatformError::Unknown(_)) => Ok(Fate::Unknown),
            Err(PlatformError::Transient(_)) => {
                Err(now + (SECOND / 2 * i64::from(task.attempts)).min(5 * SECOND))
            }
            Err(PlatformError::Refused { code, hint }) => {
                tracing::warn!(account = %account.name, code, hint, "WeChat refuses a customer-service message");
                if code == NOT_ALLOWED {
                    self.mute.lock().unwrap_or_else(PoisonError::into_inner).push(account.app_id.clone());
                }
                Ok(Fate::Suppressed)
            }
        }
    }

    fn is_mute(&self, app_id: &AppId) -> bool {
        self.mute.lock().unwrap_or_else(PoisonError::into_inner).contains(app_id)
    }

    async fn conclude(
        &self,
        errand: i64,
        person: PersonNo,
        event: EventNo,
        app_id: &AppId,
        fate: Fate,
    ) -> Result<(), StoreError> {
        let action = Action::Conclude { errand, event, fate };
        self.settle(person, event, app_id, None, "welcome.concluded", action).await?;
        metrics::counter!("gateway_welcomes_total", "fate" => super::label(fate)).increment(1);
        Ok(())
    }

    async fn settle(
        &self,
        person: PersonNo,
        event: EventNo,
        app_id: &AppId,
        union_id: Option<UnionId>,
        kind: &str,
        action: Action,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let command = Command {
            // An errand ends once, whatever happens in between.
            key: DedupeKey::of(0, &format!("{kind}:{event}")),
            request: None,
            subject: Subject {
                person: Some(person),
                union_id,
                identity: None,
                resolution: Resolution::Never,
            },
            kind: kind.into(),
            occurred_at: now,
            received_at: now,
            facts: Facts { app_id: Some(app_id.clone()), ..Facts::default() },
            action,
        };
        self.store.settle(command).await.map(drop)
    }
}
