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

use super::super::batch::{Needs, Rows, Writes};
use super::super::links::Links;
use super::super::names::Link;
use super::super::people::{LENGTH, People, Remembered};
use super::batcher::TASKS;
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
    settled: HashSet<DedupeKey>,
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
                person.row = Remembered::written(write);
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
mod tests {
    use super::*;
    use crate::ids::{AppId, OpenId};
    use crate::store::batch::PersonWrite;

    fn link(name: usize) -> Link {
        Link::of(&AppId::parse("wx1").unwrap(), &OpenId::parse(&format!("oLin{name:04}")).unwrap())
    }

    /// One person, number 1.
    fn row(version: i64) -> Remembered {
        Remembered { version, ..Remembered::test(1) }
    }

    fn known(known: &Known, name: usize) -> Option<i64> {
        known.lock().find(&link(name)).map(|person| person.row.version)
    }

    fn write(version: i64) -> PersonWrite {
        let Remembered { no, id, union, merged_into, links, .. } = row(version);
        PersonWrite { no, id, union, merged_into, links, version, last_event: 1, state: vec![1] }
    }

    fn changed(version: i64) -> Writes {
        Writes { persons_changed: vec![write(version)], ..Writes::default() }
    }

    #[test]
    fn a_name_is_remembered_with_the_version_at_which_it_was_read() {
        let memory = Known::default();
        memory.read(&link(1), row(5));
        memory.read(&link(2), row(5));
        assert_eq!([1, 2].map(|name| known(&memory, name)), [Some(5), Some(5)]);

        memory.committed(&changed(6));
        assert_eq!([1, 2].map(|name| known(&memory, name)), [Some(6), Some(6)]);

        // Another gateway has changed the person since, and may have taken the first name away.
        memory.read(&link(2), row(9));
        assert_eq!([1, 2].map(|name| known(&memory, name)), [None, Some(9)]);
    }

    #[test]
    fn what_was_read_before_another_task_committed_is_too_late() {
        let memory = Known::default();
        memory.read(&link(1), row(5));
        memory.committed(&changed(6));

        memory.read(&link(1), row(5));
        assert_eq!(known(&memory, 1), Some(6));

        memory.committed(&changed(8));
        assert_eq!(known(&memory, 1), None, "somebody else wrote version 7");
    }

    #[test]
    fn whoever_loses_a_name_or_gets_another_is_read_again() {
        let lost: [fn() -> Writes; 4] = [
            || Writes { links_gone: vec![link(1)], ..Writes::default() },
            || Writes { links_moved: vec![(link(1), 2)], ..Writes::default() },
            || Writes { unions_let_go: vec![1], ..Writes::default() },
            || Writes { persons_renamed: vec![write(6)], ..Writes::default() },
        ];
        for writes in lost {
            let memory = Known::default();
            memory.read(&link(1), row(5));

            memory.committed(&writes());

            assert_eq!(known(&memory, 1), None);
        }
    }

    #[test]
    fn a_state_that_has_become_too_long_is_not_remembered() {
        let memory = Known::default();
        memory.read(&link(1), row(5));
        let long = PersonWrite { state: vec![0; LENGTH + 1], ..write(6) };

        memory.committed(&Writes { persons_changed: vec![long], ..Writes::default() });

        assert_eq!(known(&memory, 1), None);
    }

    #[test]
    fn a_name_that_is_lost_is_forgotten_though_nothing_tells_where_it_led() {
        let memory = Known::default();
        memory.read(&link(1), row(5));
        memory.lock().links.forget_all();

        memory.committed(&Writes { links_gone: vec![link(1)], ..changed(6) });

        memory.lock().links.remember(&link(1), 1);
        assert_eq!(known(&memory, 1), None);
    }

    #[test]
    fn whoever_connects_again_knows_nobody() {
        let memory = Known::default();
        memory.read(&link(1), row(5));
        memory.put_by([256, 512]);

        memory.reconnected();

        assert_eq!((known(&memory, 1), memory.lock().number(0)), (None, None));
    }

    #[test]
    fn a_new_person_is_remembered_and_an_erased_name_is_not() {
        let memory = Known::default();
        let new = Writes { persons_new: vec![write(1)], links_new: vec![(link(1), 1)], ..Writes::default() };
        memory.committed(&new);
        assert_eq!(known(&memory, 1), Some(1));

        let eraser = crate::store::names::Eraser::new(&"a key of this test".into());
        let erased = eraser.link(&link(2));
        memory.read(&erased, row(1));
        assert!(memory.lock().find(&erased).is_none());
    }

    #[test]
    fn a_conflict_forgets_those_concerned_and_many_conflicts_everybody_for_a_while() {
        let memory = Known::default();
        memory.read(&link(1), row(1));
        memory.read(&link(2), Remembered::test(2));

        memory.conflict(&[link(1)], true);
        assert_eq!([1, 2].map(|name| known(&memory, name)), [None, Some(1)]);

        (0..100).for_each(|_| memory.conflict(&[], false));
        assert_eq!(known(&memory, 2), Some(1), "nobody had been recalled");
        (0..100).for_each(|_| memory.conflict(&[], true));
        memory.read(&link(2), Remembered::test(2));
        assert_eq!(known(&memory, 2), None);

        assert!(!memory.lacks_numbers());
        (0..TOO_MANY).for_each(|_| memory.committed(&Writes::default()));
        memory.read(&link(2), Remembered::test(2));
        assert_eq!(known(&memory, 2), Some(1));
    }

    #[test]
    fn numbers_are_used_in_order_above_what_came_before_and_while_they_are_fresh() {
        let memory = Known::default();
        memory.put_by([256, 512, 768]);

        assert_eq!(memory.lock().number(0), Some(256));
        assert_eq!(memory.lock().number(600), Some(768));
        assert_eq!(memory.lock().number(0), None);

        memory.put_by([1_024]);
        assert!(memory.lacks_numbers());
        memory.numbered();
        assert_eq!(memory.lock().number(0), None);
        memory.lock().numbers.push_back((1_280, Instant::now().checked_sub(FRESH).unwrap()));
        assert_eq!(memory.lock().number(0), None);
    }
}
