//! Whom this gateway remembers from one commit to the next, and numbers for the events to come.
//!
//! To read a person by their link costs the server as much as to write their event. Whoever has pushed lately is not read
//! again: a row that another gateway has changed since has another version, and then nothing is written, everybody
//! concerned is forgotten, and read again under locks. Where that comes often, because the same people push to several
//! gateways in turn, nobody is remembered for a while.
//!
//! A link is remembered with the person, as names that were theirs at the version that is remembered, or that this gateway
//! has not taken away since: whoever takes a name away counts up the version.
//!
//! A version means what it says only to the server that gave it. One that has taken over for another may have missed the
//! newest commits, so whoever connects again knows nobody.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::Set;
use super::super::batch::{Needs, Rows, Writes};
use super::super::links::Links;
use super::super::names::Link;
use super::super::people::{LENGTH, People, Remembered};
use super::limits::TASKS;
use crate::ids::{DedupeKey, EventNo};

/// Names of a person that are remembered; whoever has more is found by the latest.
const NAMES: usize = 2;
/// Unique keys that are remembered: those of some seconds under the highest load, of an hour under a low one.
const KEYS: usize = 65_536;
/// How long a number may wait for its group: numbers ascend nearly in the order of the commits, whatever the gateway.
const FRESH: Duration = Duration::from_millis(100);
/// What a conflict weighs against a group without one.
const CONFLICT: u32 = 16;
/// Weight at which nobody is remembered any more, until it has gone: more than one group in sixteen had a conflict.
const TOO_MANY: u32 = 128;

/// Shared by the tasks of a gateway.
#[derive(Default)]
pub(super) struct Known(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    people: People<Person>,
    links: Links,
    names: RandomState,
    settled: Set<DedupeKey>,
    /// The same, oldest first.
    order: VecDeque<DedupeKey>,
    /// First numbers of blocks, nearly ascending, and when they were taken from the sequence.
    numbers: VecDeque<(EventNo, Instant)>,
    weight: u32,
    resting: bool,
}

struct Person {
    row: Remembered,
    /// Hashes of links that lead here, the latest first; 0 where there is none.
    names: [u64; NAMES],
}

impl AsRef<Remembered> for Person {
    fn as_ref(&self) -> &Remembered {
        &self.row
    }
}

/// What is remembered of a group.
#[derive(Debug, Default)]
pub(super) struct Recalled {
    /// Rows, of everybody who is remembered.
    pub(super) rows: Rows,
    /// True when there is somebody.
    pub(super) any: bool,
    /// The first number of a block of events, where nothing has to be read.
    pub(super) first: Option<EventNo>,
}

impl Known {
    /// Takes out of `needs` whoever is remembered, save those whose link is in `asking`.
    pub(super) fn recall(&self, needs: &mut Needs, asking: &HashSet<Link>) -> Recalled {
        let mut memory = self.lock();
        let mut recalled = Recalled::default();
        if memory.resting {
            return recalled;
        }
        let mut last = 0;
        needs.links.retain(|link| match memory.find(link) {
            Some(_) if asking.contains(link) => true,
            Some(person) => {
                recalled.any = true;
                let Ok(row) = person.row.row() else { return true };
                last = last.max(row.state.last_event);
                recalled.rows.read_link(link.clone(), person.row.no);
                recalled.rows.read_person(person.row.no, Some(row));
                false
            }
            None => true,
        });
        let Needs { keys, requests, links, unions, persons, links_of, numbers: _ } = &*needs;
        let read = [requests.is_empty(), links.is_empty(), unions.is_empty()];
        let read = [read.as_slice(), &[persons.is_empty(), links_of.is_empty()]].concat();
        if !read.contains(&false) && !keys.iter().any(|key| memory.settled.contains(key)) {
            recalled.first = memory.number(last);
        }
        recalled
    }

    /// Another server, or the same one after a restart.
    pub(super) fn reconnected(&self) {
        let mut memory = self.lock();
        memory.people.forget_all();
        memory.numbers.clear();
    }

    /// A number was taken from the sequence for the group that is being settled: whatever was put by is smaller.
    pub(super) fn numbered(&self) {
        self.lock().numbers.clear();
    }

    /// True when there is hardly a number left.
    pub(super) fn lacks_numbers(&self) -> bool {
        let mut memory = self.lock();
        memory.numbers.retain(|(_, taken)| taken.elapsed() < FRESH);
        !memory.resting && memory.numbers.len() < TASKS
    }

    /// Puts numbers by.
    pub(super) fn put_by(&self, numbers: impl IntoIterator<Item = EventNo>) {
        let now = Instant::now();
        self.lock().numbers.extend(numbers.into_iter().map(|first| (first, now)));
    }

    /// A person was read, and this link led there.
    pub(super) fn read(&self, link: &Link, row: Remembered) {
        let mut memory = self.lock();
        if memory.resting || link.name.is_erased() {
            return;
        }
        memory.remember(link, row);
    }

    /// After the commit, at the first attempt or a later one.
    pub(super) fn committed(&self, writes: &Writes) {
        let mut memory = self.lock();
        memory.weight = memory.weight.saturating_sub(1);
        memory.resting &= memory.weight > 0;
        memory.committed(writes);
    }

    /// Another gateway, or another task of this one, was quicker: whoever has one of `links` is forgotten. It weighs where
    /// somebody was `recalled`.
    pub(super) fn conflict(&self, links: &[Link], recalled: bool) {
        let mut memory = self.lock();
        links.iter().for_each(|link| memory.forget(link));
        if recalled {
            memory.weight = TOO_MANY.min(memory.weight + CONFLICT);
        }
        if memory.weight == TOO_MANY && !memory.resting {
            memory.resting = true;
            memory.people.forget_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known(..)")
    }
}

impl Memory {
    fn find(&mut self, link: &Link) -> Option<&Person> {
        let (name, no) = (self.name(link), self.links.find(link)?);
        self.people.find(no).filter(|person| person.names.contains(&name)).map(|person| &*person)
    }

    fn remember(&mut self, link: &Link, row: Remembered) {
        let name = self.name(link);
        self.links.remember(link, row.no);
        match self.people.find(row.no) {
            // Another task has committed since this one read.
            Some(person) if person.row.version > row.version => {}
            Some(person) if person.row.version == row.version => {
                if !person.names.contains(&name) {
                    person.names.rotate_right(1);
                    person.names[0] = name;
                }
            }
            _ => self.people.remember(Person { row, names: [name, 0] }),
        }
    }

    fn committed(&mut self, writes: &Writes) {
        let moved = writes.links_moved.iter().map(|(link, _)| link);
        let lost: Vec<&Link> = writes.links_gone.iter().chain(moved).collect();
        lost.iter().for_each(|link| self.forget(link));
        // Whoever had the name, even where nothing tells any more where it led.
        let lost: Vec<u64> = lost.into_iter().map(|link| self.name(link)).collect();
        writes.unions_let_go.iter().for_each(|no| self.people.forget(*no));
        writes.persons_renamed.iter().for_each(|person| self.people.forget(person.no));
        for write in &writes.persons_changed {
            let Some(person) = self.people.find(write.no) else { continue };
            let ours = person.row.version == write.version - 1;
            // As it was when it was read, by this task or by another.
            let older = person.row.version < write.version;
            if older
                && (!ours
                    || write.state.len() > LENGTH
                    || lost.iter().any(|name| person.names.contains(name)))
            {
                self.people.forget(write.no);
            } else if ours {
                person.row.overwrite(write);
            }
        }
        let clear = writes.links_new.iter().filter(|(link, _)| !self.resting && !link.name.is_erased());
        let new: Vec<_> = clear
            .filter_map(|(link, no)| {
                let at = writes.persons_new.binary_search_by_key(no, |person| person.no).ok()?;
                Some((link, &writes.persons_new[at]))
            })
            .collect();
        for (link, write) in new {
            self.remember(link, Remembered::written(write));
        }
        for event in &writes.events {
            if self.settled.insert(event.key) {
                self.order.push_back(event.key);
            }
        }
        while self.order.len() > KEYS {
            if let Some(oldest) = self.order.pop_front() {
                self.settled.remove(&oldest);
            }
        }
    }

    /// A number larger than `last`.
    fn number(&mut self, last: EventNo) -> Option<EventNo> {
        while let Some((first, taken)) = self.numbers.pop_front() {
            if first > last && taken.elapsed() < FRESH {
                return Some(first);
            }
        }
        None
    }

    /// The person as well.
    fn forget(&mut self, link: &Link) {
        if let Some(no) = self.links.find(link) {
            self.people.forget(no);
        }
    }

    /// Never 0.
    fn name(&self, link: &Link) -> u64 {
        self.names.hash_one(link) | 1
    }
}

#[cfg(test)]
mod tests;
