//! The rows of `recent`: newest states, side by side.
//!
//! First come the heads of all states, behind a CRC-32 of theirs (little-endian), then the packed states without the zeros at
//! their ends. A head (postcard) has the number of the person, `links` and `version` as in `person`, how long the state is
//! and its CRC-32. So a row that was cut, or reads as zeros from somewhere on, is not taken for one that has fewer, and a
//! state that was damaged concerns nobody but its person.
//!
//! A row for each state, to write and later to delete, would cost as much as the event's own.

use super::super::super::super::StoreError;
use super::super::super::super::batch::PersonWrite;
use super::super::super::super::record::{padded, unpadded};
use crate::ids::{EventNo, PersonNo};

/// Bytes of a row with which it still has room on one page of 4 KiB; a state that is longer has a row alone.
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
    /// The row's.
    event: EventNo,
    /// Packed, without the zeros at its end.
    state: &'a [u8],
    /// What the state's CRC-32 was when it was written.
    check: u32,
}

/// Person, links, version; the length of the state, and its CRC-32.
type Head = (PersonNo, u32, i64, u32, u32);

/// The longest: integers take up to ten and five bytes.
const HEAD: usize = 10 + 5 + 10 + 5 + 5;
/// The CRC-32 of the heads, and how many there are.
const CHECK: usize = size_of::<u32>();
const COUNT: usize = 2;

impl Row {
    /// As few as can have them all.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]: what cannot be packed is not stored.
    pub(super) fn of(persons: &[PersonWrite]) -> Result<Vec<Self>, StoreError> {
        let mut rows = Vec::new();
        let (mut from, mut length) = (0, CHECK + COUNT);
        for (at, person) in persons.iter().enumerate() {
            let needed = HEAD + unpadded(&person.state).len();
            if at > from && length + needed > LENGTH {
                rows.push(Self::packed(&persons[from..at])?);
                (from, length) = (at, CHECK + COUNT);
            }
            length += needed;
        }
        if from < persons.len() {
            rows.push(Self::packed(&persons[from..])?);
        }
        Ok(rows)
    }

    fn packed(persons: &[PersonWrite]) -> Result<Self, StoreError> {
        let head = |person: &PersonWrite| -> Result<Head, StoreError> {
            let PersonWrite { no, links, version, state, .. } = person;
            let state = unpadded(state);
            let length = u32::try_from(state.len()).map_err(|_| unpackable(&"it is too long"))?;
            Ok((*no, *links, *version, length, crc32fast::hash(state)))
        };
        let heads = persons.iter().map(head).collect::<Result<Vec<_>, _>>()?;
        let mut states = Vec::with_capacity(LENGTH.min(persons.len() * (HEAD + 256)));
        states.resize(CHECK, 0);
        let mut states = postcard::to_extend(&heads, states).map_err(|why| unpackable(&why))?;
        let check = crc32fast::hash(&states[CHECK..]);
        states[..CHECK].copy_from_slice(&check.to_le_bytes());
        persons.iter().for_each(|person| states.extend_from_slice(unpadded(&person.state)));
        Ok(Self {
            event: persons.iter().map(|person| person.last_event).max().unwrap_or_default(),
            persons: persons.iter().map(|person| person.no).collect(),
            states,
        })
    }
}

fn unpackable(why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unavailable(format!("a state cannot be packed: {why}"))
}

impl<'a> Newest<'a> {
    /// Those of the row `event`, in the order of their persons; [`Newest::state`] says whether a state is as it was written.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where nobody knows whose states the row has.
    pub(in super::super::super) fn all(event: EventNo, states: &'a [u8]) -> Result<Vec<Self>, StoreError> {
        let corrupt = |why| StoreError::Corrupt { table: "recent", row: event, column: "states", why };
        let (check, heads) =
            states.split_first_chunk::<CHECK>().ok_or_else(|| corrupt("too short".into()))?;
        let (all, mut states) =
            postcard::take_from_bytes::<Vec<Head>>(heads).map_err(|why| corrupt(why.to_string()))?;
        let heads = &heads[..heads.len() - states.len()];
        if u32::from_le_bytes(*check) != crc32fast::hash(heads) {
            return Err(corrupt("it does not begin as it was written".into()));
        }
        let newest = |(person, links, version, length, check): Head| {
            let (state, rest) = states.split_at(states.len().min(length as usize));
            states = rest;
            Self { person, links, version, event, state, check }
        };
        Ok(all.into_iter().map(newest).collect())
    }

    /// As `person` has it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] unless it is as it was written.
    pub(super) fn state(&self) -> Result<Box<[u8]>, StoreError> {
        if crc32fast::hash(self.state) != self.check {
            let why = format!("the state of person {} is not as it was written", self.person);
            return Err(StoreError::Corrupt { table: "recent", row: self.event, column: "states", why });
        }
        Ok(padded(self.state))
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
        let read = newest
            .iter()
            .map(|newest| (newest.person, newest.links, newest.version, newest.state().unwrap()));
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
        assert_eq!(rows.iter().map(|row| row.persons.len()).collect::<Vec<_>>(), [14, 14, 12, 1, 1]);
        assert_eq!(rows.iter().map(|row| row.event).collect::<Vec<_>>(), [99, 85, 71, 41, 42]);
        assert!(rows.iter().all(|row| row.persons.len() == 1 || row.states.len() <= LENGTH));
    }

    #[test]
    fn what_was_lost_with_the_end_of_a_row_is_corrupt_wherever_it_is_cut_and_the_rest_is_read() {
        let writes = [write(1, 1, 256), write(2, 2, 256)];
        let whole = &Row::of(&writes).unwrap()[0].states;
        let heads = whole.len() - 2 * 246;
        let corrupt = |error| matches!(error, StoreError::Corrupt { table: "recent", row: 2, .. });

        for end in 0..whole.len() {
            let mut zeros = whole.clone();
            zeros[end..].fill(0);
            for damaged in [&whole[..end], &zeros] {
                match Newest::all(2, damaged) {
                    Err(error) => assert!(end < heads && corrupt(error), "{end}"),
                    Ok(newest) => {
                        assert!(end >= heads, "{end}");
                        let [first, second] = &newest[..] else { panic!("{newest:?}") };
                        match first.state() {
                            Ok(state) => assert_eq!(*state, writes[0].state),
                            Err(error) => assert!(end < heads + 246 && corrupt(error), "{end}"),
                        }
                        assert!(second.state().is_err_and(corrupt), "{end}");
                    }
                }
            }
        }
    }
}
