//! The rows of `recent`: newest states, side by side.
//!
//! In front is a CRC-32 of all that follows, little-endian: a row has others' states, so one that was cut, or reads as zeros
//! from somewhere on, must not be taken for one that has fewer. Each state then is the number of the person, `links` and
//! `version` as in `person`, how long the packed state is (postcard's integers), and the state without the zeros at its end.
//!
//! To write and to delete a row of its own for each state would cost as much as everything else that a commit writes.

use super::super::super::super::StoreError;
use super::super::super::super::batch::PersonWrite;
use super::super::super::super::record::{padded, unpadded};
use crate::ids::{EventNo, PersonNo};

/// Bytes of states in a row with which it still has room on one page of 4 KiB; one that is longer alone has a row alone.
const LENGTH: usize = 4_000;

/// What one row has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Row {
    /// The last of the events in the states, which no other row can have: an event is in one state.
    pub(super) event: EventNo,
    pub(super) persons: Vec<PersonNo>,
    pub(super) states: Vec<u8>,
}

/// One of the states in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super::super) struct Newest<'a> {
    pub(in super::super::super) person: PersonNo,
    pub(in super::super::super) links: u32,
    pub(in super::super::super) version: i64,
    /// Packed, without the zeros at its end.
    state: &'a [u8],
}

/// In front of every row.
const CHECK: usize = size_of::<u32>();

/// In front of every state.
type Head = (PersonNo, u32, i64, usize);

impl Row {
    /// As few as can have them all.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: what cannot be packed is not stored.
    pub(super) fn of(persons: &[PersonWrite]) -> Result<Vec<Self>, StoreError> {
        let mut rows: Vec<Self> = Vec::new();
        for person in persons {
            let state = unpadded(&person.state);
            let head: Head = (person.no, person.links, person.version, state.len());
            let head = postcard::to_stdvec(&head)
                .map_err(|why| StoreError::Unavailable(format!("a state cannot be packed: {why}")))?;
            let room = |row: &mut Self| row.states.len() + head.len() + state.len() <= LENGTH;
            if !rows.last_mut().is_some_and(room) {
                let mut states = Vec::with_capacity(LENGTH.min(persons.len() * 320));
                states.resize(CHECK, 0);
                rows.push(Self { states, ..Self::default() });
            }
            if let Some(row) = rows.last_mut() {
                row.event = row.event.max(person.last_event);
                row.persons.push(person.no);
                row.states.extend_from_slice(&head);
                row.states.extend_from_slice(state);
            }
        }
        for Self { states, .. } in &mut rows {
            let check = crc32fast::hash(&states[CHECK..]);
            states[..CHECK].copy_from_slice(&check.to_le_bytes());
        }
        Ok(rows)
    }
}

impl<'a> Newest<'a> {
    /// Those of the row `event`, in the order of their persons.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] unless all of them are as they were written.
    pub(in super::super::super) fn all(event: EventNo, states: &'a [u8]) -> Result<Vec<Self>, StoreError> {
        let corrupt = |why| StoreError::Corrupt { table: "recent", row: event, column: "states", why };
        let (check, mut states) =
            states.split_first_chunk::<CHECK>().ok_or_else(|| corrupt("too short".into()))?;
        if u32::from_le_bytes(*check) != crc32fast::hash(states) || states.is_empty() {
            return Err(corrupt("not what was written".into()));
        }
        let mut all = Vec::with_capacity(32);
        while !states.is_empty() {
            let ((person, links, version, length), rest) =
                postcard::take_from_bytes::<Head>(states).map_err(|why| corrupt(why.to_string()))?;
            let (state, rest) = rest
                .split_at_checked(length)
                .ok_or_else(|| corrupt(format!("it ends within the state of person {person}")))?;
            all.push(Self { person, links, version, state });
            states = rest;
        }
        Ok(all)
    }

    /// As `person` has it.
    pub(in super::super::super) fn state(&self) -> Box<[u8]> {
        padded(self.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;

    /// Somebody with a packed state of `length` bytes, of which the last ten are zeros.
    fn write(no: PersonNo, last_event: EventNo, length: usize) -> PersonWrite {
        let mut state: Vec<u8> = (0..length).map(|at| (no as usize + at) as u8 | 1).collect();
        state[length - 10..].fill(0);
        let (id, union, merged_into) = (PersonId::from_u128(1), None, None);
        PersonWrite { no, id, union, merged_into, links: 2, version: last_event, last_event, state }
    }

    #[test]
    fn what_is_packed_is_read() {
        let writes = [write(1, 9, 256), write(2, 7, 384), write(1 << 40, 8, 512)];

        let rows = Row::of(&writes).unwrap();

        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((row.event, &row.persons[..]), (9, &[1, 2, 1 << 40][..]));
        let newest = Newest::all(row.event, &row.states).unwrap();
        let read = newest.iter().map(|newest| (newest.person, newest.links, newest.version, newest.state()));
        let expected = writes.map(|write| (write.no, write.links, write.version, write.state.into()));
        assert!(read.eq(expected), "{newest:?}");
    }

    #[test]
    fn a_row_has_room_on_a_page_and_a_long_state_a_row_alone() {
        let mut writes: Vec<_> = (1..=40).map(|no| write(no, 100 - no, 256)).collect();
        writes.push(write(41, 41, 8_192));
        writes.push(write(42, 42, 256));

        let rows = Row::of(&writes).unwrap();

        let persons: Vec<_> = rows.iter().flat_map(|row| row.persons.iter().copied()).collect();
        assert!(persons.into_iter().eq(1..=42));
        assert_eq!(rows.iter().map(|row| row.persons.len()).collect::<Vec<_>>(), [15, 15, 10, 1, 1]);
        assert_eq!(rows.iter().map(|row| row.event).collect::<Vec<_>>(), [99, 84, 69, 41, 42]);
        assert!(rows.iter().all(|row| row.persons.len() == 1 || row.states.len() <= LENGTH));
    }

    #[test]
    fn a_row_whose_end_was_lost_is_corrupt_wherever_it_is_cut() {
        let rows = Row::of(&[write(1, 1, 256), write(2, 2, 256)]).unwrap();
        let whole = &rows[0].states;
        let is_corrupt = |states: &[u8]| {
            matches!(Newest::all(2, states), Err(StoreError::Corrupt { table: "recent", row: 2, .. }))
        };

        for end in 0..whole.len() {
            let mut zeros = whole.clone();
            zeros[end..].fill(0);
            assert!(is_corrupt(&whole[..end]) && is_corrupt(&zeros), "{end}");
        }
        assert!(Newest::all(2, whole).is_ok());
    }
}
