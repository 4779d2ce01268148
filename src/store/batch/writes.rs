//! What has changed when a batch is through.

use std::sync::Arc;

use smol_str::SmolStr;

use super::super::StoreError;
use super::super::names::{Link, Name};
use super::super::record::pack;
use super::{PersonRow, Rows};
use crate::clock::UnixMs;
use crate::ids::{AppId, DedupeKey, EventNo, PersonId, PersonNo};

/// Everything that one commit writes. Names are let go before they are given again, persons are there before what names
/// them. Everything but events and the outbox is sorted by key, so that a database that locks rows can take them in order.
#[derive(Debug, Default)]
pub(in super::super) struct Writes {
    /// Persons whose UnionID becomes null before anybody gets one.
    pub(in super::super) unions_let_go: Vec<PersonNo>,
    /// Those UnionIDs, sorted.
    pub(in super::super) unions_gone: Vec<Name>,
    /// Persons of whom only `state`, `links` and `version` change.
    pub(in super::super) persons_changed: Vec<PersonWrite>,
    /// Persons of whom everything may change.
    pub(in super::super) persons_renamed: Vec<PersonWrite>,
    /// Persons to insert.
    pub(in super::super) persons_new: Vec<PersonWrite>,
    /// Links to delete.
    pub(in super::super) links_gone: Vec<Link>,
    /// Links that lead to another person now.
    pub(in super::super) links_moved: Vec<(Link, PersonNo)>,
    /// Links to insert.
    pub(in super::super) links_new: Vec<(Link, PersonNo)>,
    /// Rows to append.
    pub(in super::super) events: Vec<EventWrite>,
    /// Idempotency keys seen for the first time, with the digest of the body.
    pub(in super::super) requests: Vec<([u8; 16], [u8; 16])>,
    /// Errands to insert, before any is deleted: one may inherit from an errand that ends here.
    pub(in super::super) outbox: Vec<OutboxWrite>,
    /// Errands to delete.
    pub(in super::super) ended: Vec<i64>,
    /// Numbers for persons that nobody took.
    pub(in super::super) numbers_left: Vec<PersonNo>,
}

/// One row of `event` and its key in `dedupe`.
#[derive(Debug)]
pub(in super::super) struct EventWrite {
    pub(in super::super) id: EventNo,
    pub(in super::super) key: DedupeKey,
    pub(in super::super) person: PersonNo,
    pub(in super::super) prev: EventNo,
    pub(in super::super) kind: SmolStr,
    pub(in super::super) occurred_at: UnixMs,
    pub(in super::super) received_at: UnixMs,
    pub(in super::super) request: Option<[u8; 16]>,
    pub(in super::super) command: Arc<str>,
    pub(in super::super) outcome: String,
    pub(in super::super) reply: Option<String>,
}

/// One row of `person`.
#[derive(Debug)]
pub(in super::super) struct PersonWrite {
    pub(in super::super) no: PersonNo,
    pub(in super::super) id: PersonId,
    pub(in super::super) union: Option<Name>,
    pub(in super::super) merged_into: Option<PersonNo>,
    pub(in super::super) links: u32,
    pub(in super::super) version: i64,
    /// The last event in the state.
    pub(in super::super) last_event: EventNo,
    /// Packed.
    pub(in super::super) state: Vec<u8>,
}

/// One row of `outbox`.
#[derive(Debug)]
pub(in super::super) struct OutboxWrite {
    pub(in super::super) event: EventNo,
    pub(in super::super) person: PersonNo,
    pub(in super::super) app_id: AppId,
    /// Digest of the link that it concerns.
    pub(in super::super) link: Option<Name>,
    /// The errand that ends here and whose link it takes over where it has none of its own.
    pub(in super::super) heir_of: Option<i64>,
    pub(in super::super) errand: String,
    pub(in super::super) due_at: UnixMs,
    pub(in super::super) deadline: UnixMs,
}

impl Writes {
    pub(super) fn of(
        rows: Rows,
        events: Vec<EventWrite>,
        outbox: Vec<OutboxWrite>,
        ended: Vec<i64>,
    ) -> Result<Self, StoreError> {
        let mut writes = Self { requests: rows.new_requests(), events, outbox, ended, ..Self::default() };
        writes.persons_changed.reserve(rows.persons.len());
        for (no, row) in rows.persons {
            let Some(row) = row.filter(PersonRow::is_touched) else { continue };
            if let Some(name) = row.lets_go() {
                writes.unions_let_go.push(no);
                writes.unions_gone.push(name.clone());
            }
            let list = match (row.is_stored(), row.is_renamed()) {
                (false, _) => &mut writes.persons_new,
                (true, true) => &mut writes.persons_renamed,
                (true, false) => &mut writes.persons_changed,
            };
            let (last_event, state) = (row.state.last_event, pack(&row.state)?);
            let PersonRow { id, union, merged_into, links, version, .. } = row;
            list.push(PersonWrite { no, id, union, merged_into, links, version, last_event, state });
        }
        for (link, row) in rows.links {
            match (row.touched, row.stored, row.person) {
                (true, true, None) => writes.links_gone.push(link),
                (true, true, Some(person)) => writes.links_moved.push((link, person)),
                (true, false, Some(person)) => writes.links_new.push((link, person)),
                (true, false, None) | (false, ..) => {}
            }
        }
        writes.numbers_left = rows.numbers.into();
        writes.sort();
        Ok(writes)
    }

    fn sort(&mut self) {
        self.requests.sort_unstable();
        self.unions_let_go.sort_unstable();
        self.unions_gone.sort_unstable();
        for list in [&mut self.persons_new, &mut self.persons_changed, &mut self.persons_renamed] {
            list.sort_unstable_by_key(|person| person.no);
        }
        self.links_gone.sort_unstable();
        self.links_moved.sort_unstable();
        self.links_new.sort_unstable();
        self.ended.sort_unstable();
        self.ended.dedup();
    }

    /// True when there is nothing to commit.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.requests.is_empty() && self.ended.is_empty()
    }
}
