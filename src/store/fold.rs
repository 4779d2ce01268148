//! `verify`: the log is folded again and compared with every person's state.
//!
//! Works on a store that is being written to: whoever does not agree at first sight is looked at again by their own
//! history, which has caught up by then. What does not agree even so is reported by `person.id`.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use futures::stream::{StreamExt as _, iter};
use sha2::{Digest as _, Sha256};

use super::{Logged, PersonRef, Store, StoreError};
use crate::ids::{EventNo, PersonId, PersonNo};
use crate::ledger::{Bucket, State, Step};

/// Events asked for at a time.
const PAGE: usize = 1_000;
/// Persons held in memory at a time; for more, the log is read again.
const PERSONS: PersonNo = 100_000;
/// Numbers looked at beyond the last person of the log: databases skip some.
const BEYOND: PersonNo = 512;
/// Persons asked for at the same time.
const AT_ONCE: usize = 8;

/// What `verify` has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events of the log that can be read.
    pub events: u64,
    /// Persons, those merged away included.
    pub persons: u64,
    /// What does not agree.
    pub differences: Vec<Difference>,
}

/// One thing that does not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Row number.
    pub no: PersonNo,
    /// Public id, where the row can be read.
    pub person: Option<PersonId>,
    /// What, for an operator.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.person {
            Some(id) => write!(f, "person {id}: {}", self.what),
            None => write!(f, "person number {}: {}", self.no, self.what),
        }
    }
}

/// Folds the whole log, and calls `progress` with the events done and all there are to do.
///
/// # Errors
/// [`StoreError::Unavailable`]. Rows that cannot be read are differences.
pub async fn verify(store: &dyn Store, progress: &dyn Fn(u64, u64)) -> Result<Report, StoreError> {
    let last = last_event(store).await?.unsigned_abs();
    let mut report = Report::default();
    let (mut passes, mut done): (i64, i64) = (1, 0);
    while done < passes {
        let progress = |event| progress(done.unsigned_abs() * last + event, passes.unsigned_abs() * last);
        let pass = Pass::read(store, done, &progress).await?;
        passes = passes.max(pass.last_person / PERSONS + 1);
        report.events = pass.events;
        pass.compare(store, &mut report).await?;
        done += 1;
    }
    Ok(report)
}

/// One reading of the log, for some of the persons.
struct Pass {
    number: i64,
    fold: Fold,
    events: u64,
    last_person: PersonNo,
}

impl Pass {
    async fn read(store: &dyn Store, number: i64, progress: &dyn Fn(u64)) -> Result<Self, StoreError> {
        let mut pass = Self { number, fold: Fold::default(), events: 0, last_person: 0 };
        let (mut after, mut limit) = (0, PAGE);
        loop {
            let page = match store.log(after, limit).await {
                Ok(page) => page,
                // Step up to the row that cannot be read, and over it: its person's chain is broken there.
                Err(StoreError::Corrupt { row, .. }) if limit == 1 => {
                    after = row;
                    continue;
                }
                Err(StoreError::Corrupt { .. }) => {
                    limit = limit.div_ceil(2);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Some(newest) = page.last() else { return Ok(pass) };
            after = newest.event;
            limit = PAGE.min(limit * 2);
            for event in &page {
                pass.events += 1;
                pass.last_person = pass.last_person.max(event.person);
                pass.fold.add(event, event.person / PERSONS == number);
            }
            progress(after.unsigned_abs());
        }
    }

    async fn compare(self, store: &dyn Store, report: &mut Report) -> Result<(), StoreError> {
        let end = ((self.number + 1) * PERSONS).min(self.last_person + 1 + BEYOND);
        let numbers = (self.number * PERSONS).max(1)..end;
        let mut looks = iter(numbers.map(|no| async move { (no, store.person(PersonRef::No(no)).await) }))
            .buffer_unordered(AT_ONCE);
        let mut suspects = BTreeSet::new();
        while let Some((no, found)) = looks.next().await {
            let folded = self.fold.states.get(&no);
            report.persons += u64::from(folded.is_some());
            let agrees = match (found, folded) {
                (Err(error @ StoreError::Corrupt { .. }), _) => {
                    report.differences.push(Difference { no, person: None, what: error.to_string() });
                    true
                }
                (Err(error), _) => return Err(error),
                (Ok(None), None) => true,
                (Ok(None), Some(_)) => {
                    let what = "the log has events of this person, and there is no row of theirs".into();
                    report.differences.push(Difference { no, person: None, what });
                    true
                }
                (Ok(Some(_)), None) => false,
                (Ok(Some(person)), Some(folded)) if person.no == no => {
                    *folded == person.state && self.fold.faults(no).is_empty()
                }
                (Ok(Some(_)), Some(folded)) => {
                    self.fold.ended_in_a_merge(folded) && self.fold.faults(no).is_empty()
                }
            };
            if !agrees {
                suspects.insert(no);
            }
        }
        drop(looks);
        for no in suspects {
            let skipped = self.fold.breaks.get(&no).map(|found| found.follows).filter(|event| *event > 0);
            if let Some(difference) = look_again(store, no, skipped).await? {
                report.differences.push(difference);
            }
        }
        Ok(())
    }
}

/// One person, and everybody merged into them, by their own history; `skipped` is an event of theirs in the log that
/// the next one does not follow.
async fn look_again(
    store: &dyn Store,
    no: PersonNo,
    skipped: Option<EventNo>,
) -> Result<Option<Difference>, StoreError> {
    let mut seen = None;
    loop {
        let person = match store.person(PersonRef::No(no)).await {
            Ok(Some(person)) => person,
            Ok(None) => return Ok(None),
            Err(error @ StoreError::Corrupt { .. }) => {
                return Ok(Some(Difference { no, person: None, what: error.to_string() }));
            }
            Err(error) => return Err(error),
        };
        let differs = |what: String| Ok(Some(Difference { no: person.no, person: Some(person.id), what }));
        let mut fold = Fold::default();
        let mut faults = Vec::new();
        match whole_history(store, person.no).await {
            Ok(history) => {
                history.iter().rev().for_each(|event| fold.add(event, true));
                if let Some(event) =
                    skipped.filter(|skipped| history.iter().all(|event| event.event != *skipped))
                {
                    faults.push(format!("event {event} of this person is not on their chain"));
                }
            }
            Err(error @ StoreError::Corrupt { .. }) => return differs(error.to_string()),
            Err(error) => return Err(error),
        }
        // Whoever got an event between the two questions is asked again.
        let now = store.person(PersonRef::No(no)).await?.map(|person| person.state.last_event);
        if now != Some(person.state.last_event) && seen != now {
            seen = now;
            continue;
        }
        faults.extend(fold.states.keys().flat_map(|no| fold.faults(*no)));
        match fold.states.get(&person.no) {
            Some(folded) if *folded == person.state => {}
            Some(folded) => faults.push(first_difference(folded, &person.state)),
            None => faults.push("there is a state, and the log has no event of this person".into()),
        }
        for (other, folded) in fold.states.iter().filter(|(other, _)| **other != person.no) {
            if !fold.ended_in_a_merge(folded) {
                faults.push(format!(
                    "person number {other} was merged into this one with another state than its events give"
                ));
            }
        }
        faults.sort_unstable();
        return if faults.is_empty() { Ok(None) } else { differs(faults.join("; ")) };
    }
}

async fn whole_history(store: &dyn Store, no: PersonNo) -> Result<Vec<Logged>, StoreError> {
    let mut history: Vec<Logged> = Vec::new();
    loop {
        let page = store.history(no, history.last().map(|event| event.event), PAGE).await?;
        let last = page.len() < PAGE;
        history.extend(page);
        if last {
            return Ok(history);
        }
    }
}

/// Persons rebuilt from their events.
#[derive(Default)]
struct Fold {
    states: HashMap<PersonNo, State>,
    /// Persons merged away, by the last event of theirs: digest of the state that the survivor's event took over.
    merged: HashMap<EventNo, [u8; 32]>,
    /// Points that entries have put into a person's buckets, less those they have taken out.
    balances: HashMap<PersonNo, i64>,
    /// Events that do not follow the one they say they follow.
    breaks: HashMap<PersonNo, Break>,
}

struct Break {
    event: EventNo,
    says: EventNo,
    /// 0 where nothing precedes it.
    follows: EventNo,
}

impl Fold {
    fn add(&mut self, event: &Logged, whole: bool) {
        if let Some(other) = &event.outcome.merged {
            self.merged.insert(other.last_event, digest(other));
        }
        if !whole {
            return;
        }
        let state = self.states.entry(event.person).or_default();
        if event.prev != state.last_event {
            let found = Break { event: event.event, says: event.prev, follows: state.last_event };
            self.breaks.entry(event.person).or_insert(found);
        }
        let balance = self.balances.entry(event.person).or_default();
        if let Some(other) = &event.outcome.merged {
            *balance += points(other);
        }
        for entry in &event.outcome.entries {
            *balance += i64::from(is_personal(entry.to)) * entry.points
                - i64::from(is_personal(entry.from)) * entry.points;
        }
        state.fold(&Step {
            event: event.event,
            kind: &event.kind,
            occurred_at: event.occurred_at,
            received_at: event.received_at,
            facts: &event.facts,
            action: &event.action,
            outcome: &event.outcome,
            outcome_json: &event.outcome_json,
        });
    }

    /// What is wrong with a person whatever the store says of them.
    fn faults(&self, no: PersonNo) -> Vec<String> {
        let mut faults = Vec::new();
        if let Some(Break { event, says, follows }) = self.breaks.get(&no) {
            faults.push(format!("event {event} says it follows {says}, and follows {follows}"));
        }
        let Some(state) = self.states.get(&no) else { return faults };
        if state.lots.iter().any(|lot| lot.left < 0) || state.debt < 0 {
            faults.push("a balance is negative".into());
        }
        let (entries, lots) = (self.balances.get(&no).copied().unwrap_or(0), points(state));
        if entries != lots {
            faults.push(format!("the entries leave {entries} points, and the lots have {lots}"));
        }
        faults
    }

    fn ended_in_a_merge(&self, state: &State) -> bool {
        self.merged.get(&state.last_event) == Some(&digest(state))
    }
}

fn is_personal(bucket: Bucket) -> bool {
    matches!(bucket, Bucket::Unclaimed | Bucket::Available | Bucket::Held)
}

fn points(state: &State) -> i64 {
    state.lots.iter().map(|lot| lot.left).sum()
}

/// Over the JSON: two states are the same when a reader cannot tell them apart.
fn digest(state: &State) -> [u8; 32] {
    Sha256::digest(serde_json::to_vec(state).unwrap_or_default()).into()
}

/// The first field in which two states differ.
fn first_difference(folded: &State, stored: &State) -> String {
    let fields = |state: &State| match serde_json::to_value(state) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (folded, stored) = (fields(folded), fields(stored));
    let differs = folded.keys().chain(stored.keys()).find(|key| folded.get(*key) != stored.get(*key));
    let show =
        |value: Option<&serde_json::Value>| value.map_or_else(|| "nothing".into(), ToString::to_string);
    match differs {
        Some(key) => {
            format!("`{key}` is {}, and the log says {}", show(stored.get(key)), show(folded.get(key)))
        }
        None => "the states differ".into(),
    }
}

/// Number of the newest event, found by asking for what comes after: doubling, then halving.
async fn last_event(store: &dyn Store) -> Result<EventNo, StoreError> {
    let ends_at = async |after: EventNo| match store.log(after, 1).await {
        Ok(page) => Ok(page.is_empty()),
        // Something is there, whatever it says.
        Err(StoreError::Corrupt { .. }) => Ok(false),
        Err(error) => Err(error),
    };
    let (mut low, mut high) = (0, 1);
    while !ends_at(high).await? {
        (low, high) = (high, high * 2);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if ends_at(middle).await? { high = middle } else { low = middle + 1 }
    }
    Ok(high)
}
