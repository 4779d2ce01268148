//! Persons, remembered from one commit to the next.
//!
//! The same people push again and again, and to read their rows each time is a good part of what a commit costs. Whether a
//! row is still the same is for the database to say: SQLite's tells when another process has committed, and in PostgreSQL
//! nothing is written to a row that has another version by now.

use super::StoreError;
use super::batch::{PersonRow, PersonWrite};
use super::names::Name;
use super::record::unpack;
use crate::ids::{PersonId, PersonNo};

/// Sets of slots, for 98,000 persons; 40 MiB when all of them are used, 70 with the longest states.
const SETS: usize = 1 << 14;
/// Persons that a set remembers, the latest first. Numbers are given in order, so the sets fill evenly.
const WAYS: usize = 6;
/// Bytes of a state that is remembered; the few that are longer are read.
pub(super) const LENGTH: usize = 512;
/// Bytes that a processor brings from memory at a time.
const LINE: usize = 64;

/// One row of `person`, with the newest state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remembered {
    pub(super) no: PersonNo,
    pub(super) id: PersonId,
    pub(super) union: Option<Name>,
    pub(super) merged_into: Option<PersonNo>,
    pub(super) links: u32,
    pub(super) version: i64,
    /// Packed.
    pub(super) state: Box<[u8]>,
}

impl Remembered {
    /// As a batch has it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a state that cannot be read.
    pub(super) fn row(&self) -> Result<PersonRow, StoreError> {
        let state = unpack(&self.state, self.no)?;
        let Self { id, union, merged_into, links, version, .. } = self;
        Ok(PersonRow::read(*id, union.clone(), *merged_into, *links, *version, state))
    }

    /// As it has just been written.
    pub(super) fn written(write: &PersonWrite) -> Self {
        Self::with(write, write.state.as_slice().into())
    }

    /// Becomes what has just been written; as a rule where the state is, for that seldom grows.
    pub(super) fn overwrite(&mut self, write: &PersonWrite) {
        let mut state = std::mem::take(&mut self.state);
        if state.len() == write.state.len() {
            state.copy_from_slice(&write.state);
        } else {
            state = write.state.as_slice().into();
        }
        *self = Self::with(write, state);
    }

    fn with(write: &PersonWrite, state: Box<[u8]>) -> Self {
        let PersonWrite { no, id, union, merged_into, links, version, last_event: _, state: _ } = write;
        Self {
            no: *no,
            id: *id,
            union: union.clone(),
            merged_into: *merged_into,
            links: *links,
            version: *version,
            state,
        }
    }
}

impl AsRef<Self> for Remembered {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// Persons by number, with whatever a database remembers beside their rows.
pub(super) struct People<T> {
    sets: Vec<Set<T>>,
}

/// Whoever was asked for last comes first. The numbers are beside one another: to follow a pointer to each person only to
/// see that it is somebody else would cost more than anything else that is done here.
struct Set<T> {
    /// 0 where there is nobody.
    nos: [PersonNo; WAYS],
    persons: [Option<Box<T>>; WAYS],
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self { nos: [0; WAYS], persons: Default::default() }
    }
}

impl<T> Set<T> {
    /// To the front.
    fn wanted(&mut self, at: usize) {
        self.nos[..=at].rotate_right(1);
        self.persons[..=at].rotate_right(1);
    }

    fn place(&self, no: PersonNo) -> Option<usize> {
        self.nos.iter().position(|other| *other == no)
    }
}

impl<T> Default for People<T> {
    fn default() -> Self {
        Self { sets: std::iter::repeat_with(Default::default).take(SETS).collect() }
    }
}

impl<T: AsRef<Remembered>> People<T> {
    /// Everybody.
    pub(super) fn forget_all(&mut self) {
        self.sets.fill_with(Default::default);
    }

    /// Has what is remembered of these people brought from memory for [`People::find`], all of it at the same time: whoever
    /// asks for one after the other waits for memory several times for each, where there are many.
    pub(super) fn bring(&self, nos: impl Iterator<Item = PersonNo>) {
        let found = nos.filter_map(|no| {
            let set = &self.sets[place_of(no)];
            set.persons[set.place(no)?].as_deref()
        });
        // Pass by pass: what is read in one does not wait for what is read in it.
        let persons: Vec<&T> = found.collect();
        let texts: Vec<(&[u8], &[u8])> = persons
            .iter()
            .map(|person| person.as_ref())
            .map(|Remembered { state, union, .. }| {
                (&**state, union.as_ref().map_or("", Name::as_str).as_bytes())
            })
            .collect();
        let octets = texts.iter().flat_map(|(state, union)| state.iter().step_by(LINE).chain(union.first()));
        std::hint::black_box(octets.fold(0, |all, octet| all ^ octet));
    }

    /// The person, if remembered.
    pub(super) fn find(&mut self, no: PersonNo) -> Option<&mut T> {
        let set = self.set(no);
        set.wanted(set.place(no)?);
        set.persons[0].as_deref_mut()
    }

    /// The person.
    pub(super) fn forget(&mut self, no: PersonNo) {
        let set = self.set(no);
        if let Some(at) = set.place(no) {
            (set.nos[at], set.persons[at]) = (0, None);
        }
    }

    /// As the tables have them.
    pub(super) fn remember(&mut self, person: T) {
        let Remembered { no, state, .. } = person.as_ref();
        if state.len() > LENGTH {
            return self.forget(*no);
        }
        let (no, set) = (*no, self.set(*no));
        // In place of what was known of them, wherever that is: nobody is in a set twice.
        let at = set.place(no).or_else(|| set.place(0)).unwrap_or(WAYS - 1);
        (set.nos[at], set.persons[at]) = (no, Some(Box::new(person)));
        set.wanted(at);
    }

    fn set(&mut self, no: PersonNo) -> &mut Set<T> {
        &mut self.sets[place_of(no)]
    }
}

fn place_of(no: PersonNo) -> usize {
    no.unsigned_abs() as usize % SETS
}

#[cfg(test)]
impl Remembered {
    /// Somebody with the longest state that is remembered.
    pub(in crate::store) fn test(no: PersonNo) -> Self {
        let (id, state) = (PersonId::from_u128(no.unsigned_abs().into()), [0; LENGTH].into());
        Self { no, id, union: None, merged_into: None, links: 1, version: 1, state }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(no: PersonNo, version: i64) -> Remembered {
        Remembered { version, ..Remembered::test(no) }
    }

    fn version(people: &mut People<Remembered>, no: PersonNo) -> Option<i64> {
        people.find(no).map(|remembered| {
            assert_eq!(remembered.no, no);
            remembered.version
        })
    }

    const ALL: PersonNo = (SETS * WAYS) as PersonNo;

    #[test]
    fn every_slot_is_used_and_who_was_asked_for_last_stays() {
        let mut people = People::<Remembered>::default();

        for no in 1..=ALL {
            people.remember(remembered(no, 1));
        }
        assert!((1..=ALL).all(|no| version(&mut people, no) == Some(1)));
        people.find(1);
        people.remember(remembered(ALL + 1, 1));

        let second = 1 + SETS as PersonNo;
        assert_eq!([1, second, ALL + 1].map(|no| version(&mut people, no)), [Some(1), None, Some(1)]);
    }

    #[test]
    fn the_latest_is_found_and_a_longer_state_takes_an_older_one_away() {
        let mut people = People::<Remembered>::default();
        people.remember(remembered(7, 1));
        people.remember(remembered(7 + SETS as PersonNo, 1));

        people.remember(remembered(7, 2));
        assert_eq!(version(&mut people, 7), Some(2));
        people.remember(Remembered { state: [0; LENGTH + 1].into(), ..remembered(7, 3) });

        assert_eq!(version(&mut people, 7), None);
        people.remember(remembered(7, 4));
        assert_eq!(version(&mut people, 7), Some(4));
        people.forget_all();
        assert_eq!(version(&mut people, 7), None);
    }

    #[test]
    fn who_is_overwritten_is_as_if_they_had_been_read_again() {
        for length in [LENGTH, 256] {
            let write = PersonWrite {
                no: 7,
                id: PersonId::from_u128(7),
                union: Some(Name::stored("uLin0001")),
                merged_into: Some(3),
                links: 4,
                version: 5,
                last_event: 9,
                state: vec![8; length],
            };
            let mut known = remembered(7, 4);

            known.overwrite(&write);

            assert_eq!(known, Remembered::written(&write));
            assert_eq!((known.links, known.version, &*known.state), (4, 5, &*write.state));
            assert_eq!((known.union, known.merged_into), (write.union, Some(3)));
        }
    }

    #[test]
    fn nobody_is_in_a_set_twice_and_comes_back_as_they_were() {
        let (mut people, neighbour) = (People::<Remembered>::default(), 7 + SETS as PersonNo);
        let long = |no, version| Remembered { state: [0; LENGTH + 1].into(), ..remembered(no, version) };
        people.remember(remembered(7, 1));
        people.remember(remembered(neighbour, 1));
        people.remember(long(neighbour, 2));

        people.remember(remembered(7, 2));
        people.remember(long(7, 3));

        assert_eq!([7, neighbour].map(|no| version(&mut people, no)), [None, None]);
    }

    #[test]
    fn to_bring_somebody_changes_nothing() {
        let mut people = People::<Remembered>::default();
        let nos: Vec<_> = (0..WAYS).map(|way| 1 + (way * SETS) as PersonNo).collect();
        nos.iter().for_each(|no| people.remember(remembered(*no, 1)));

        people.bring([nos[0], nos[0], 2, 0, -7].into_iter());
        people.remember(remembered(1 + ALL, 1));

        assert_eq!(
            [nos[0], nos[1]].map(|no| version(&mut people, no)),
            [None, Some(1)],
            "not even the order"
        );
    }

    #[test]
    fn a_state_that_is_not_remembered_takes_nobodys_place() {
        let mut people = People::<Remembered>::default();
        let nos: Vec<_> = (0..=WAYS).map(|way| 1 + (way * SETS) as PersonNo).collect();
        nos[..WAYS].iter().for_each(|no| people.remember(remembered(*no, 1)));

        people.remember(Remembered { state: [0; LENGTH + 1].into(), ..remembered(nos[WAYS], 1) });

        assert!(nos[..WAYS].iter().all(|no| version(&mut people, *no) == Some(1)));
    }
}
