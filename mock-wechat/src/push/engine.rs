//! The way of one push: attempts until one is answered, the journal, the chat.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future;
use serde::Serialize;

use super::{
    PendingNotice, Push,
    courier::Harm,
    judge::{fault_line, judge},
    sealed::{Sealed, Spoiled},
};
use crate::{
    faults::{Effect, Place},
    journal::{Delivery, DeliveryRequest, DeliveryResponse, Verdict},
    platform::Platform,
    world::chat::{Draft, Message},
};

/// How long a reordered push waits for the account's next one.
const REORDER_WAIT: Duration = Duration::from_secs(2);

/// What became of a push.
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
pub(crate) struct Outcome {
    /// Every attempt, in order; copies that a fault asked for come last.
    pub(crate) deliveries: Vec<Arc<Delivery>>,
    /// Notifications of WeChat Pay that were not taken and will be told again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) pending: Vec<PendingNotice>,
    /// What appeared in the chat because of it.
    pub(crate) shown: Vec<Message>,
}

impl Platform {
    /// Delivers a push and shows what comes back. Without a callback nothing is sent.
    pub(crate) async fn push(&self, push: Push) -> Outcome {
        let push = self.routed(push);
        let Some(callback) = push.callback() else { return Outcome::default() };
        let account = &push.registered.account;
        let now = self.clock.seconds();
        if self.marks.suspended(&account.app_id, now) {
            return self.lost(&push, &callback);
        }
        let effects = self.faults.strike(&Place {
            on: "push",
            account: Some((&account.name, &account.app_id)),
            event: Some(&push.kind),
        });
        self.wait_as_told(&push, &effects).await;
        let copies = effects.iter().find_map(|e| if let Effect::Duplicate(n) = e { Some(*n) } else { None });
        let (original, copies) = future::join(
            self.deliver(&push, &callback, &effects, false),
            future::join_all(
                (0..copies.unwrap_or(0)).map(|_| self.deliver(&push, &callback, &effects, true)),
            ),
        )
        .await;
        let (mut deliveries, drafts) = original;
        // Only the first answer is shown, however many copies were sent.
        deliveries.extend(copies.into_iter().flat_map(|(copies, _)| copies));
        let again = effects.iter().find_map(|e| if let Effect::Repeat(n) = e { Some(*n) } else { None });
        for _ in 0..again.unwrap_or(0) {
            deliveries.extend(self.deliver(&push, &callback, &effects, true).await.0);
        }
        let shown = match &push.person {
            Some(sender) => self.show(sender.key, &account.app_id, drafts),
            None => Vec::new(),
        };
        Outcome { deliveries, shown, ..Outcome::default() }
    }

    async fn wait_as_told(&self, push: &Push, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Delay(delay) => tokio::time::sleep(*delay).await,
                Effect::Reorder => {
                    let app_id = &push.registered.account.app_id;
                    let is_later = |id: u64| move |d: &Delivery| d.id > id && d.app_id == *app_id;
                    self.deliveries.wait(is_later(self.sequence.next()), 1, REORDER_WAIT).await;
                }
                _ => {}
            }
        }
    }

    /// Tries until there is an answer with status 200 or the tries are used up.
    async fn deliver(
        &self,
        push: &Push,
        callback: &str,
        effects: &[Effect],
        duplicate: bool,
    ) -> (Vec<Arc<Delivery>>, Vec<Draft>) {
        let rules = push.registered.account.push;
        let spoiled = Spoiled {
            signature: effects.contains(&Effect::BadSignature),
            app_id: effects.contains(&Effect::WrongAppid),
        };
        let mut deliveries = Vec::new();
        let mut first: Option<Sealed> = None;
        for attempt in 1..=rules.deliveries {
            if attempt > 1 {
                tokio::time::sleep(Duration::from_millis(rules.gap_ms)).await;
            }
            let now = self.clock.seconds();
            let sealed = match &first {
                Some(sealed) if !rules.resign => sealed.clone(),
                _ => Sealed::of(push, callback, now, &self.sequence, spoiled),
            };
            first.get_or_insert_with(|| sealed.clone());
            let (delivery, drafts) = self.attempt(push, sealed, effects).await;
            deliveries.push(self.deliveries.add(Delivery { attempt, duplicate, ..delivery }));
            if let Some(drafts) = drafts {
                return (deliveries, drafts);
            }
        }
        let account = &push.registered.account;
        self.marks.failed(&account.app_id, rules.mark_fail, self.clock.seconds());
        (deliveries, fault_line(push))
    }

    /// What happens while pushes are suspended is lost; the journal says so.
    fn lost(&self, push: &Push, callback: &str) -> Outcome {
        let account = &push.registered.account;
        let verdict = Verdict::bad(format!(
            "lost: {} pushes to this server failed within a minute, and WeChat pushes nothing for a minute (MarkFail)",
            account.push.mark_fail
        ));
        let delivery = Delivery {
            id: self.sequence.next(),
            at: self.clock.millis(),
            account: account.name.clone(),
            app_id: account.app_id.clone(),
            person: push.person.as_ref().map(|sender| sender.name.clone()),
            event: push.kind.clone(),
            attempt: 0,
            duplicate: false,
            status: None,
            ms: 0,
            request: DeliveryRequest {
                url: callback.to_owned(),
                headers: BTreeMap::new(),
                body: String::new(),
                plaintext: push.plaintext.clone(),
            },
            response: DeliveryResponse::default(),
            verdict,
            faults: Vec::new(),
        };
        let shown = match &push.person {
            Some(sender) => self.show(sender.key, &account.app_id, fault_line(push)),
            None => Vec::new(),
        };
        Outcome { deliveries: vec![self.deliveries.add(delivery)], shown, ..Outcome::default() }
    }

    fn about_status(&self, status: u16) -> String {
        let ahead = self.clock.offset_millis() / 1000;
        // Receivers refuse pushes that are minutes old or early: the likely reason after the clock was moved.
        let hint = match ahead.abs() {
            0..60 => String::new(),
            _ => format!("; the mock's clock is {ahead} s ahead of real time, is the receiver's too?"),
        };
        format!("HTTP status {status}; WeChat wants 200 and tries again{hint}")
    }

    /// One attempt; what to show, unless it has to be tried again.
    pub(super) async fn attempt(
        &self,
        push: &Push,
        sealed: Sealed,
        effects: &[Effect],
    ) -> (Delivery, Option<Vec<Draft>>) {
        let harm = effects.iter().fold(Harm::None, |harm, effect| match effect {
            Effect::Hang => Harm::Stall,
            Effect::Reset => Harm::Cut,
            Effect::Truncate => Harm::Half,
            _ => harm,
        });
        let account = &push.registered.account;
        let (id, at) = (self.sequence.next(), self.clock.millis());
        let started = Instant::now();
        let limit = Duration::from_millis(account.push.timeout_ms);
        let answer = self.courier.post(&sealed, harm, limit).await;
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let body = answer.as_ref().ok().map(|a| String::from_utf8_lossy(&a.body).into_owned());
        let status = answer.as_ref().ok().map(|a| a.status);
        let (verdict, plaintext, drafts) = match answer {
            Err(reason) => (Verdict::bad(reason), None, None),
            Ok(answer) if answer.status == 200 => {
                let judgement = judge(push, &answer.body);
                (judgement.verdict, judgement.plaintext, Some(judgement.shown))
            }
            Ok(answer) => (Verdict::bad(self.about_status(answer.status)), None, None),
        };
        let delivery = Delivery {
            id,
            at,
            account: account.name.clone(),
            app_id: account.app_id.clone(),
            person: push.person.as_ref().map(|sender| sender.name.clone()),
            event: push.kind.clone(),
            attempt: 1,
            duplicate: false,
            status,
            ms,
            request: DeliveryRequest {
                url: sealed.url,
                headers: BTreeMap::new(),
                body: sealed.body,
                plaintext: push.plaintext.clone(),
            },
            response: DeliveryResponse { body, plaintext },
            verdict,
            faults: effects.iter().map(|effect| format!("{effect:?}")).collect(),
        };
        (delivery, drafts)
    }
}
