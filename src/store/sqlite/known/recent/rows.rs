//! The rows of `recent`: newest states, side by side.
//!
//! Each is the number of the person, `links` and `version` as in `person`, how long the packed state is, and the state
//! without the zeros at its end (postcard's integers). To write and to delete a row of its own for each of them would cost
//! as much as everything else that a commit writes.

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
                rows.push(Self { states: Vec::with_capacity(LENGTH), ..Self::default() });
            }
            if let Some(row) = rows.last_mut() {
                row.event = row.event.max(person.last_event);
                row.persons.push(person.no);
                row.states.extend_from_slice(&head);
                row.states.extend_from_slice(state);
            }
        }
        Ok(rows)
    }
}

impl<'a> Newest<'a> {
    /// Those of a row, in order, up to the first that cannot be read.
    pub(in super::super::super) fn all(
        event: EventNo,
        mut states: &'a [u8],
    ) -> impl Iterator<Item = Result<Self, StoreError>> {
        std::iter::from_fn(move || {
            if states.is_empty() {
                return None;
            }
            let next = Self::first(event, states);
            states = next.as_ref().map_or(&[], |(_, rest)| rest);
            Some(next.map(|(newest, _)| newest))
        })
    }

    fn first(event: EventNo, states: &'a [u8]) -> Result<(Self, &'a [u8]), StoreError> {
        let corrupt = |why| StoreError::Corrupt { table: "recent", row: event, column: "states", why };
        let ((person, links, version, length), rest) =
            postcard::take_from_bytes::<Head>(states).map_err(|why| corrupt(why.to_string()))?;
        let (state, rest) = rest
            .split_at_checked(length)
            .ok_or_else(|| corrupt(format!("it ends within the state of person {person}")))?;
        Ok((Self { person, links, version, state }, rest))
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

    /// Somebody with a packed state of `length` bytes, zeros included.
    fn write(no: PersonNo, last_event: EventNo, length: usize) -> PersonWrite {
        let mut state = vec![7; length - 10];
        state.resize(length, 0);
        let (id, union, merged_into) = (PersonId::from_u128(1), None, None);
        PersonWrite { no, id, union, merged_into, links: 2, version: last_event, last_event, state }
    }

    fn read(row: &Row) -> Vec<(PersonNo, u32, i64, Box<[u8]>)> {
        Newest::all(row.event, &row.states)
            .map(|newest| newest.unwrap())
            .map(|newest| (newest.person, newest.links, newest.version, newest.state()))
            .collect()
    }

    #[test]
    fn what_is_packed_is_read() {
        let writes = [write(1, 9, 256), write(2, 7, 384), write(1 << 40, 8, 512)];

        let rows = Row::of(&writes).unwrap();

        let [row] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((row.event, &row.persons[..]), (9, &[1, 2, 1 << 40][..]));
        let expected =
            writes.map(|write| (write.no, write.links, write.version, write.state.into_boxed_slice()));
        assert_eq!(read(row), expected);
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
    fn a_row_that_was_cut_or_written_over_is_corrupt_and_what_is_before_is_read() {
        let rows = Row::of(&[write(1, 1, 256), write(2, 2, 256)]).unwrap();
        let states = &rows[0].states;

        // 246 bytes that are no zeros, behind five.
        for end in 252..states.len() {
            let read: Vec<_> = Newest::all(2, &states[..end]).collect();
            assert_eq!(read.iter().filter(|newest| newest.is_ok()).count(), 1, "{end}");
            assert!(matches!(read[1], Err(StoreError::Corrupt { table: "recent", row: 2, .. })), "{end}");
        }
        assert!(Newest::all(2, &[0xff; 100]).all(|newest| newest.is_err()));
    }
}
