//! Faults on request: what goes wrong, with which calls or pushes, and how often.
//!
//! | file | holds |
//! |---|---|
//! | `fault.rs` | one fault: what it is, whether it can be, what it does |
//!
//! Here are those in place, and which of them strikes. To add a kind of fault: an [`Action`], an [`Effect`], and what it
//! takes in [`Fault`]'s check; then what it does where calls are answered or pushes are delivered.

mod fault;

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};

pub(crate) use self::fault::Effect;
pub use self::fault::{Action, Fault, FaultError};
use crate::ids::scramble;

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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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
