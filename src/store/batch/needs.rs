//! Which rows a group of commands may touch.

use crate::ids::{DedupeKey, PersonNo};

use super::super::names::{Link, Name};
use super::Asked;

/// Keys to be read before a group of commands is applied. May name the same row twice.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Needs {
    /// Unique keys, to find what is settled already.
    pub(in super::super) keys: Vec<DedupeKey>,
    /// Idempotency keys.
    pub(in super::super) requests: Vec<[u8; 16]>,
    /// Links, by their clear name; where that is unknown, by its digest.
    pub(in super::super) links: Vec<Link>,
    /// UnionIDs likewise.
    pub(in super::super) unions: Vec<Name>,
    /// Persons by number.
    pub(in super::super) persons: Vec<PersonNo>,
    /// Persons all of whose links are needed.
    pub(in super::super) links_of: Vec<PersonNo>,
    /// True when there are not enough numbers for new persons.
    pub(in super::super) numbers: bool,
}

impl Needs {
    /// What can be foreseen.
    pub(in super::super) fn of(commands: &[Asked]) -> Self {
        let room = commands.len();
        let mut needs =
            Self { keys: Vec::with_capacity(room), links: Vec::with_capacity(room), ..Self::default() };
        for Asked { command, .. } in commands {
            needs.keys.push(command.key);
            needs.requests.extend(command.request.map(|request| request.key));
            needs.unions.extend(command.subject.union_id.as_ref().map(Name::union));
            match (command.subject.person, &command.subject.identity) {
                (Some(person), _) => needs.persons.push(person),
                (None, Some((app_id, open_id))) => needs.links.push(Link::of(app_id, open_id)),
                (None, None) => {}
            }
        }
        // One POST is up to 500 commands under one key.
        needs.requests.sort_unstable();
        needs.requests.dedup();
        needs
    }

    /// One more person.
    pub(in super::super) fn person(no: PersonNo) -> Self {
        Self { persons: vec![no], ..Self::default() }
    }
}
