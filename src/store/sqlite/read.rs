//! What is asked outside of a commit, on connections of its own.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use super::super::people::Remembered;
use super::super::record::{EventRecord, unpack};
use super::super::{Identity, Logged, Person, PersonRef, StoreError};
use super::errands::living;
use super::file::File;
use super::known::Recent;
use super::load;
use super::trouble::unavailable;
use crate::ids::{EventNo, PersonNo};

/// Connections kept open at most.
const IDLE: usize = 2;

/// Connections that read what is committed, whatever the writer does.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    file: File,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(file: File) -> Self {
        Self { file, idle: Arc::default() }
    }

    /// Runs `question` on a thread that may block.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = self.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let idle = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => readers.file.reader().map_err(unavailable)?,
            };
            let answer = question(&connection);
            let mut idle = readers.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE {
                idle.push(connection);
            }
            answer
        });
        answer.await.map_err(|error| StoreError::Unavailable(format!("a read was cut short: {error}")))?
    }
}

/// One person; a number, id or name of somebody merged away leads to who they are now.
pub(super) fn person(
    connection: &Connection,
    recent: &Recent,
    who: &PersonRef,
) -> Result<Option<Person>, StoreError> {
    let find = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> Result<Option<PersonNo>, StoreError> {
        let mut select = connection.prepare_cached(sql).map_err(unavailable)?;
        select.query_row(params, |row| row.get(0)).optional().map_err(unavailable)
    };
    let no = match who {
        PersonRef::No(no) => Some(*no),
        PersonRef::Id(id) => find("SELECT no FROM person WHERE id = ?1", &[id.as_bytes()])?,
        PersonRef::Union(union_id) => {
            find("SELECT no FROM person WHERE union_id = ?1", &[&union_id.as_str()])?
        }
        PersonRef::Open(app_id, open_id) => find(
            "SELECT person FROM identity WHERE app_id = ?1 AND open_id = ?2",
            &[&app_id.as_str(), &open_id.as_str()],
        )?,
    };
    let Some(no) = no else { return Ok(None) };
    let no = living(connection, no)?;
    let Some(stored) = stored(connection, recent, no)? else { return Ok(None) };
    let identities = load::links_of(connection, no)?.into_iter().filter_map(|link| {
        let open_id = link.name.to_open_id()?;
        Some(Identity { app_id: link.app_id, open_id })
    });
    Ok(Some(Person {
        no,
        id: stored.id,
        union_id: stored.union.and_then(|name| name.to_union_id()),
        state: unpack(&stored.state, no)?,
        identities: identities.collect(),
    }))
}

/// A person's row with their newest state, both as one moment has them.
fn stored(connection: &Connection, recent: &Recent, no: PersonNo) -> Result<Option<Remembered>, StoreError> {
    let moment = connection.unchecked_transaction().map_err(unavailable)?;
    let newest = recent.seen_by(&moment, no)?;
    load::stored(&moment, no, newest)
}

/// Newest first, along `prev`. After a merge the person has several chains; they are walked side by side.
pub(super) fn history(
    connection: &Connection,
    recent: &Recent,
    person: PersonNo,
    before: Option<EventNo>,
    limit: usize,
) -> Result<Vec<Logged>, StoreError> {
    let mut heads = heads(connection, recent, person)?;
    if let Some(before) = before {
        let at_before: Option<(PersonNo, EventNo)> = connection
            .prepare_cached("SELECT person, prev FROM event WHERE id = ?1")
            .and_then(|mut select| {
                select.query_row([before], |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .map_err(unavailable)?;
        for (person, head) in &mut heads {
            // A page goes on where the last one ended, without walking the chain from its head again.
            match at_before {
                Some((owner, prev)) if owner == *person => *head = prev,
                _ => *head = older_than(connection, *head, before)?,
            }
        }
    }
    let mut page = Vec::new();
    while page.len() < limit
        && let Some((_, head)) = heads.iter_mut().max_by_key(|(_, head)| *head).filter(|(_, head)| *head > 0)
    {
        let Some(record) = events(connection, "WHERE id = ?1", [*head])?.pop() else {
            let why = "the event that prev or last_event names is not there".into();
            return Err(StoreError::Corrupt { table: "event", row: *head, column: "id", why });
        };
        *head = record.prev;
        page.push(record.logged()?);
    }
    Ok(page)
}

/// The person and everybody merged into them, each with the last event of their own chain.
fn heads(
    connection: &Connection,
    recent: &Recent,
    person: PersonNo,
) -> Result<Vec<(PersonNo, EventNo)>, StoreError> {
    let mut select = connection
        .prepare_cached(
            "WITH RECURSIVE family (no) AS (
                 VALUES (?1) UNION SELECT p.no FROM person p JOIN family f ON p.merged_into = f.no
             )
             SELECT no FROM family",
        )
        .map_err(unavailable)?;
    // One moment for all: a merge between two would leave a chain out.
    let moment = connection.unchecked_transaction().map_err(unavailable)?;
    let newest = recent.seen_by(&moment, person)?;
    let family = select.query_map([person], |row| row.get(0)).map_err(unavailable)?;
    let family = family.collect::<rusqlite::Result<Vec<PersonNo>>>().map_err(unavailable)?;
    let mut heads = Vec::with_capacity(family.len());
    for no in family {
        // Whoever was merged has their last state in `person`.
        if let Some(stored) = load::stored(&moment, no, newest.filter(|_| no == person))? {
            heads.push((no, unpack(&stored.state, no)?.last_event));
        }
    }
    Ok(heads)
}

/// The newest event older than `before` on the chain that starts at `head`.
fn older_than(connection: &Connection, mut head: EventNo, before: EventNo) -> Result<EventNo, StoreError> {
    let mut select =
        connection.prepare_cached("SELECT prev FROM event WHERE id = ?1").map_err(unavailable)?;
    while head >= before {
        head = select.query_row([head], |row| row.get(0)).optional().map_err(unavailable)?.unwrap_or(0);
    }
    Ok(head)
}

/// In append order.
pub(super) fn log(connection: &Connection, after: EventNo, limit: usize) -> Result<Vec<Logged>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let page = events(connection, "WHERE id > ?1 ORDER BY id LIMIT ?2", params![after, limit])?;
    page.into_iter().map(EventRecord::logged).collect()
}

fn events(
    connection: &Connection,
    condition: &str,
    params: impl Params,
) -> Result<Vec<EventRecord>, StoreError> {
    let sql = format!(
        "SELECT id, person, prev, kind, occurred_at, received_at, command, outcome, reply FROM event {condition}"
    );
    let mut select = connection.prepare_cached(&sql).map_err(unavailable)?;
    let rows = select.query_map(params, record).map_err(unavailable)?;
    rows.collect::<Result<_, _>>().map_err(unavailable)
}

fn record(row: &Row<'_>) -> rusqlite::Result<EventRecord> {
    Ok(EventRecord {
        id: row.get(0)?,
        person: row.get(1)?,
        prev: row.get(2)?,
        kind: row.get(3)?,
        occurred_at: row.get(4)?,
        received_at: row.get(5)?,
        command: row.get(6)?,
        outcome: row.get(7)?,
        reply: row.get(8)?,
    })
}
