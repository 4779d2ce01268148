//! Many askers, few questions. One desk per account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::known::{Known, People};
use super::pace::{Next, Pace};
use crate::account::Account;
use crate::ids::OpenId;
use crate::platform::errcode::{self, Meaning};
use crate::platform::{Platform, PlatformError, UserInfo};

pub(super) type Answer = Result<UserInfo, PlatformError>;

/// Asks WeChat about the followers of one account.
pub(super) struct Desk {
    pub(super) account: Arc<Account>,
    pub(super) platform: Arc<dyn Platform>,
    pub(super) people: People,
    pub(super) known_ttl: Duration,
    pub(super) unbound_ttl: Duration,
    pub(super) state: Mutex<State>,
    pub(super) called: Notify,
}

#[derive(Default)]
pub(super) struct State {
    /// Everybody who waits for an answer, by the OpenID they asked about.
    waiting: HashMap<OpenId, Vec<oneshot::Sender<Answer>>>,
    pace: Pace,
    staffed: bool,
}

impl Desk {
    /// The answer, when it comes. Dropping the receiver stops nothing.
    pub(super) fn ask(self: &Arc<Self>, open_id: &OpenId) -> oneshot::Receiver<Answer> {
        let (tell, told) = oneshot::channel();
        let mut state = self.state();
        match state.waiting.get_mut(open_id) {
            Some(others) => others.push(tell),
            None => {
                state.waiting.insert(open_id.clone(), vec![tell]);
                if state.pace.join(open_id.clone(), Instant::now()) && state.staffed {
                    self.called.notify_one();
                }
            }
        }
        if !state.staffed {
            state.staffed = true;
            tokio::spawn(Staff(self.clone()).serve());
        }
        told
    }

    /// Asks one question and answers everybody who waits for it. The number of OpenIDs it was about.
    async fn question(self: Arc<Self>, open_ids: Vec<OpenId>) -> usize {
        let answers = look_up(&*self.platform, &self.account, &open_ids).await;
        {
            let mut state = self.state();
            for (open_id, answer) in open_ids.iter().zip(&answers) {
                for tell in state.waiting.remove(open_id).unwrap_or_default() {
                    // Whoever has given up waiting is not there to be told.
                    let _ = tell.send(answer.clone());
                }
            }
        }
        let asked = open_ids.len();
        tokio::spawn(async move {
            let kept = open_ids.iter().zip(&answers).map(|(open_id, answer)| self.remember(open_id, answer));
            futures::future::join_all(kept).await;
        });
        asked
    }

    /// Nothing is remembered of a person who does not follow: they may a second later.
    async fn remember(&self, open_id: &OpenId, answer: &Answer) {
        let Ok(user) = answer else { return };
        let ttl = match (&user.union_id, user.subscribed) {
            (Some(_), _) => self.known_ttl,
            (None, true) => self.unbound_ttl,
            (None, false) => return,
        };
        let known = Known { union_id: user.union_id.clone(), lang: None };
        self.people.remember(&self.account.app_id, open_id, &known, ttl).await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves the desk until nobody waits. If its task ends before (its worker thread stops), those who wait are told by
/// their senders being dropped, and the next asker puts new staff on.
struct Staff(Arc<Desk>);

impl Staff {
    async fn serve(self) {
        let desk = &self.0;
        let mut questions = FuturesUnordered::new();
        loop {
            let next = {
                let mut state = desk.state();
                let next = state.pace.next(Instant::now(), questions.len());
                if next == Next::Rest {
                    state.staffed = false;
                }
                next
            };
            let until = match next {
                Next::Rest => return,
                Next::Ask(open_ids) => {
                    questions.push(desk.clone().question(open_ids));
                    continue;
                }
                Next::Wait(until) => until,
            };
            let alarm = async {
                match until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(asked) = questions.next() => {
                    let mut state = desk.state();
                    let crowd = asked + state.waiting.len();
                    state.pace.answered(crowd, Instant::now());
                }
                () = desk.called.notified() => {}
                () = alarm => {}
            }
        }
    }
}

impl Drop for Staff {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if state.staffed {
            *state = State::default();
        }
    }
}

/// One answer per OpenID. One that is not the account's fails a whole `batchget`: then each half is asked by itself, so
/// that the others get their answers.
fn look_up<'a>(
    platform: &'a dyn Platform,
    account: &'a Account,
    open_ids: &'a [OpenId],
) -> BoxFuture<'a, Vec<Answer>> {
    async move {
        match platform.user_info(account, open_ids).await {
            Ok(users) if users.len() == open_ids.len() => users.into_iter().map(Ok).collect(),
            Ok(users) => {
                let why = format!("{} answers to {} questions", users.len(), open_ids.len());
                vec![Err(PlatformError::Transient(why)); open_ids.len()]
            }
            Err(PlatformError::Refused { code, .. })
                if open_ids.len() > 1 && errcode::meaning(code) == Meaning::WrongOpenId =>
            {
                let (left, right) = open_ids.split_at(open_ids.len() / 2);
                let (mut left, right) =
                    tokio::join!(look_up(platform, account, left), look_up(platform, account, right));
                left.extend(right);
                left
            }
            Err(error) => vec![Err(error); open_ids.len()],
        }
    }
    .boxed()
}
