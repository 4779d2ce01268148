//! Whose newest state is in the table `recent`.
//!
//! The people of one commit lie on as many pages of `person`, and to write all of those with every commit would cost as
//! much as everything else. So a commit appends the new states to `recent`, side by side (`rows.rs`), and the writer goes
//! through `person` page by page, a little with each commit, and takes along whatever has gathered: where it has come to
//! the end, all that `recent` had when it began is in `person` too, and is deleted. What is remembered here is where in
//! `recent` the newest state of a person is. Readers ask for it too, on connections of their own.
//! (docs/decisions/0009-states-are-appended-first.md)

mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::super::StoreError;
use super::super::super::batch::PersonWrite;
use super::super::super::people::{People, Remembered};
use super::super::trouble::{unavailable, unreadable};
use crate::ids::{EventNo, PersonNo};
pub(in super::super) use rows::Newest;
pub(super) use rows::Row;

/// Bytes of states that a commit deletes at most, about, for each that it appends: more than one, so that deleting catches up.
const DELETED: usize = 3;
/// Events, times what shall be appended while the writer comes by half of the persons, after which it goes no faster.
const SLOWEST: usize = 8;

/// Shared by the writer and the readers of this process.
#[derive(Debug, Default)]
pub(in super::super) struct Recent(Mutex<Behind>);

/// What is known of the table. A row is known by the last event of its states.
#[derive(Debug, Default)]
struct Behind {
    /// Rows up to this one have been seen.
    seen: EventNo,
    /// The newest row of everybody whose row of `person` may be older.
    newest: BTreeMap<PersonNo, EventNo>,
    place: Place,
    /// What the writer owes for what was appended: persons, times [`Limits::behind`](super::super::limits::Limits).
    owed: usize,
    /// Persons whose page is damaged, or whose newest state: both stay as they are.
    damaged: BTreeSet<PersonNo>,
    /// A page of `recent` is damaged, so nothing is deleted.
    kept: bool,
}

/// How far the writer has come. Whatever is appended says it too, and the next start goes on from there: however often
/// a process is started again, some time it comes to the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Place {
    /// The last person whom it has come by.
    pub(in super::super) at: PersonNo,
    /// The last row that was there when it began with the first person.
    pub(in super::super) begun: EventNo,
    /// Rows up to this one are in `person`.
    pub(in super::super) done: EventNo,
}

/// What a commit has brought into `person`.
#[derive(Debug, Default)]
pub(super) struct Swept {
    persons: Vec<(PersonNo, EventNo)>,
    place: Place,
    owed: usize,
    /// To be appended: the next start has to find a damaged page again, so it goes on from the first person then.
    told: Place,
}

impl Recent {
    /// Reads what others have appended. Under the write lock, or as the first thing that a reader's transaction reads.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; [`StoreError::Corrupt`] when a page of the table is damaged, or the beginning of a row, and
    /// nobody knows whose states are lost with it.
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

    /// Brings as many persons up to date as is due when `appended` states are added: so many that it comes by everybody
    /// once while about twice `within` states are appended.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]. [`StoreError::Corrupt`] for a damaged page, which the next attempt leaves alone.
    pub(super) fn sweep(
        &self,
        connection: &Connection,
        people: &mut People<Remembered>,
        appended: usize,
        within: usize,
    ) -> Result<Swept, StoreError> {
        let swept = self.lock().due(appended, within);
        for (no, event) in &swept.persons {
            if let Err(error) = bring(connection, people, *no, *event) {
                if matches!(error, StoreError::Corrupt { .. }) {
                    tracing::error!(%error, "a person's newest state cannot be brought into their row");
                    self.lock().damaged.insert(*no);
                }
                return Err(error);
            }
        }
        Ok(swept)
    }

    /// Appends the new states of these persons, and deletes what is no longer needed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]. [`StoreError::Corrupt`] for a damaged page; where it is in the way of deleting, the next
    /// attempt leaves it alone.
    pub(super) fn append(
        &self,
        connection: &Connection,
        persons: &[PersonWrite],
        swept: &Swept,
    ) -> Result<Vec<Row>, StoreError> {
        let damaged = unreadable("recent", 0, "event");
        let rows = Row::of(persons)?;
        if !rows.is_empty() && self.damages() == 0 {
            let appended: usize = rows.iter().map(|row| row.states.len()).sum();
            delete(connection, swept.place.done, DELETED * appended).map_err(|error| {
                let error = damaged(error);
                if matches!(error, StoreError::Corrupt { .. }) {
                    tracing::error!(%error, "states that are in their persons' rows cannot be deleted, and gather");
                    self.lock().kept = true;
                }
                error
            })?;
        }
        let mut append = connection
            .prepare_cached(
                "INSERT INTO recent (event, passed, begun, done, states) VALUES (?1, ?2, ?3, ?4, ?5)",
            )
            .map_err(unavailable)?;
        let Place { at, begun, done } = swept.told;
        for Row { event, states, .. } in &rows {
            append.execute(params![event, at, begun, done, states]).map_err(&damaged)?;
        }
        Ok(rows)
    }

    /// More of them when an attempt of [`Recent::sweep`] or [`Recent::append`] has found a damaged page, which the next one
    /// leaves alone.
    pub(in super::super) fn damages(&self) -> usize {
        let behind = self.lock();
        behind.damaged.len() + usize::from(behind.kept)
    }

    /// After the commit.
    pub(super) fn committed(&self, appended: &[Row], swept: &Swept) {
        self.lock().committed(appended, swept);
    }

    fn lock(&self) -> MutexGuard<'_, Behind> {
        // Whoever panicked has changed nothing, or everything.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves a row of `person` alone that has a newer state, by a merge or by another process.
fn bring(
    connection: &Connection,
    people: &mut People<Remembered>,
    no: PersonNo,
    event: EventNo,
) -> Result<(), StoreError> {
    let write = |links, version, state: &[u8]| {
        let mut update = connection.prepare_cached(
            "UPDATE person SET links = ?2, version = ?3, state = ?4 WHERE no = ?1 AND version < ?3",
        )?;
        update.execute(params![no, links, version, state]).map(drop)
    };
    let written = match people.find(no) {
        Some(person) => write(person.links, person.version, &person.state),
        None => match read(connection, event, no)? {
            Some(Found { links, version, state }) => write(links, version, &state),
            None => Ok(()),
        },
    };
    written.map_err(unreadable("person", no, "no"))
}

/// A state that a row has.
pub(in super::super) struct Found {
    pub(in super::super) links: u32,
    pub(in super::super) version: i64,
    /// As `person` has it.
    pub(in super::super) state: Box<[u8]>,
}

/// The state of `person` that the row `event` has; `None` when another process has brought it into `person` and deleted the
/// row.
///
/// # Errors
/// [`StoreError::Unavailable`]; [`StoreError::Corrupt`] for a row that cannot be read, or has no state of `person`.
pub(in super::super) fn read(
    connection: &Connection,
    event: EventNo,
    person: PersonNo,
) -> Result<Option<Found>, StoreError> {
    let damaged = unreadable("recent", event, "states");
    let mut select =
        connection.prepare_cached("SELECT states FROM recent WHERE event = ?1").map_err(unavailable)?;
    let mut rows = select.query([event]).map_err(&damaged)?;
    let Some(row) = rows.next().map_err(&damaged)? else { return Ok(None) };
    let states = row.get_ref(0).and_then(|states| Ok(states.as_blob()?)).map_err(&damaged)?;
    let all = Newest::all(event, states)?;
    let newest = all.iter().find(|newest| newest.person == person).ok_or_else(|| StoreError::Corrupt {
        table: "recent",
        row: event,
        column: "states",
        why: format!("person {person} should be in it"),
    })?;
    Ok(Some(Found { links: newest.links, version: newest.version, state: newest.state()? }))
}

/// The oldest rows of those up to `done`, until there are so many bytes. Neither rows are counted, which have one state or
/// as many as a page has room for, nor events, of which most may have appended nothing, and some may be another process's.
fn delete(connection: &Connection, done: EventNo, mut bytes: usize) -> rusqlite::Result<()> {
    let mut select = connection
        .prepare_cached("SELECT event, length(states) FROM recent WHERE event <= ?1 ORDER BY event")?;
    let mut rows = select.query([done])?;
    let mut last = None;
    while bytes > 0
        && let Some(row) = rows.next()?
    {
        last = Some(row.get::<_, EventNo>(0)?);
        bytes = bytes.saturating_sub(row.get::<_, u32>(1)? as usize);
    }
    drop(rows);
    let Some(last) = last else { return Ok(()) };
    connection.prepare_cached("DELETE FROM recent WHERE event <= ?1")?.execute([last]).map(drop)
}

impl Behind {
    fn catch_up(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let damaged = unreadable("recent", 0, "event");
        if self.seen == 0 {
            let mut select = connection
                .prepare_cached("SELECT passed, begun, done FROM recent ORDER BY event DESC LIMIT 1")
                .map_err(&damaged)?;
            let place = |row: &rusqlite::Row<'_>| {
                Ok(Place { at: row.get(0)?, begun: row.get(1)?, done: row.get(2)? })
            };
            self.place = select.query_row([], place).optional().map_err(&damaged)?.unwrap_or_default();
            // What is in `person` already only waits to be deleted.
            self.seen = self.place.done;
        }
        let mut select = connection
            .prepare_cached("SELECT event, states FROM recent WHERE event > ?1 ORDER BY event")
            .map_err(&damaged)?;
        let mut rows = select.query([self.seen]).map_err(&damaged)?;
        while let Some(row) = rows.next().map_err(&damaged)? {
            let event = row.get(0).map_err(&damaged)?;
            let states = row.get_ref(1).and_then(|states| Ok(states.as_blob()?)).map_err(&damaged)?;
            // All of them or, again and again, none.
            for newest in Newest::all(event, states)? {
                self.append(event, newest.person);
            }
        }
        Ok(())
    }

    fn append(&mut self, event: EventNo, person: PersonNo) {
        // A reader may have seen later ones already, of another process.
        self.newest.entry(person).and_modify(|newest| *newest = event.max(*newest)).or_insert(event);
        self.seen = self.seen.max(event);
    }

    /// Whom the writer comes by next, and where it is then.
    fn due(&self, appended: usize, within: usize) -> Swept {
        let Place { at, begun, done } = self.place;
        // The longer it takes, the faster it goes. Otherwise whoever is always ahead of it, as people are who come in the
        // order of their numbers, would keep it from the end.
        let since = usize::try_from(self.seen - begun).unwrap_or(usize::MAX).min(SLOWEST * within);
        let owed = self.owed + appended * self.newest.len().max(since / 2);
        let due = owed / within;
        let ahead = self.newest.range(at + 1..).map(|(no, event)| (*no, *event));
        let mut persons: Vec<_> = ahead.take(due).collect();
        let sound = self.damaged.is_empty();
        let place = match persons.last() {
            _ if persons.len() < due => {
                Place { at: 0, begun: self.seen, done: if sound { begun } else { done } }
            }
            Some((no, _)) => Place { at: *no, ..self.place },
            None => self.place,
        };
        persons.retain(|(no, _)| !self.damaged.contains(no));
        let told = if sound { place } else { Place { at: 0, ..place } };
        Swept { persons, place, owed: owed % within, told }
    }

    fn committed(&mut self, appended: &[Row], swept: &Swept) {
        for (no, event) in &swept.persons {
            // Not what was appended meanwhile.
            if self.newest.get(no) == Some(event) {
                self.newest.remove(no);
            }
        }
        for Row { event, persons, .. } in appended {
            persons.iter().for_each(|person| self.append(*event, *person));
        }
        Swept { place: self.place, owed: self.owed, .. } = *swept;
    }
}

#[cfg(test)]
mod tests;
