//! The unique keys of the newest events, which the index does not have yet.
//!
//! A key is the second in which an event happened and a digest, so under load every key of one second goes to another page
//! of the index, and writing those pages would cost as much as everything else. So a key is stored with its event and
//! kept here, and when there are many, the oldest thousands of them, a slice, enter the index `dedupe` in its order: some with
//! each commit, for all of them at once would keep everybody waiting. `indexed` says up to which event that has been done,
//! in the commit that ends the slice; what comes after it is read from the log by the first commit, and by one that finds
//! that another process has appended. A key that is later than every key of the index, as a fresh push's is, need not be
//! looked for there.

use std::collections::VecDeque;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::super::batch::EventWrite;
use super::super::super::{Map, StoreError};
use super::super::limits::Limits;
use super::super::trouble::{unavailable, unreadable};
use crate::clock::UnixMs;
use crate::ids::{DedupeKey, EventNo};

/// Keys that enter the index for each event that a commit appends: more than one, so that a slice ends before the next
/// begins.
const PACE: usize = 4;
/// Keys, for each that enters, which a commit looks at: those that are there already cost less.
const PASSED: usize = 16;

/// What this process knows of the log, from one commit to the next.
#[derive(Debug)]
pub(in super::super) struct Keys {
    /// Events up to this one are in the index.
    indexed: EventNo,
    /// No key of the index is later.
    indexed_until: UnixMs,
    /// Events up to this one are either there or in `newest`.
    seen: EventNo,
    newest: Map<DedupeKey, EventNo>,
    /// The same, oldest event first.
    order: VecDeque<(EventNo, DedupeKey)>,
    slice: Slice,
    /// Whether this process has ended a slice.
    ended_one: bool,
    limits: Limits,
}

/// The oldest keys, on their way into the index; empty where there is nothing to do.
#[derive(Debug, Default)]
struct Slice {
    /// In the order of the index.
    keys: Vec<(EventNo, DedupeKey)>,
    /// So many of them are there.
    done: usize,
    /// The last of the events.
    last: EventNo,
}

impl Slice {
    fn until(&self) -> UnixMs {
        self.keys.last().map_or(0, |(_, key)| key.at)
    }
}

impl Keys {
    /// Nothing is known of the index, so its end is looked for first.
    pub(in super::super) fn new(limits: Limits) -> Self {
        let (newest, order, slice) = Default::default();
        Self { indexed: -1, indexed_until: 0, seen: 0, newest, order, slice, ended_one: false, limits }
    }

    /// Reads what other processes have done since, under the write lock; `last` is the log's last event.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub(in super::super) fn catch_up(
        &mut self,
        connection: &Connection,
        last: EventNo,
    ) -> Result<(), StoreError> {
        let mut select =
            connection.prepare_cached("SELECT coalesce(max(event), 0) FROM indexed").map_err(unavailable)?;
        let indexed = select.query_row([], |row| row.get(0)).map_err(unavailable)?;
        if self.indexed < indexed {
            let mut select = connection
                .prepare_cached("SELECT coalesce(max(key_at), 0) FROM dedupe")
                .map_err(unavailable)?;
            let until = select.query_row([], |row| row.get(0)).map_err(unavailable)?;
            // A slice that was begun here is in the index by now, or will be begun again.
            self.slice = Slice::default();
            self.forget(indexed, until);
            self.seen = self.seen.max(indexed);
        }
        if self.seen < last {
            let mut select = connection
                .prepare_cached("SELECT id, key_at, digest FROM event WHERE id > ?1 ORDER BY id")
                .map_err(unavailable)?;
            let mut found = select.query([self.seen]).map_err(unavailable)?;
            while let Some(row) = found.next().map_err(unavailable)? {
                let event = row.get(0).map_err(unavailable)?;
                match row.get(1).and_then(|at| Ok(DedupeKey { at, digest: row.get(2)? })) {
                    Ok(key) => self.hold(event, key),
                    Err(error) => {
                        tracing::error!(event, %error, "an event's unique key cannot be read; a repeat of it would count");
                    }
                }
                // At once: what was read before an error is not read again.
                self.seen = event;
            }
            self.seen = last;
        }
        Ok(())
    }

    /// The event that has the key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub(in super::super) fn find(
        &self,
        connection: &Connection,
        key: &DedupeKey,
    ) -> Result<Option<EventNo>, StoreError> {
        if let Some(event) = self.newest.get(key) {
            return Ok(Some(*event));
        }
        if key.at > self.indexed_until {
            return Ok(None);
        }
        let mut select = connection
            .prepare_cached("SELECT event FROM dedupe WHERE key_at = ?1 AND digest = ?2")
            .map_err(unavailable)?;
        let event = select.query_row(params![key.at, key.digest], |row| row.get(0)).optional();
        event.map_err(unreadable("dedupe", 0, "event"))
    }

    /// Puts some of the oldest keys into the index where there are too many, in a commit that appends so many events.
    /// How many of the slice are there then is for [`Keys::committed`].
    ///
    /// # Errors
    /// SQLite's.
    pub(in super::super) fn index(
        &mut self,
        connection: &Connection,
        appended: usize,
    ) -> rusqlite::Result<usize> {
        let Limits { held, slice, first, .. } = self.limits;
        // The first at once: otherwise processes that end before their slice does would never come to the end of one.
        let (slice, pace) = if self.ended_one { (slice, PACE) } else { (first, first) };
        if self.slice.keys.is_empty() && self.order.len() >= held + slice {
            self.slice = self.oldest(slice);
        }
        let Slice { keys, done, last } = &self.slice;
        if *done == keys.len() {
            return Ok(*done);
        }
        let (most, mut until, mut entered) = (pace * appended, *done, 0);
        let mut insert = connection.prepare_cached(
            "INSERT INTO dedupe (key_at, digest, event) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?;
        // What another process has brought there is passed by: several bring the same keys, and together get on as one does.
        for (event, key) in keys[*done..].iter().take(PASSED * most) {
            if entered == most {
                break;
            }
            match insert.execute(params![key.at, key.digest, event])? {
                0 => complain_of_another(connection, *event, key),
                _ => entered += 1,
            }
            until += 1;
        }
        if until == keys.len() {
            connection.prepare_cached("UPDATE indexed SET event = ?1")?.execute([last])?;
        }
        Ok(until)
    }

    fn oldest(&self, slice: usize) -> Slice {
        let mut keys: Vec<_> = self.order.iter().take(slice).copied().collect();
        let last = keys.last().map_or(0, |(event, _)| *event);
        // Of two events with one key, which only a damaged log has, the first is the one that was answered for.
        keys.sort_unstable_by_key(|(event, key)| (key.at, key.digest, *event));
        Slice { keys, done: 0, last }
    }

    /// After the commit of `events`, which has brought the slice so far.
    pub(in super::super) fn committed(&mut self, events: &[EventWrite], done: usize) {
        self.slice.done = done;
        if done == self.slice.keys.len() && done > 0 {
            let slice = std::mem::take(&mut self.slice);
            self.ended_one = true;
            self.forget(slice.last, slice.until());
        }
        for event in events {
            self.hold(event.id, event.key);
            self.seen = event.id;
        }
    }

    fn hold(&mut self, event: EventNo, key: DedupeKey) {
        self.newest.entry(key).or_insert(event);
        self.order.push_back((event, key));
    }

    /// What is in the index.
    fn forget(&mut self, last: EventNo, until: UnixMs) {
        self.indexed = last;
        self.indexed_until = self.indexed_until.max(until);
        while let Some((_, key)) = self.order.pop_front_if(|(event, _)| *event <= last) {
            self.newest.remove(&key);
        }
    }
}

/// An event's key is in the index already: unless it is this event's, by somebody who has begun with the same slice, the
/// log is damaged.
fn complain_of_another(connection: &Connection, event: EventNo, key: &DedupeKey) {
    let first = connection
        .prepare_cached("SELECT event FROM dedupe WHERE key_at = ?1 AND digest = ?2")
        .and_then(|mut select| select.query_row(params![key.at, key.digest], |row| row.get::<_, EventNo>(0)));
    if first.as_ref().ok() != Some(&event) {
        tracing::error!(event, ?first, "an event has the unique key of an earlier one");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits =
        Limits { held: 512, slice: 64, first: 64, behind: 1, part: i64::MAX, full: 0, ..Limits::DEFAULT };
    const HELD: usize = LIMITS.held;
    const SLICE: usize = LIMITS.slice;
    const MIGRATION: &str = include_str!("../../migrations/sqlite/0002_log.sql");

    fn file() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(MIGRATION).unwrap();
        connection
    }

    /// Three events a second, and one in seven without a time.
    fn key(event: i64) -> DedupeKey {
        let at = if event % 7 == 0 { 0 } else { 1_700_000_000_000 + event / 3 * 1_000 };
        DedupeKey::of(at, &format!("k{event}"))
    }

    fn append(connection: &Connection, events: std::ops::RangeInclusive<i64>) {
        connection.execute_batch("BEGIN").unwrap();
        for event in events {
            let key = key(event);
            connection
                .prepare_cached(
                    "INSERT INTO event (id, key_at, digest, person, prev, kind, occurred_at, received_at, command,
                                        outcome)
                     VALUES (?1, ?2, ?3, 1, 0, 'x', 0, 0, '', '')",
                )
                .and_then(|mut insert| insert.execute(params![event, key.at, key.digest]))
                .unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
    }

    /// One commit that appends so many events, for all that the index knows.
    fn commit(keys: &mut Keys, connection: &Connection, appended: usize) {
        let done = keys.index(connection, appended).unwrap();
        keys.committed(&[], done);
    }

    /// A whole slice; false where none is due.
    fn index(keys: &mut Keys, connection: &Connection) -> bool {
        let before = keys.order.len();
        for _ in 0..SLICE / PACE {
            commit(keys, connection, 1);
        }
        keys.order.len() + SLICE <= before
    }

    fn assert_knows(keys: &Keys, connection: &Connection, events: std::ops::RangeInclusive<i64>) {
        for event in events.step_by(11) {
            assert_eq!(keys.find(connection, &key(event)).unwrap(), Some(event));
        }
        assert_eq!(keys.find(connection, &DedupeKey::of(0, "unknown")).unwrap(), None);
    }

    #[test]
    fn every_key_is_found_before_and_after_it_is_indexed_and_when_the_file_is_opened_again() {
        let all = (HELD + 2 * SLICE) as i64;
        let file = file();
        append(&file, 1..=all);
        let mut keys = Keys::new(LIMITS);
        keys.catch_up(&file, all).unwrap();
        assert_knows(&keys, &file, 1..=all);

        assert!(index(&mut keys, &file) && index(&mut keys, &file) && !index(&mut keys, &file));
        let mut reopened = Keys::new(LIMITS);
        reopened.catch_up(&file, all).unwrap();

        assert_eq!((keys.newest.len(), reopened.newest.len()), (HELD, HELD));
        assert_knows(&keys, &file, 1..=all);
        assert_knows(&reopened, &file, 1..=all);
    }

    fn indexed(connection: &Connection) -> (usize, i64) {
        let numbers = "SELECT (SELECT count(*) FROM dedupe), event FROM indexed";
        connection.query_row(numbers, [], |row| Ok((row.get::<_, i64>(0)? as usize, row.get(1)?))).unwrap()
    }

    /// One slice is in the index, and another is due.
    fn with_one_slice_indexed() -> (Connection, Keys, i64) {
        let all = (HELD + 2 * SLICE) as i64;
        let file = file();
        append(&file, 1..=all);
        let mut keys = Keys::new(LIMITS);
        commit(&mut keys, &file, 1);
        assert_eq!(indexed(&file), (0, 0), "nothing is due");
        keys.catch_up(&file, all).unwrap();
        commit(&mut keys, &file, 1);
        assert_eq!(indexed(&file), (SLICE, SLICE as i64), "the first enters at once");
        (file, keys, all)
    }

    const TWO: (usize, i64) = (2 * SLICE, 2 * SLICE as i64);

    #[test]
    fn a_slice_enters_the_index_a_little_with_each_commit_and_counts_when_all_of_it_is_there() {
        let (file, mut keys, all) = with_one_slice_indexed();

        for commits in 1..SLICE / PACE {
            commit(&mut keys, &file, 1);
            assert_eq!(indexed(&file), (SLICE + commits * PACE, SLICE as i64));
            assert_eq!(keys.order.len(), HELD + SLICE);
            assert_knows(&keys, &file, 1..=all);
        }
        commit(&mut keys, &file, 1);

        assert_eq!((indexed(&file), keys.order.len()), (TWO, HELD));
        assert_knows(&keys, &file, 1..=all);
        commit(&mut keys, &file, 1);
        assert_eq!(indexed(&file), TWO, "nothing is due");
    }

    #[test]
    fn a_commit_that_appends_nothing_indexes_nothing_and_one_that_fails_is_repeated() {
        let (file, mut keys, all) = with_one_slice_indexed();
        commit(&mut keys, &file, 0);
        assert_eq!(indexed(&file), (SLICE, SLICE as i64));

        for appended in [1, SLICE] {
            file.execute_batch("BEGIN").unwrap();
            keys.index(&file, appended).unwrap();
            file.execute_batch("ROLLBACK").unwrap();
            assert_knows(&keys, &file, 1..=all);
        }
        commit(&mut keys, &file, SLICE);

        assert_eq!((indexed(&file), keys.order.len()), (TWO, HELD));
        assert_knows(&keys, &file, 1..=all);
    }

    #[test]
    fn a_slice_that_was_begun_by_one_is_ended_by_another_and_never_goes_back() {
        let (file, mut ours, mut all) = with_one_slice_indexed();
        let mut theirs = Keys::new(LIMITS);
        commit(&mut ours, &file, 3);

        theirs.catch_up(&file, all).unwrap();
        assert_knows(&theirs, &file, 1..=all);
        commit(&mut theirs, &file, 1);
        append(&file, all + 1..=all + SLICE as i64);
        all += SLICE as i64;
        theirs.catch_up(&file, all).unwrap();
        assert!(index(&mut theirs, &file));
        ours.catch_up(&file, all).unwrap();
        commit(&mut ours, &file, SLICE);

        assert_eq!((indexed(&file), ours.order.len()), ((3 * SLICE, 3 * SLICE as i64), HELD));
        for keys in [ours, theirs] {
            assert_knows(&keys, &file, 1..=all);
        }
    }

    #[test]
    fn many_processes_that_append_in_turns_index_as_much_as_is_appended() {
        const PROCESSES: usize = 8;
        let file = file();
        let mut processes: Vec<_> = (0..PROCESSES).map(|_| Keys::new(LIMITS)).collect();

        let mut all = 0;
        for turn in 0..HELD {
            let keys = &mut processes[turn % PROCESSES];
            append(&file, all + 1..=all + 5);
            all += 5;
            keys.catch_up(&file, all).unwrap();
            commit(keys, &file, 5);
            assert!(keys.order.len() <= HELD + 2 * SLICE, "{turn}: {}", keys.order.len());
        }

        assert_knows(&processes[0], &file, 1..=all - 5 * PROCESSES as i64);
    }

    #[test]
    fn what_another_process_appends_and_indexes_is_found() {
        let all = (HELD + SLICE) as i64;
        let file = file();
        let (mut ours, mut theirs) = (Keys::new(LIMITS), Keys::new(LIMITS));
        append(&file, 1..=100);
        ours.catch_up(&file, 100).unwrap();
        append(&file, 101..=all);

        theirs.catch_up(&file, all).unwrap();
        assert!(index(&mut theirs, &file));
        ours.catch_up(&file, all).unwrap();

        assert_eq!(ours.newest.len(), HELD);
        assert_knows(&ours, &file, 1..=all);
    }

    #[test]
    fn a_reading_that_broke_off_goes_on_where_it_was() {
        let all = (HELD + SLICE) as i64;
        let mut file = file();
        append(&file, 1..=all);
        let mut keys = Keys::new(LIMITS);

        // After so many instructions of SQLite: some rows are read by then, and not all.
        file.progress_handler(1_000, Some(|| true)).unwrap();
        assert!(keys.catch_up(&file, all).is_err());
        let read = keys.order.len();
        file.progress_handler(0, None::<fn() -> bool>).unwrap();
        keys.catch_up(&file, all).unwrap();

        assert!((1..HELD).contains(&read), "{read}");
        assert_eq!(keys.order.len(), HELD + SLICE);
        assert!(index(&mut keys, &file));
        assert_knows(&keys, &file, 1..=all);
    }

    #[test]
    fn a_damaged_log_keeps_no_key_from_the_index() {
        let all = (HELD + 2 * SLICE) as i64;
        let file = file();
        append(&file, 1..=all);
        let (twice, short) = (key(2), 5);
        file.execute(
            "UPDATE event SET key_at = ?1, digest = ?2 WHERE id IN (4, 90)",
            params![twice.at, twice.digest],
        )
        .unwrap();
        file.execute("UPDATE event SET digest = x'00' WHERE id = ?1", [short]).unwrap();
        append(&file, all + 1..=all + 1);
        let mut keys = Keys::new(LIMITS);
        keys.catch_up(&file, all + 1).unwrap();

        assert!(index(&mut keys, &file) && index(&mut keys, &file));

        assert_eq!(keys.find(&file, &twice).unwrap(), Some(2), "the first of three");
        assert_eq!(keys.find(&file, &key(short)).unwrap(), None);
        assert_knows(&keys, &file, 91..=all + 1);
    }
}
