//! Whom a command concerns.

use crate::ids::PersonNo;
use crate::ledger::{Command, Resolution};

use super::super::StoreError;
use super::super::names::{Eraser, Link, Name};
use super::{Claim, Needs, Rows};
use crate::ledger::{Life, State};

/// The person of a command, before anything is changed.
#[derive(Debug)]
pub(super) struct Who {
    /// `None` for somebody new.
    pub(super) person: Option<PersonNo>,
    /// Another person that this command proves to be the same one, and that ends with it.
    pub(super) merging: Option<PersonNo>,
    /// Names that the person has from now on.
    pub(super) claims: Vec<Claim>,
    /// Links in clear, with those of `claims` and of `merging`.
    pub(super) identities: usize,
    /// The UnionID of the command belongs to somebody else than its OpenID, and neither gives way.
    pub(super) conflict: bool,
}

/// `Ok(Ok(None))` for a stranger of whom nothing is to be written.
///
/// Evidence, strongest first: our own number, then the (AppID, OpenID), then the UnionID. A UnionID that the person
/// does not have yet is theirs from now on, and whoever had it is the same person, unless both have UnionIDs: two
/// different ones never merge.
///
/// # Errors
/// [`Needs`] when a row is missing that nobody could foresee.
pub(super) fn find(
    rows: &Rows,
    command: &Command,
    eraser: &Eraser,
) -> Result<Result<Option<Who>, StoreError>, Needs> {
    let subject = &command.subject;
    let mut claims = Vec::new();
    let known = match (subject.person, &subject.identity) {
        (Some(no), _) => match rows.living(no)? {
            Some(no) => Some(no),
            None => return Ok(Err(nobody(no))),
        },
        (None, Some((app_id, open_id))) => {
            let clear = Link::of(app_id, open_id);
            let erased = || eraser.link(&clear);
            match rows.link(&clear) {
                Some(no) => rows.living(no)?,
                None => {
                    let erased = erased();
                    let no = rows.link(&erased);
                    claims.push(Claim::Link { clear, erased: no.map(|_| erased) });
                    no.map(|no| rows.living(no)).transpose()?.flatten()
                }
            }
        }
        (None, None) => None,
    };
    let union = subject.union_id.as_ref().map(Name::union);
    let by_union = match &union {
        Some(clear) => match rows.union(clear).or_else(|| rows.union(&eraser.union(clear))) {
            Some(no) => rows.living(no)?,
            None => None,
        },
        None => None,
    };

    let fresh_links = claims.len();
    let count = |no: PersonNo| rows.person(no).links as usize;
    let who = match (known, by_union) {
        (None, None) => {
            if union.is_none() && subject.resolution == Resolution::Ask {
                return Ok(Ok(None));
            }
            if !rows.has_number() {
                return Err(Needs { numbers: true, ..Needs::default() });
            }
            claims.extend(union.map(Claim::Union));
            Who { person: None, merging: None, claims, identities: fresh_links, conflict: false }
        }
        (Some(no), None) => {
            // Somebody with another UnionID keeps it.
            let conflict = union.is_some() && rows.person(no).union.is_some();
            claims.extend(union.filter(|_| !conflict).map(Claim::Union));
            Who { person: Some(no), merging: None, claims, identities: count(no) + fresh_links, conflict }
        }
        (Some(no), Some(same)) if no == same => one(rows, no, claims, union, fresh_links),
        (None, Some(no)) => one(rows, no, claims, union, fresh_links),
        (Some(no), Some(_)) if rows.person(no).union.is_some() => Who {
            person: Some(no),
            merging: None,
            claims,
            identities: count(no) + fresh_links,
            conflict: true,
        },
        (Some(a), Some(b)) => {
            claims.extend(union.map(Claim::Union));
            let (person, merging) =
                if survives(&rows.person(a).state, &rows.person(b).state) { (a, b) } else { (b, a) };
            let identities = count(a) + count(b) + fresh_links;
            Who { person: Some(person), merging: Some(merging), claims, identities, conflict: false }
        }
    };
    Ok(Ok(Some(who)))
}

/// Both names, or the only known one, lead to the same person; an erased UnionID is in clear again.
fn one(rows: &Rows, no: PersonNo, mut claims: Vec<Claim>, union: Option<Name>, fresh_links: usize) -> Who {
    let row = rows.person(no);
    claims.extend(union.filter(|union| row.union.as_ref() != Some(union)).map(Claim::Union));
    Who {
        person: Some(no),
        merging: None,
        claims,
        identities: row.links as usize + fresh_links,
        conflict: false,
    }
}

fn nobody(no: PersonNo) -> StoreError {
    StoreError::Corrupt {
        table: "person",
        row: no,
        column: "no",
        why: "a command names a person that is not there".into(),
    }
}

/// True when `a` outlives a merge with `b`: a member over a visitor, else whoever was there first.
fn survives(a: &State, b: &State) -> bool {
    let member = |state: &State| state.life == Life::Member;
    (!member(a), a.first_at) <= (!member(b), b.first_at)
}
