//! The unique keys of the newest events, which the index does not have yet.
//!
//! A key is the second in which an event happened and a digest, so under load every key of one second goes to another page
//! of the index, and writing those pages would cost as much as everything else. So a key is stored with its event and
//! kept here, and thousands of them enter the index `dedupe` at once, in its order. `indexed` has the last event whose key
//! is there, changed in the same commit; what comes after it is read from the log when the file is opened, and when
//! another process has appended.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::StoreError;
use super::super::batch::EventWrite;
use super::unavailable;
use crate::ids::{DedupeKey, EventNo};

/// Keys held here at most; then all of them are indexed.
const HELD: usize = 4_096;

/// What this process knows of the log, from one commit to the next.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Events up to this one are in the index.
    indexed: EventNo,
    /// Events up to this one are either there or in `newest`.
    seen: EventNo,
    newest: HashMap<DedupeKey, EventNo>,
}

impl Keys {
    /// Reads what other processes have done since, under the write lock; `last` is the log's last event.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub(super) fn catch_up(&mut self, connection: &Connection, last: EventNo) -> Result<(), StoreError> {
        let mut select =
            connection.prepare_cached("SELECT coalesce(max(event), 0) FROM indexed").map_err(unavailable)?;
        let indexed = select.query_row([], |row| row.get(0)).map_err(unavailable)?;
        if self.indexed < indexed {
            self.indexed = indexed;
            self.seen = self.seen.max(indexed);
            self.newest.retain(|_, event| *event > indexed);
        }
        if self.seen < last {
            let mut select = connection
                .prepare_cached("SELECT id, key_at, digest FROM event WHERE id > ?1")
                .map_err(unavailable)?;
            let mut found = select.query([self.seen]).map_err(unavailable)?;
            while let Some(row) = found.next().map_err(unavailable)? {
                let (event, at, digest) = row
                    .get(0)
                    .and_then(|event| Ok((event, row.get(1)?, row.get(2)?)))
                    .map_err(unavailable)?;
                self.newest.insert(DedupeKey { at, digest }, event);
            }
            self.seen = last;
        }
        Ok(())
    }

    /// The event that has the key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub(super) fn find(
        &self,
        connection: &Connection,
        key: &DedupeKey,
    ) -> Result<Option<EventNo>, StoreError> {
        if let Some(event) = self.newest.get(key) {
            return Ok(Some(*event));
        }
        let mut select = connection
            .prepare_cached("SELECT event FROM dedupe WHERE key_at = ?1 AND digest = ?2")
            .map_err(unavailable)?;
        select.query_row(params![key.at, key.digest], |row| row.get(0)).optional().map_err(unavailable)
    }

    /// Puts every key into the index where there are too many with those of `events`. The last event indexed then.
    pub(super) fn index(
        &self,
        connection: &Connection,
        events: &[EventWrite],
    ) -> rusqlite::Result<Option<EventNo>> {
        let Some(last) = events.last().filter(|_| self.newest.len() + events.len() > HELD) else {
            return Ok(None);
        };
        let newest = self.newest.iter().map(|(key, event)| (*key, *event));
        let mut keys: Vec<_> = newest.chain(events.iter().map(|event| (event.key, event.id))).collect();
        keys.sort_unstable_by_key(|(key, _)| (key.at, key.digest));
        let mut insert =
            connection.prepare_cached("INSERT INTO dedupe (key_at, digest, event) VALUES (?1, ?2, ?3)")?;
        for (key, event) in keys {
            insert.execute(params![key.at, key.digest, event])?;
        }
        connection.prepare_cached("UPDATE indexed SET event = ?1")?.execute([last.id])?;
        Ok(Some(last.id))
    }

    /// After the commit.
    pub(super) fn committed(&mut self, events: &[EventWrite], indexed: Option<EventNo>) {
        match indexed {
            Some(last) => {
                self.newest.clear();
                self.indexed = last;
            }
            None => self.newest.extend(events.iter().map(|event| (event.key, event.id))),
        }
        self.seen = events.last().map_or(self.seen, |event| event.id);
    }
}
