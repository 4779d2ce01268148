//! One account's token in this process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use tokio::time::Instant;

use super::super::PlatformError;
use super::Token;
use super::renewal::{Renewal, Worn};
use crate::clock::SECOND;

/// After WeChat could not be asked, and after it refused for good.
const REST: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(30)];
/// A token this close to its end might die on the way.
const TOO_LATE: i64 = 10 * SECOND;

type Renewing = Shared<BoxFuture<'static, Result<Arc<Token>, PlatformError>>>;

pub(super) struct Desk {
    renewal: Arc<Renewal>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    held: Option<Arc<Token>>,
    /// What WeChat rejected last.
    rejected: Option<Arc<Token>>,
    renewing: Option<Renewing>,
    /// Until when nobody asks again, and what the last one who asked was told.
    rest: Option<(Instant, PlatformError)>,
}

impl Desk {
    pub(super) fn new(renewal: Renewal) -> Self {
        Self { renewal: Arc::new(renewal), state: Arc::default() }
    }

    pub(super) fn held(&self) -> Option<Arc<Token>> {
        lock(&self.state).held.clone()
    }

    pub(super) async fn current(&self) -> Result<Arc<Token>, PlatformError> {
        let now = self.renewal.now();
        let renewing = {
            let mut state = lock(&self.state);
            let usable = state.held.clone().filter(|token| now < token.expires_at - TOO_LATE);
            if let Some(token) = &usable
                && now < token.renew_at
            {
                return Ok(token.clone());
            }
            let resting = state.rest.clone().filter(|(until, _)| Instant::now() < *until);
            match (usable, resting) {
                (Some(token), Some(_)) => return Ok(token),
                (Some(token), None) => {
                    // Runs by itself: nobody has to wait while the old one is good.
                    drop(self.renew(&mut state));
                    return Ok(token);
                }
                (None, Some((_, error))) => return Err(error),
                (None, None) => self.renew(&mut state),
            }
        };
        renewing.await
    }

    pub(super) fn reject(&self, token: &Arc<Token>) {
        let mut state = lock(&self.state);
        if !state.held.as_ref().is_some_and(|held| Arc::ptr_eq(held, token)) {
            return;
        }
        state.held = None;
        if token.insisted {
            let error = "WeChat rejects the access token that it gives".to_owned();
            state.rest = Some((Instant::now() + REST[0], PlatformError::Transient(error)));
        }
        state.rejected = Some(token.clone());
    }

    /// The renewal under way, or a new one, in a task that no caller's impatience can cancel.
    fn renew(&self, state: &mut State) -> Renewing {
        if let Some(renewing) = state.renewing.as_ref().filter(|renewing| renewing.peek().is_none()) {
            return renewing.clone();
        }
        let (renewal, shared) = (self.renewal.clone(), self.state.clone());
        let (old, rejected) = (state.held.clone(), state.rejected.clone());
        let task = tokio::spawn(async move {
            let renewed = renewal.run(Worn { old, rejected }).await.map(Arc::new);
            let mut state = lock(&shared);
            match &renewed {
                Ok(token) => {
                    state.held = Some(token.clone());
                    state.rest = None;
                }
                Err(error) => {
                    let rest = REST[usize::from(matches!(error, PlatformError::Refused { .. }))];
                    state.rest = Some((Instant::now() + rest, error.clone()));
                }
            }
            renewed
        });
        let renewing = task
            .map(|done| done.unwrap_or_else(|e| Err(PlatformError::Transient(format!("access token: {e}")))))
            .boxed()
            .shared();
        state.renewing = Some(renewing.clone());
        renewing
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
