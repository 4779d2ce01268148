//! The way of a callback: verify the delivery, parse the event, find who it is, settle it in one commit, answer.

use std::sync::Arc;
use std::time::Instant;

use futures::future::FutureExt as _;
use tracing::Instrument as _;

use crate::account::Account;
use crate::answer::{self, Answer, Outbox};
use crate::clock::{Clock, Entropy};
use crate::config::Budget;
use crate::event::{self, Event, Kind, ParseError};
use crate::identity::{Resolved, Resolver};
use crate::ids::OpenId;
use crate::ledger::{Action, Command, Resolution, Subject};
use crate::quarantine::Quarantine;
use crate::store::{Receipt, Settled, Store, StoreError};
use crate::telemetry::Stages;
use crate::verify::{Delivery, ForbiddenReason, Push, Refusal, Verifier};

/// Everything that a callback walks through.
pub struct Flow {
    pub(crate) verifier: Verifier,
    pub(crate) resolver: Arc<Resolver>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) quarantine: Quarantine,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) budget: Budget,
    pub(crate) stages: Stages,
}

/// Why a callback gets no 200.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// Stage 1: not WeChat's, or not now.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// Stage 2: signed, but for another account.
    #[error("ToUserName names another account")]
    WrongAccount,
    /// Stage 2: signed, and not to be read. Kept for inspection.
    #[error("the push cannot be read: {0}")]
    Unreadable(ParseError),
    /// Stage 4: WeChat must send it again.
    #[error("{0}")]
    NotStored(#[from] StoreError),
    /// No stage may take that long: WeChat must send it again.
    #[error("the callback took longer than budget.total_ms")]
    Late,
}

impl FlowError {
    /// Its label in metrics.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.label(),
            Self::WrongAccount => "wrong_account",
            Self::Unreadable(error) => error.label(),
            Self::NotStored(_) => "not_stored",
            Self::Late => "late",
        }
    }
}

impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flow").field("budget", &self.budget).finish_non_exhaustive()
    }
}

impl Flow {
    /// Stage 1 alone, for the URL verification.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// One callback, from a delivery that nobody has looked at to the bytes that WeChat gets.
    ///
    /// It is verified and parsed at the call, and not inside the future, which has room only for what waits: call it
    /// inside the span that the future will be instrumented with.
    ///
    /// # Errors
    /// [`FlowError`]; the edge decides what WeChat is told.
    pub fn callback(&self, delivery: Delivery) -> impl Future<Output = Result<Answer, FlowError>> {
        let started = Instant::now();
        let deadline = tokio::time::Instant::now() + self.budget.total();
        let read = self.read(delivery);
        async move {
            // By reference: moved, they would have room in the future twice.
            let answer = match read {
                Ok((ref push, ref event)) => self.walk(push, event, deadline).await,
                Err(error) => Err(error),
            };
            self.stages.total.record(started.elapsed());
            answer
        }
    }

    /// Stages 1 and 2: whether WeChat sent it, and what it says.
    fn read(&self, delivery: Delivery) -> Result<(Push, Event), FlowError> {
        let push = self.verify(delivery)?;
        let event = self.parse(&push)?;
        Ok((push, event))
    }

    /// Stages 3 to 5. Whatever is waited for, nobody waits longer than to `deadline`.
    async fn walk(&self, push: &Push, event: &Event, deadline: Deadline) -> Result<Answer, FlowError> {
        let Some(open_id) = &event.open_id else {
            return Ok(self.acknowledge(push, event));
        };
        let settled = self.who_and_settle(event, open_id, deadline).await;
        let receipt = settled.inspect_err(|_| self.count(event, "not_stored"))?;
        if leaves(event) {
            let forgotten = self.resolver.forget(&event.account.app_id, open_id);
            // Sessions may forget late, or not at all: what is settled is answered all the same.
            let _ = tokio::time::timeout_at(deadline, forgotten).await;
        }
        Ok(self.answer(push, event, receipt))
    }

    /// Stages 3 and 4. For a person whom the store knows they are one: the event is settled in the commit that found
    /// them, and nobody else is asked. Only for a stranger Sessions and the platform are asked in between.
    async fn who_and_settle(
        &self,
        event: &Event,
        open_id: &OpenId,
        deadline: Deadline,
    ) -> Result<Receipt, FlowError> {
        let who = Who { union_id: None, resolution: first_try(event) };
        match self.try_settle(command(event, open_id, who), deadline).await? {
            Settled::Done(receipt) => Ok(receipt),
            // On the heap: every push would have room for what few need, and move it about.
            Settled::Stranger => {
                let introduced = Box::pin(self.introduce(event, open_id, deadline));
                tokio::time::timeout_at(deadline, introduced).await.unwrap_or(Err(FlowError::Late))
            }
        }
    }

    /// For a stranger: somebody else is asked in between.
    async fn introduce(
        &self,
        event: &Event,
        open_id: &OpenId,
        deadline: Deadline,
    ) -> Result<Receipt, FlowError> {
        let who = self.who(&event.account, open_id).await;
        match self.try_settle(command(event, open_id, who), deadline).await? {
            Settled::Done(receipt) => Ok(receipt),
            Settled::Stranger => Err(StoreError::Unavailable("the person is gone".into()).into()),
        }
    }

    fn verify(&self, delivery: Delivery) -> Result<Push, FlowError> {
        let _span = tracing::debug_span!("verify").entered();
        let started = Instant::now();
        let push = self.verifier.verify(delivery).inspect_err(|refusal| self.measure_skew(refusal))?;
        self.stages.verify.record(started.elapsed());
        self.stages.skew.set(push.skew_seconds as f64);
        Ok(push)
    }

    /// A clock that is wrong shows where it does harm.
    fn measure_skew(&self, refusal: &Refusal) {
        if let Refusal::Forbidden(ForbiddenReason::Stale { skew_seconds }) = refusal {
            self.stages.skew.set(*skew_seconds as f64);
        }
    }

    fn parse(&self, push: &Push) -> Result<Event, FlowError> {
        let _span = tracing::debug_span!("event").entered();
        let started = Instant::now();
        let event = event::parse(&push.body, push.account.clone(), push.received_at);
        self.stages.parse.record(started.elapsed());
        match event {
            Ok(event) => {
                if matches!(event.kind, Kind::Unknown(_)) {
                    self.quarantine.keep(&push.account.name, "unknown", push.received_at, push.body.clone());
                }
                Ok(event)
            }
            Err(ParseError::WrongAccount) => Err(FlowError::WrongAccount),
            Err(error) => {
                self.quarantine.keep(&push.account.name, error.label(), push.received_at, push.body.clone());
                Err(FlowError::Unreadable(error))
            }
        }
    }

    /// Sessions may know, else the platform does, or the person stays provisional for now.
    async fn who(&self, account: &Arc<Account>, open_id: &OpenId) -> Who {
        let started = Instant::now();
        let asked = async {
            let known = self.resolver.recall(&account.app_id, open_id).await;
            if let Some(union_id) = known.and_then(|known| known.union_id) {
                return Resolved::Union(union_id);
            }
            let left = self.budget.who().saturating_sub(started.elapsed());
            let resolved = self.resolver.resolve(account, open_id, left).await;
            metrics::counter!("gateway_resolutions_total", "outcome" => resolved.label()).increment(1);
            resolved
        };
        let resolved = asked.instrument(tracing::debug_span!("identity")).await;
        self.stages.who.record(started.elapsed());
        match resolved {
            Resolved::Union(union_id) | Resolved::NotSubscribed(Some(union_id)) => {
                Who { union_id: Some(union_id), resolution: Resolution::Never }
            }
            Resolved::Unbound | Resolved::NotSubscribed(None) => {
                Who { union_id: None, resolution: Resolution::Never }
            }
            Resolved::Failed(_) => Who { union_id: None, resolution: Resolution::Later },
        }
    }

    /// The store is asked at the call; the future waits for the answer.
    fn try_settle(
        &self,
        command: Command,
        deadline: Deadline,
    ) -> impl Future<Output = Result<Settled, FlowError>> {
        let started = tokio::time::Instant::now();
        let span = tracing::debug_span!("settle");
        let settled = span.in_scope(|| self.store.settle(command));
        // The earlier of the two, so that a push of somebody known, who waits for nothing else, needs one timer.
        let until = deadline.min(started + self.budget.settle());
        tokio::time::timeout_at(until, settled).instrument(span).map(move |settled| {
            self.stages.settle.record(started.elapsed());
            match settled {
                Ok(settled) => Ok(settled?),
                Err(_) if until == deadline => Err(FlowError::Late),
                Err(_) => Err(StoreError::Unavailable("no commit within budget.settle_ms".into()).into()),
            }
        })
    }

    fn answer(&self, push: &Push, event: &Event, receipt: Receipt) -> Answer {
        let _span = tracing::debug_span!("answer").entered();
        let started = Instant::now();
        self.count(event, if receipt.fresh { "settled" } else { "repeated" });
        if let Some(fate) = receipt.outcome.welcome.filter(|_| receipt.fresh) {
            metrics::counter!("gateway_welcomes_total", "fate" => answer::label(fate)).increment(1);
            self.outbox.nudge(fate);
        }
        let answer = answer::passive(push, event, &receipt, self.clock.now(), &*self.entropy);
        self.stages.answer.record(started.elapsed());
        answer
    }

    /// It is about nobody: nothing is settled, and nobody reads the answer.
    fn acknowledge(&self, push: &Push, event: &Event) -> Answer {
        let _span = tracing::debug_span!("answer").entered();
        let started = Instant::now();
        self.count(event, "notice");
        let answer = answer::acknowledge(push, event);
        self.stages.answer.record(started.elapsed());
        answer
    }

    fn count(&self, event: &Event, outcome: &'static str) {
        self.stages.pushes.count(event.kind.label(), outcome);
    }
}

/// When WeChat has to have its answer.
type Deadline = tokio::time::Instant;

/// What is known of the person when a command is written.
struct Who {
    union_id: Option<crate::ids::UnionId>,
    resolution: Resolution,
}

/// Whoever leaves is not asked for by name: the event is settled for whatever the store knows under this OpenID,
/// even if nothing yet, so that a follow that arrives late finds it.
fn first_try(event: &Event) -> Resolution {
    if leaves(event) { Resolution::Never } else { Resolution::Ask }
}

/// True when WeChat demands that the person's names be forgotten.
fn leaves(event: &Event) -> bool {
    matches!(event.action(), Action::Unfollow | Action::Erase)
}

fn command(event: &Event, open_id: &OpenId, who: Who) -> Command {
    Command {
        key: event.key,
        request: None,
        subject: Subject {
            person: None,
            union_id: who.union_id,
            identity: Some((event.account.app_id.clone(), open_id.clone())),
            resolution: who.resolution,
        },
        kind: event.touchpoint().into(),
        occurred_at: event.occurred_at,
        received_at: event.received_at,
        facts: event.facts(),
        action: event.action(),
    }
}
