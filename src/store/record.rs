//! The columns that are not plain, and their typed form: JSON where an operator reads them, and packed where only the
//! ledger does (docs/decisions/0005-packed-state.md).

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Logged, StoreError};
use crate::clock::UnixMs;
use crate::ids::{EventNo, PersonNo};
use crate::ledger::{Action, Facts, State};

/// One row of `event`, as any database gives it.
#[derive(Debug)]
pub(super) struct EventRecord {
    pub(super) id: EventNo,
    pub(super) person: PersonNo,
    pub(super) prev: EventNo,
    pub(super) kind: String,
    pub(super) occurred_at: UnixMs,
    pub(super) received_at: UnixMs,
    pub(super) command: String,
    pub(super) outcome: String,
    pub(super) reply: Option<String>,
}

impl EventRecord {
    /// The row, read.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] naming the column.
    pub(super) fn logged(self) -> Result<Logged, StoreError> {
        let CommandColumn { facts, action } = parse(&self.command, "event", self.id, "command")?;
        Ok(Logged {
            event: self.id,
            person: self.person,
            prev: self.prev,
            kind: self.kind.into(),
            occurred_at: self.occurred_at,
            received_at: self.received_at,
            facts,
            action,
            outcome: parse(&self.outcome, "event", self.id, "outcome")?,
            outcome_json: self.outcome.into(),
            reply: self.reply.map(|json| parse(&json, "event", self.id, "reply")).transpose()?,
        })
    }
}

/// What `event.command` keeps of a command: no name of anybody.
#[derive(Serialize)]
pub(super) struct CommandText<'a> {
    pub(super) facts: &'a Facts,
    pub(super) action: &'a Action,
}

#[derive(Deserialize)]
struct CommandColumn {
    facts: Facts,
    action: Action,
}

/// A column, written.
///
/// # Errors
/// [`StoreError::Unavailable`]: a value that has no JSON form is not stored.
pub(super) fn write<T: Serialize>(value: &T) -> Result<String, StoreError> {
    let no_json =
        |why: &dyn std::fmt::Display| StoreError::Unavailable(format!("a value has no JSON form: {why}"));
    let mut json = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut json, value).map_err(|why| no_json(&why))?;
    String::from_utf8(json).map_err(|why| no_json(&why))
}

/// Bytes that nearly every column fits into: to start with less means to copy it, and again, while it grows.
const ROOM: usize = 512;

/// A column, read.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(super) fn parse<T: DeserializeOwned>(
    text: &str,
    table: &'static str,
    row: i64,
    column: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|why| StoreError::Corrupt { table, row, column, why: why.to_string() })
}

/// In front of every packed state. Another shape of [`State`] gets another number, and whoever gives it reads the old one
/// too: migrations are SQL, and cannot.
const SHAPE: u8 = 1;

/// `person.state`: the number of its shape, the fields in order (postcard), and zeros up to a round size.
///
/// # Errors
/// [`StoreError::Unavailable`]: a state that cannot be packed is not stored.
pub(super) fn pack(state: &State) -> Result<Vec<u8>, StoreError> {
    let mut packed = Vec::with_capacity(512);
    packed.push(SHAPE);
    let mut packed = postcard::to_extend(state, packed)
        .map_err(|why| StoreError::Unavailable(format!("a state cannot be packed: {why}")))?;
    packed.resize(room(packed.len()), 0);
    Ok(packed)
}

/// With zeros up to a round size, as [`pack`] gives it, in no more memory than that.
pub(super) fn padded(packed: &[u8]) -> Box<[u8]> {
    let mut padded = vec![0; room(packed.len())].into_boxed_slice();
    padded[..packed.len()].copy_from_slice(packed);
    padded
}

/// Without the zeros at its end: a state itself ends with its hash, which is text.
pub(super) fn unpadded(packed: &[u8]) -> &[u8] {
    let end = packed.iter().rposition(|byte| *byte != 0);
    packed.get(..end.map_or(0, |last| last + 1)).unwrap_or_default()
}

/// A row that keeps its size is overwritten where it is; one that grows makes a full page split, which costs as much
/// as everything else that a commit does for it.
fn room(length: usize) -> usize {
    length.next_multiple_of(128).max(256)
}

/// `person.state`, read.
///
/// # Errors
/// [`StoreError::Corrupt`] naming the person.
pub(super) fn unpack(packed: &[u8], person: PersonNo) -> Result<State, StoreError> {
    let corrupt = |why| StoreError::Corrupt { table: "person", row: person, column: "state", why };
    let fields = match packed {
        [SHAPE, fields @ ..] => fields,
        [shape, ..] => return Err(corrupt(format!("shape {shape} is not known to this version"))),
        [] => return Err(corrupt("empty".into())),
    };
    match postcard::take_from_bytes::<State>(fields) {
        // The hash comes last, so a page that was lost and reads as zeros from somewhere on ends in none, or in one that is
        // no `Chain`.
        Ok((state, _)) if state.last_event == 0 || state.hash.is_empty() => {
            Err(corrupt("its end is missing".into()))
        }
        Ok((state, rest)) if rest.iter().all(|byte| *byte == 0) => Ok(state),
        Ok((_, rest)) => Err(corrupt(format!("{} bytes after the state are not zeros", rest.len()))),
        Err(why) => Err(corrupt(why.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state with something of everything, as it was packed before short texts and hashes had types of their own; without
    /// the zeros at its end.
    const PACKED: &str = "\
        01010101020106666f6c6c6f7701d0c402f00100022b612067726f75702077686f7365206e616d65206973206c6f6e676572\
        207468616e203233206f6374657473000101febe020a020d61647c633a73756d6d65722d61013cf6be020b666f6c6c6f777c\
        6576657201c801f6be0201177061797c723a23303132333435363738396162636465660210e00d00f6be020106666f6c6c6f\
        778fae0cf00104e00d8088c09bd566011277783030303030303030303030303030616101028088c09bd5660001008088c09b\
        d56601010ec0b1c79bd5660125e997a8e5ba972073686f702d31322c207461626c652034206279207468652077696e646f77\
        018088c09bd566e88fc09bd5660e203031323334353637383961626364656630313233343536373839616263646566";

    fn packed() -> Vec<u8> {
        let octet = |at: usize| u8::from_str_radix(&PACKED[at..at + 2], 16).unwrap();
        let mut packed: Vec<u8> = (0..PACKED.len()).step_by(2).map(octet).collect();
        packed.resize(384, 0);
        packed
    }

    #[test]
    fn a_state_that_was_packed_before_is_read_and_packed_as_it_was() {
        let state = unpack(&packed(), 1).unwrap();

        let expected = serde_json::json!({
            "life": "member",
            "lang": "en",
            "lots": [
                { "bucket": "available", "group": "follow", "expires": 20_776, "left": 120, "release": null },
                { "bucket": "held", "group": "a group whose name is longer than 23 octets", "expires": null,
                  "left": -1, "release": 20_415 },
            ],
            "debt": 5,
            "caps": {
                "ad|c:summer-a": { "times": 1, "points": 30, "day": 20_411 },
                "follow|ever": { "times": 1, "points": 100, "day": 20_411 },
            },
            "refs": {
                "pay|r:#0123456789abcdef": { "times": 1, "points": 8, "paid": 880, "refunded": 0, "day": 20_411 },
            },
            "months": [{ "group": "follow", "month": 202_511, "points": 120, "count": 2, "fen": 880,
                "last": 1_763_784_000_000_i64 }],
            "follows": {
                "wx00000000000000aa": {
                    "on": true, "times": 2, "changed_at": 1_763_784_000_000_i64, "left_at": 0,
                    "windows": [{ "kind": "brief", "opened_at": 1_763_784_000_000_i64, "used": 1 }],
                    "owes": [7, 1_763_784_060_000_i64],
                    "scene": "门店 shop-12, table 4 by the window",
                },
            },
            "elsewhere": true,
            "first_at": 1_763_784_000_000_i64,
            "last_at": 1_763_784_000_500_i64,
            "last_event": 7,
            "hash": "0123456789abcdef0123456789abcdef",
        });
        assert_eq!(serde_json::to_value(&state).unwrap(), expected);
        assert_eq!(pack(&state).unwrap(), packed());
        assert_eq!(unpadded(&packed()).last(), Some(&b'f'));
        assert_eq!(*padded(unpadded(&packed())), packed());
    }

    #[test]
    fn a_state_whose_end_was_lost_is_corrupt_wherever_it_is_cut() {
        let rich = unpack(&packed(), 1).unwrap();
        let poor = State { last_event: 7, hash: rich.hash, ..State::default() };

        for state in [rich, poor] {
            let packed = pack(&state).unwrap();
            let length = 1 + postcard::to_stdvec(&state).unwrap().len();
            for end in 1..length {
                let mut cut = packed.clone();
                cut[end..].fill(0);
                assert!(matches!(unpack(&cut, 1), Err(StoreError::Corrupt { .. })), "{end}");
            }
            assert_eq!(unpack(&packed, 1).unwrap(), state);
        }
    }
}
