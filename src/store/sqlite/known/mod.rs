//! What the writer remembers from one commit to the next.
//!
//! - `keys.rs`: the unique keys of the newest events, on their way into the index
//! - `recent`: whose newest state is on its way into `person`
//!
//! Besides, where links lead (`store/links.rs`) and who they lead to (`store/people.rs`).
//!
//! Other processes may write to the file between two commits, so everything is brought up to date, or forgotten, under
//! the write lock before it is asked.

mod keys;
pub(super) mod recent;

use std::sync::Arc;

use rusqlite::Connection;

use super::super::StoreError;
use super::super::batch::Writes;
use super::super::links::Links;
use super::super::people::{LENGTH, People, Remembered};
use super::limits::{Limits, cache};
use super::trouble::unavailable;
use crate::ids::{EventNo, PersonNo};
use keys::Keys;
pub(super) use recent::Recent;
use recent::{Row, Swept};

/// See the module.
pub(super) struct Known {
    pub(super) keys: Keys,
    pub(super) links: Links,
    pub(super) people: People<Remembered>,
    pub(super) recent: Arc<Recent>,
    /// SQLite's number for what others have committed.
    version: i64,
    limits: Limits,
    /// States that are appended while the writer comes by half of the persons.
    behind: usize,
    /// KiB of SQLite's own cache; those that the connection begins with, at first.
    cache_kib: i64,
}

/// What a commit did besides its own writes.
pub(super) struct Worked {
    /// See [`Keys::index`].
    indexed: usize,
    swept: Swept,
    appended: Vec<Row>,
}

impl Known {
    /// Nothing yet.
    pub(super) fn new(limits: Limits, recent: Arc<Recent>) -> Self {
        let (links, people) = Default::default();
        let (behind, cache_kib) = (limits.behind, cache(0));
        Self { keys: Keys::new(limits), links, people, recent, version: 0, limits, behind, cache_kib }
    }

    /// Learns what others have done since; `last` is the log's last event, and there are `persons`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub(super) fn catch_up(
        &mut self,
        connection: &Connection,
        last: EventNo,
        persons: PersonNo,
    ) -> Result<(), StoreError> {
        self.behind = self.limits.behind(persons);
        let cache_kib = cache(persons);
        if self.cache_kib != cache_kib {
            connection.pragma_update(None, "cache_size", -cache_kib).map_err(unavailable)?;
            self.cache_kib = cache_kib;
        }
        self.keys.catch_up(connection, last)?;
        self.recent.catch_up(connection)?;
        let mut select = connection.prepare_cached("PRAGMA data_version").map_err(unavailable)?;
        let version = select.query_row([], |row| row.get(0)).map_err(unavailable)?;
        if self.version != version {
            self.version = version;
            self.links.forget_all();
            self.people.forget_all();
        }
        Ok(())
    }

    /// Appends the new states, and works off a little of what has gathered, in the commit of `writes`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; those of [`Recent::sweep`] and [`Recent::append`].
    pub(super) fn work_off(
        &mut self,
        connection: &Connection,
        writes: &Writes,
    ) -> Result<Worked, StoreError> {
        let indexed = self.keys.index(connection, writes.events.len()).map_err(unavailable)?;
        let swept =
            self.recent.sweep(connection, &mut self.people, writes.persons_changed.len(), self.behind)?;
        let appended = self.recent.append(connection, &writes.persons_changed, &swept)?;
        Ok(Worked { indexed, swept, appended })
    }

    /// After the commit of `writes` and of what [`Known::work_off`] did.
    pub(super) fn committed(&mut self, writes: &Writes, worked: &Worked) {
        self.keys.committed(&writes.events, worked.indexed);
        self.links.committed(writes);
        self.recent.committed(&worked.appended, &worked.swept);
        let Writes { persons_changed, persons_renamed, persons_new, .. } = writes;
        for write in [persons_changed, persons_renamed, persons_new].into_iter().flatten() {
            match self.people.find(write.no).filter(|_| write.state.len() <= LENGTH) {
                Some(known) => known.overwrite(write),
                None => self.people.remember(Remembered::written(write)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::MIGRATIONS;
    use super::*;
    use crate::ids::{AppId, OpenId};
    use crate::store::names::Link;

    #[test]
    fn the_cache_grows_where_there_are_many_persons_and_stays_otherwise() {
        let connection = Connection::open_in_memory().unwrap();
        MIGRATIONS.iter().for_each(|sql| connection.execute_batch(sql).unwrap());
        connection.pragma_update(None, "cache_size", -99).unwrap();
        let mut known = Known::new(Limits::default(), Arc::default());
        let mut size_with = |persons| {
            known.catch_up(&connection, 0, persons).unwrap();
            connection.pragma_query_value(None, "cache_size", |row| row.get::<_, i64>(0)).unwrap()
        };

        assert_eq!([100_000, 1_000_000, 1_100_000].map(&mut size_with), [-99, -4_096, -4_096]);
    }

    #[test]
    fn another_connections_commit_makes_it_forget_and_its_own_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Connection::open(folder.path().join("known.db")).unwrap();
        let (ours, theirs) = (open(), open());
        ours.execute_batch("PRAGMA journal_mode = WAL").unwrap();
        MIGRATIONS.iter().for_each(|sql| ours.execute_batch(sql).unwrap());
        let link = Link::of(&AppId::parse("wx1").unwrap(), &OpenId::parse("oLin0001").unwrap());
        let mut known = Known::new(Limits::default(), Arc::default());
        known.catch_up(&ours, 0, 0).unwrap();
        known.links.remember(&link, 1);
        known.people.remember(Remembered::test(1));
        let found = |known: &mut Known| {
            known.catch_up(&ours, 0, 0).unwrap();
            (known.links.find(&link), known.people.find(1).is_some())
        };

        ours.execute_batch("INSERT INTO request VALUES (x'01', x'01')").unwrap();
        theirs.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
        assert_eq!(found(&mut known), (Some(1), true));

        theirs.execute_batch("INSERT INTO request VALUES (x'02', x'02')").unwrap();
        assert_eq!(found(&mut known), (None, false));
    }
}
