//! Persons, remembered from one commit to the next.
//!
//! The same people push again and again, and their rows lie on as many pages. A row that is remembered here costs no
//! search, and no page of SQLite's own cache, which would take ten others with it.

use crate::ids::{PersonId, PersonNo};
use crate::store::StoreError;
use crate::store::batch::{PersonRow, PersonWrite, Writes};
use crate::store::names::Name;
use crate::store::record::unpack;

/// Sets of slots, for a hundred thousand persons; 50 MiB when all of them are used, 80 with the longest states.
const SETS: usize = 1 << 14;
/// Persons that a set remembers, the latest first. Numbers are given in order, so the sets fill evenly.
const WAYS: usize = 7;
/// Bytes of a state that is remembered; the few that are longer are read.
const LENGTH: usize = 512;

/// One row of `person`, with the newest state.
#[derive(Clone, Debug)]
pub(in super::super) struct Remembered {
    pub(in super::super) no: PersonNo,
    pub(in super::super) id: PersonId,
    pub(in super::super) union: Option<Name>,
    pub(in super::super) merged_into: Option<PersonNo>,
    pub(in super::super) links: u32,
    pub(in super::super) version: i64,
    /// Packed.
    pub(in super::super) state: Box<[u8]>,
}

impl Remembered {
    /// As a batch has it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a state that cannot be read.
    pub(in super::super) fn row(&self) -> Result<PersonRow, StoreError> {
        let state = unpack(&self.state, self.no)?;
        let Self { id, union, merged_into, links, version, .. } = self;
        Ok(PersonRow::read(*id, union.clone(), *merged_into, *links, *version, state))
    }

    fn written(write: &PersonWrite) -> Self {
        let PersonWrite { no, id, union, merged_into, links, version, state, last_event: _ } = write;
        Self {
            no: *no,
            id: *id,
            union: union.clone(),
            merged_into: *merged_into,
            links: *links,
            version: *version,
            state: state.as_slice().into(),
        }
    }
}

/// See the module.
pub(in super::super) struct People {
    sets: Vec<[Option<Box<Remembered>>; WAYS]>,
}

impl Default for People {
    fn default() -> Self {
        Self { sets: std::iter::repeat_with(Default::default).take(SETS).collect() }
    }
}

impl People {
    /// Everybody, when another process may have changed them.
    pub(in super::super) fn forget_all(&mut self) {
        self.sets.fill_with(Default::default);
    }

    /// The person, if remembered.
    pub(in super::super) fn find(&mut self, no: PersonNo) -> Option<&Remembered> {
        let set = self.set(no);
        let at = set.iter().position(|slot| slot.as_ref().is_some_and(|remembered| remembered.no == no))?;
        set[..=at].rotate_right(1);
        set[0].as_deref()
    }

    /// As the tables have them.
    pub(in super::super) fn remember(&mut self, remembered: Remembered) {
        let set = self.set(remembered.no);
        let same = set.iter().position(|slot| slot.as_ref().is_some_and(|other| other.no == remembered.no));
        if remembered.state.len() > LENGTH {
            if let Some(at) = same {
                set[at] = None;
            }
            return;
        }
        // In place of what was known of them, wherever that is: nobody is in a set twice.
        let at = same.or_else(|| set.iter().position(Option::is_none)).unwrap_or(WAYS - 1);
        set[at] = Some(Box::new(remembered));
        set[..=at].rotate_right(1);
    }

    /// After the commit.
    pub(in super::super) fn committed(&mut self, writes: &Writes) {
        let Writes { persons_changed, persons_renamed, persons_new, .. } = writes;
        for write in [persons_changed, persons_renamed, persons_new].into_iter().flatten() {
            self.remember(Remembered::written(write));
        }
    }

    fn set(&mut self, no: PersonNo) -> &mut [Option<Box<Remembered>>; WAYS] {
        &mut self.sets[no.unsigned_abs() as usize % SETS]
    }
}

#[cfg(test)]
impl Remembered {
    /// Somebody with the longest state that is remembered.
    pub(super) fn test(no: PersonNo) -> Self {
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

    fn version(people: &mut People, no: PersonNo) -> Option<i64> {
        people.find(no).map(|remembered| {
            assert_eq!(remembered.no, no);
            remembered.version
        })
    }

    #[test]
    fn a_hundred_thousand_are_remembered_and_who_was_asked_for_last_stays() {
        const ALL: PersonNo = (SETS * WAYS) as PersonNo;
        let mut people = People::default();

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
        let mut people = People::default();
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
    fn nobody_is_in_a_set_twice_and_comes_back_as_they_were() {
        let (mut people, neighbour) = (People::default(), 7 + SETS as PersonNo);
        let long = |no, version| Remembered { state: [0; LENGTH + 1].into(), ..remembered(no, version) };
        people.remember(remembered(7, 1));
        people.remember(remembered(neighbour, 1));
        people.remember(long(neighbour, 2));

        people.remember(remembered(7, 2));
        people.remember(long(7, 3));

        assert_eq!([7, neighbour].map(|no| version(&mut people, no)), [None, None]);
    }

    #[test]
    fn a_state_that_is_not_remembered_takes_nobodys_place() {
        let mut people = People::default();
        let nos: Vec<_> = (0..=WAYS).map(|way| 1 + (way * SETS) as PersonNo).collect();
        nos[..WAYS].iter().for_each(|no| people.remember(remembered(*no, 1)));

        people.remember(Remembered { state: [0; LENGTH + 1].into(), ..remembered(nos[WAYS], 1) });

        assert!(nos[..WAYS].iter().all(|no| version(&mut people, *no) == Some(1)));
    }
}
