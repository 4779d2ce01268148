//! Faults on request: what goes wrong, with which calls or pushes, and how often.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::{digest, scramble};

/// A fault as asked for. In JSON: `{"on": "/cgi-bin/user/info", "do": "errcode", "value": 45009, "times": 2}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The path of an API call, or `push`.
    pub on: String,
    /// What goes wrong.
    #[serde(rename = "do")]
    pub action: Action,
    /// `errcode`: the number; `delay`: milliseconds or `"2s"`; `status`: the HTTP status; `duplicate` and
    /// `repeat`: how many further copies (1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// For that many matches, then never again. Without `times`, `every` and `probability`: once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// For every n-th match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// For that share of matches, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Only for this account (name or AppID).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only for pushes of this event or message type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The call answers this errcode.
    Errcode,
    /// The call is answered, or the push is sent, later.
    Delay,
    /// The call is never answered; half of the push arrives and then nothing.
    Hang,
    /// The connection is cut.
    Reset,
    /// Half of the body is missing.
    Truncate,
    /// The call answers an HTML page with this HTTP status.
    Status,
    /// The push is sent again, at the same time.
    Duplicate,
    /// The push is sent again after it was answered, as where the answer was lost on its way.
    Repeat,
    /// The call's answer has control characters in its first text, as nicknames of old did.
    ControlCharacters,
    /// The push waits until the account's next push is through, or two seconds.
    Reorder,
    /// The push carries wrong signatures.
    BadSignature,
    /// The push's envelope names another AppID.
    WrongAppid,
}

/// A fault as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    Errcode(i64),
    Delay(Duration),
    Hang,
    Reset,
    Truncate,
    Status(u16),
    Duplicate(u32),
    Repeat(u32),
    ControlCharacters,
    Reorder,
    BadSignature,
    WrongAppid,
}

/// A fault that is in place, with how often it was looked at and happened.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ActiveFault {
    /// For `DELETE /_mock/faults/{id}`.
    pub id: u64,
    /// As asked for.
    #[serde(flatten)]
    pub fault: Fault,
    /// Calls or pushes that it could have befallen.
    pub matched: u64,
    /// Those that it did.
    pub happened: u64,
    #[serde(skip)]
    effect: Effect,
    /// What makes its draws different from another fault's.
    #[serde(skip)]
    stream: u64,
    /// How often it was drawn for since the seed was set.
    #[serde(skip)]
    drawn: u64,
}

/// Faults as they are saved: as asked for, and how far they are.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedFaults {
    seed: u64,
    next_id: u64,
    active: Vec<SavedFault>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedFault {
    id: u64,
    fault: Fault,
    matched: u64,
    happened: u64,
    drawn: u64,
}

/// Why a fault cannot be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// `on` is neither a path nor `push`.
    #[error("on is {0:?}; it must be the path of a call, such as /cgi-bin/user/info, or \"push\"")]
    On(String),
    /// The action does not go with `on`.
    #[error("{0:?} can befall {1} only")]
    Place(Action, &'static str),
    /// The value does not go with the action.
    #[error("value must be {0}")]
    Value(&'static str),
    /// More than one of times, every and probability, or one out of range.
    #[error("give one of times (1 or more), every (1 or more) and probability (0 to 1)")]
    Frequency,
}

/// The seed where nobody gives one: the mock is the same in every run.
const USUAL_SEED: u64 = 1;

/// The faults in place.
#[derive(Debug)]
pub(crate) struct Faults {
    active: Mutex<Vec<ActiveFault>>,
    /// Whether there are any: spares the lock on the usual way.
    any: AtomicBool,
    next_id: AtomicU64,
    /// What those by probability are drawn from.
    seed: AtomicU64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            active: Mutex::default(),
            any: AtomicBool::new(false),
            next_id: AtomicU64::new(1),
            seed: AtomicU64::new(USUAL_SEED),
        }
    }
}

impl Faults {
    /// Puts a fault in place.
    pub(crate) fn add(&self, fault: Fault) -> Result<ActiveFault, FaultError> {
        let effect = fault.check()?;
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mut faults = self.active();
        let stream = fault.stream(faults.iter().filter(|other| other.fault == fault).count());
        let active = ActiveFault { id, fault, matched: 0, happened: 0, effect, stream, drawn: 0 };
        faults.push(active.clone());
        self.any.store(true, Ordering::Release);
        Ok(active)
    }

    pub(crate) fn list(&self) -> Vec<ActiveFault> {
        self.active().clone()
    }

    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut active = self.active();
        let before = active.len();
        active.retain(|fault| fault.id != id);
        active.len() < before
    }

    /// What those by probability are drawn from.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.load(Ordering::Relaxed)
    }

    /// Draws from a seed, from its beginning: the same seed, the same faults in the same order of calls and pushes.
    pub(crate) fn set_seed(&self, seed: u64) {
        let mut active = self.active();
        active.iter_mut().for_each(|fault| fault.drawn = 0);
        self.seed.store(seed, Ordering::Relaxed);
    }

    /// As at start: these faults, which were checked before, and no others.
    pub(crate) fn begin(&self, seed: Option<u64>, faults: &[Fault]) {
        self.clear();
        self.set_seed(seed.unwrap_or(USUAL_SEED));
        for fault in faults {
            if let Err(error) = self.add(fault.clone()) {
                tracing::warn!(%error, "a fault of the scenario is left out");
            }
        }
    }

    pub(crate) fn saved(&self) -> SavedFaults {
        let active = self.list().into_iter().map(|active| {
            let ActiveFault { id, fault, matched, happened, drawn, .. } = active;
            SavedFault { id, fault, matched, happened, drawn }
        });
        SavedFaults {
            seed: self.seed(),
            next_id: self.next_id.load(Ordering::Relaxed),
            active: active.collect(),
        }
    }

    /// Goes on with faults that were saved; one that cannot be refuses them all.
    pub(crate) fn load(&self, saved: SavedFaults) -> Result<(), FaultError> {
        let mut loaded: Vec<ActiveFault> = Vec::new();
        for SavedFault { id, fault, matched, happened, drawn } in saved.active {
            let effect = fault.check()?;
            let stream = fault.stream(loaded.iter().filter(|other| other.fault == fault).count());
            loaded.push(ActiveFault { id, fault, matched, happened, effect, stream, drawn });
        }
        self.next_id.fetch_max(saved.next_id, Ordering::Relaxed);
        self.seed.store(saved.seed, Ordering::Relaxed);
        self.any.store(!loaded.is_empty(), Ordering::Release);
        *self.active() = loaded;
        Ok(())
    }

    pub(crate) fn clear(&self) {
        self.active().clear();
        self.any.store(false, Ordering::Release);
    }

    /// What befalls this call or push now; counts it.
    pub(crate) fn strike(&self, place: &Place<'_>) -> Vec<Effect> {
        if !self.any.load(Ordering::Acquire) {
            return Vec::new();
        }
        let mut effects = Vec::new();
        for active in self.active().iter_mut().filter(|active| place.is_meant_by(&active.fault)) {
            active.matched += 1;
            if self.happens(active) {
                active.happened += 1;
                effects.push(active.effect.clone());
            }
        }
        effects
    }

    fn happens(&self, active: &mut ActiveFault) -> bool {
        let Fault { times, every, probability, .. } = active.fault;
        match (times, every, probability) {
            (_, Some(every), _) => active.matched.is_multiple_of(every),
            (_, _, Some(probability)) => {
                active.drawn += 1;
                let seed = scramble(self.seed() ^ active.stream);
                let share = scramble(seed.wrapping_add(active.drawn)) >> 11;
                (share as f64) / ((1_u64 << 53) as f64) < probability
            }
            (times, ..) => active.happened < times.unwrap_or(1),
        }
    }

    fn active(&self) -> MutexGuard<'_, Vec<ActiveFault>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call or push that a fault may befall.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    /// A path or `push`.
    pub(crate) on: &'a str,
    /// Name and AppID of the account, where known.
    pub(crate) account: Option<(&'a str, &'a str)>,
    /// Event or message type of a push.
    pub(crate) event: Option<&'a str>,
}

impl Place<'_> {
    fn is_meant_by(&self, fault: &Fault) -> bool {
        let account = fault.account.as_deref();
        fault.on == self.on
            && account.is_none_or(|a| self.account.is_some_and(|(name, id)| a == name || a == id))
            && fault.event.as_deref().is_none_or(|e| self.event.is_some_and(|is| is.eq_ignore_ascii_case(e)))
    }
}

impl Fault {
    /// Something that goes wrong once with the calls to a path, or with `push`es.
    pub fn on(on: &str, action: Action) -> Self {
        let on = on.to_owned();
        Self {
            on,
            action,
            value: None,
            times: None,
            every: None,
            probability: None,
            account: None,
            event: None,
        }
    }

    /// The errcode, HTTP status, delay or number of copies.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<Value>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// For that many matches instead of one.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// For every n-th match.
    #[must_use]
    pub fn every(mut self, nth: u64) -> Self {
        self.every = Some(nth);
        self
    }

    /// For that share of matches, 0 to 1.
    #[must_use]
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// Only for this account (name or AppID).
    #[must_use]
    pub fn for_account(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    /// Only for pushes of this event or message type.
    #[must_use]
    pub fn for_event(mut self, event: &str) -> Self {
        self.event = Some(event.to_owned());
        self
    }

    /// A number that is this fault's own, however many others there are; `twins` are those in place that are the same.
    fn stream(&self, twins: usize) -> u64 {
        let digest = digest(&[&serde_json::json!(self).to_string(), &twins.to_string()]);
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn check(&self) -> Result<Effect, FaultError> {
        let push = self.on == "push";
        if !push && !self.on.starts_with('/') {
            return Err(FaultError::On(self.on.clone()));
        }
        let frequencies = [self.times.is_some(), self.every.is_some(), self.probability.is_some()];
        if frequencies.iter().filter(|given| **given).count() > 1
            || self.times == Some(0)
            || self.every == Some(0)
            || self.probability.is_some_and(|p| !(0.0..=1.0).contains(&p))
        {
            return Err(FaultError::Frequency);
        }
        let number = || self.value.as_ref().and_then(Value::as_i64);
        let only = |fits: bool, place| if fits { Ok(()) } else { Err(FaultError::Place(self.action, place)) };
        Ok(match self.action {
            Action::Errcode => {
                only(!push, "calls")?;
                Effect::Errcode(number().ok_or(FaultError::Value("an errcode such as 45009"))?)
            }
            Action::Status => {
                only(!push, "calls")?;
                let status = number().and_then(|n| u16::try_from(n).ok()).filter(|n| (200..=599).contains(n));
                Effect::Status(status.ok_or(FaultError::Value("an HTTP status from 200 to 599"))?)
            }
            Action::Delay => {
                let delay = self.value.as_ref().and_then(|value| match value {
                    Value::String(text) => crate::duration::parse(text).ok(),
                    other => other.as_u64().map(Duration::from_millis),
                });
                Effect::Delay(delay.ok_or(FaultError::Value("milliseconds or a time such as \"2s\""))?)
            }
            Action::Duplicate | Action::Repeat => {
                only(push, "pushes")?;
                let copies = number().unwrap_or(1);
                let copies = u32::try_from(copies).ok().filter(|n| (1..=100).contains(n));
                let copies = copies.ok_or(FaultError::Value("1 to 100 copies"))?;
                if self.action == Action::Repeat { Effect::Repeat(copies) } else { Effect::Duplicate(copies) }
            }
            Action::ControlCharacters => only(!push, "calls").map(|()| Effect::ControlCharacters)?,
            Action::Hang => Effect::Hang,
            Action::Reset => Effect::Reset,
            Action::Truncate => Effect::Truncate,
            Action::Reorder => only(push, "pushes").map(|()| Effect::Reorder)?,
            Action::BadSignature => only(push, "pushes").map(|()| Effect::BadSignature)?,
            Action::WrongAppid => only(push, "pushes").map(|()| Effect::WrongAppid)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(json: Value) -> Fault {
        serde_json::from_value(json).unwrap()
    }

    fn strikes(faults: &Faults, on: &str, n: usize) -> Vec<usize> {
        (0..n)
            .map(|_| faults.strike(&Place { on, account: Some(("brand", "wx1")), event: None }).len())
            .collect()
    }

    #[test]
    fn a_fault_happens_once_or_as_often_as_asked() {
        let faults = Faults::default();
        faults.add(fault(json!({"on": "/a", "do": "hang"}))).unwrap();
        faults.add(fault(json!({"on": "/b", "do": "reset", "times": 2}))).unwrap();
        faults.add(fault(json!({"on": "/c", "do": "truncate", "every": 3}))).unwrap();

        assert_eq!(strikes(&faults, "/a", 3), [1, 0, 0]);
        assert_eq!(strikes(&faults, "/b", 3), [1, 1, 0]);
        assert_eq!(strikes(&faults, "/c", 6), [0, 0, 1, 0, 0, 1]);
    }

    #[test]
    fn a_probability_gives_about_that_share_and_the_same_one_every_time() {
        let run = || {
            let faults = Faults::default();
            faults.add(fault(json!({"on": "push", "do": "bad_signature", "probability": 0.25}))).unwrap();
            strikes(&faults, "push", 1000)
        };
        let share = run().iter().sum::<usize>();
        assert!((200..300).contains(&share), "{share}");
        assert_eq!(run(), run());
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_whatever_else_is_in_place() {
        let run = |seed: u64, others: bool| {
            let faults = Faults::default();
            faults.set_seed(seed);
            if others {
                faults.add(fault(json!({"on": "/b", "do": "reset", "probability": 0.5}))).unwrap();
                strikes(&faults, "/b", 7);
            }
            faults.add(fault(json!({"on": "/a", "do": "hang", "probability": 0.5}))).unwrap();
            strikes(&faults, "/a", 100)
        };

        assert_eq!(run(7, false), run(7, true));
        assert_ne!(run(7, false), run(8, false));
    }

    #[test]
    fn setting_the_seed_again_begins_again_and_twins_differ() {
        let faults = Faults::default();
        for _ in 0..2 {
            faults.add(fault(json!({"on": "/a", "do": "hang", "probability": 0.5}))).unwrap();
        }
        faults.set_seed(3);
        let first = strikes(&faults, "/a", 100);
        faults.set_seed(3);

        assert_eq!(strikes(&faults, "/a", 100), first);
        assert!(first.contains(&1), "one strikes where the other does not: {first:?}");
    }

    #[test]
    fn a_fault_for_one_account_leaves_the_others_alone() {
        let faults = Faults::default();
        faults.add(fault(json!({"on": "/a", "do": "hang", "account": "shop", "times": 9}))).unwrap();
        assert_eq!(strikes(&faults, "/a", 1), [0]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_would() {
        let faults = Faults::default();
        for (json, needle) in [
            (json!({"on": "nowhere", "do": "hang"}), "\"push\""),
            (json!({"on": "push", "do": "errcode", "value": 1}), "calls only"),
            (json!({"on": "/a", "do": "duplicate"}), "pushes only"),
            (json!({"on": "/a", "do": "errcode"}), "45009"),
            (json!({"on": "/a", "do": "delay", "value": "soon"}), "2s"),
            (json!({"on": "/a", "do": "hang", "times": 1, "every": 2}), "one of"),
        ] {
            let error = faults.add(fault(json)).unwrap_err().to_string();
            assert!(error.contains(needle), "{error}");
        }
    }
}
