//! Whose newest state is in the table `recent`.
//!
//! The people of one commit lie on as many pages of `person`, and to write all of those with every commit would cost as
//! much as everything else. So a commit appends the new states to `recent`, side by side, and the writer goes through
//! `person` page by page, a little with each commit, and takes along whatever has gathered: where it has come to the end,
//! all that `recent` had when it began is in `person` too, and is deleted. What is remembered here is where in `recent`
//! the newest state of a person is. Readers ask for it too, on connections of their own.
//! (docs/decisions/0009-states-are-appended-first.md)

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, params};

use super::super::super::StoreError;
use super::super::super::batch::Writes;
use super::super::load::unreadable;
use super::people::People;
use crate::ids::{EventNo, PersonNo};

/// Rows that a commit deletes at most, for each that it appends: more than one, so that deleting catches up.
const DELETED: EventNo = 3;

/// Shared by the writer and the readers of this process.
#[derive(Debug, Default)]
pub(in super::super) struct Recent(Mutex<Behind>);

/// What is known of the table.
#[derive(Debug, Default)]
struct Behind {
    /// Rows up to this one have been seen.
    seen: EventNo,
    /// The newest row of everybody whose row of `person` may be older.
    newest: BTreeMap<PersonNo, EventNo>,
    /// The last person whom the writer has come by.
    at: PersonNo,
    /// What the writer owes for what was appended: persons, times [`Limits::behind`](super::super::limits::Limits).
    owed: usize,
    /// The last row that was there when it began with the first person.
    begun: EventNo,
    /// Rows up to this one are in `person`.
    done: EventNo,
    /// Rows up to this one are deleted.
    deleted: EventNo,
    /// Persons whose page is damaged: theirs is the only row that can be read.
    damaged: BTreeSet<PersonNo>,
    /// A page of `recent` is damaged, so nothing is deleted.
    kept: bool,
}

/// What a commit has brought into `person`.
#[derive(Debug, Default)]
pub(in super::super) struct Swept {
    persons: Vec<(PersonNo, EventNo)>,
    at: PersonNo,
    owed: usize,
    ended: bool,
    deleted: EventNo,
}

impl Recent {
    /// Reads what others have appended. Under the write lock, or as the first thing that a reader's transaction reads.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Corrupt`] when a page of the table is damaged, and nobody knows whose
    /// states are lost with it.
    pub(in super::super) fn catch_up(&self, connection: &Connection) -> Result<(), StoreError> {
        self.lock().catch_up(connection)
    }

    /// The row that has the newest state of `person`, where `person` itself may have an older one. Begins what
    /// `connection` reads, which has that row, or one in `person` that is as new.
    ///
    /// # Errors
    /// Those of [`Recent::catch_up`].
    pub(in super::super) fn seen_by(
        &self,
        connection: &Connection,
        person: PersonNo,
    ) -> Result<Option<EventNo>, StoreError> {
        let mut behind = self.lock();
        behind.catch_up(connection)?;
        Ok(behind.newest.get(&person).copied())
    }

    /// The same for the writer, who has caught up.
    pub(in super::super) fn of(&self, person: PersonNo) -> Option<EventNo> {
        self.lock().newest.get(&person).copied()
    }

    /// Brings as many persons up to date as is due when `appended` rows are added: so many that it comes by everybody
    /// once while about twice `within` rows are appended. Deletes what is no longer needed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]. [`StoreError::Corrupt`] for a damaged page, which the next attempt leaves alone.
    pub(in super::super) fn sweep(
        &self,
        connection: &Connection,
        people: &mut People,
        appended: usize,
        within: usize,
    ) -> Result<Swept, StoreError> {
        let mut behind = self.lock();
        let owed = behind.owed + behind.newest.len() * appended;
        let mut swept = Swept { at: behind.at, owed: owed % within, ..Swept::default() };
        let due = owed / within;
        let ahead = behind.newest.range(behind.at + 1..).map(|(no, event)| (*no, *event));
        swept.persons = ahead.take(due).collect();
        swept.ended = swept.persons.len() < due;
        for (no, event) in &swept.persons {
            swept.at = *no;
            if behind.damaged.contains(no) {
                continue;
            }
            if let Err(error) = bring(connection, people, *no, *event) {
                let error = unreadable("person", *no, "no")(error);
                if matches!(error, StoreError::Corrupt { .. }) {
                    tracing::error!(%error, "a person's newest state cannot be brought into their row");
                    behind.damaged.insert(*no);
                }
                return Err(error);
            }
        }
        if swept.ended {
            swept.at = 0;
        }
        let rows = EventNo::try_from(appended).unwrap_or(EventNo::MAX / DELETED);
        swept.deleted = behind.done.min(behind.deleted + DELETED * rows);
        if swept.deleted > behind.deleted && !behind.kept {
            let deleted = connection
                .prepare_cached("DELETE FROM recent WHERE event <= ?1")
                .and_then(|mut delete| delete.execute([swept.deleted]));
            if let Err(error) = deleted {
                let error = unreadable("recent", 0, "event")(error);
                behind.kept = matches!(error, StoreError::Corrupt { .. });
                return Err(error);
            }
        }
        Ok(swept)
    }

    /// True when an attempt of [`Recent::sweep`] has found a damaged page, which the next one leaves alone.
    pub(in super::super) fn damages(&self) -> usize {
        let behind = self.lock();
        behind.damaged.len() + usize::from(behind.kept)
    }

    /// After the commit.
    pub(in super::super) fn committed(&self, writes: &Writes, swept: &Swept) {
        self.lock().committed(writes, swept);
    }

    fn lock(&self) -> MutexGuard<'_, Behind> {
        // Whoever panicked has changed nothing, or everything.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves a row of `person` alone that has a newer state, by a merge or by another process.
fn bring(connection: &Connection, people: &mut People, no: PersonNo, event: EventNo) -> rusqlite::Result<()> {
    let changed = match people.find(no) {
        Some(person) => connection
            .prepare_cached(
                "UPDATE person SET links = ?2, version = ?3, state = ?4 WHERE no = ?1 AND version < ?3",
            )?
            .execute(params![no, person.links, person.version, person.state]),
        None => connection
            .prepare_cached(
                "UPDATE person SET (links, version, state) = (r.links, r.version, r.state) FROM recent r
                 WHERE person.no = ?1 AND r.event = ?2 AND r.person = ?1 AND person.version < r.version",
            )?
            .execute(params![no, event]),
    };
    changed.map(drop)
}

impl Behind {
    fn catch_up(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let damaged = unreadable("recent", 0, "event");
        let mut select = connection
            .prepare_cached("SELECT event, person FROM recent WHERE event > ?1 ORDER BY event")
            .map_err(&damaged)?;
        let mut rows = select.query([self.seen]).map_err(&damaged)?;
        while let Some(row) = rows.next().map_err(&damaged)? {
            let (event, person) = row.get(0).and_then(|event| Ok((event, row.get(1)?))).map_err(&damaged)?;
            self.append(event, person);
        }
        Ok(())
    }

    fn append(&mut self, event: EventNo, person: PersonNo) {
        if self.seen == 0 {
            self.deleted = event - 1;
        }
        // A reader may have seen later ones already, of another process.
        self.newest.entry(person).and_modify(|newest| *newest = event.max(*newest)).or_insert(event);
        self.seen = self.seen.max(event);
    }

    fn committed(&mut self, writes: &Writes, swept: &Swept) {
        for (no, event) in &swept.persons {
            // Not what was appended meanwhile.
            if self.newest.get(no) == Some(event) && !self.damaged.contains(no) {
                self.newest.remove(no);
            }
        }
        for person in &writes.persons_changed {
            self.append(person.last_event, person.no);
        }
        Swept { at: self.at, owed: self.owed, deleted: self.deleted, .. } = *swept;
        if swept.ended {
            if self.damaged.is_empty() {
                self.done = self.begun;
            }
            self.begun = self.seen;
        }
    }
}
