//! Claiming and postponing what is still to be done.

use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use super::super::names::{Eraser, Link};
use super::super::record::parse;
use super::super::{Identity, StoreError, Task};
use super::load;
use super::trouble::{unavailable, unreadable};
use crate::clock::UnixMs;
use crate::ids::{AppId, PersonNo};

/// True when [`claim`] would find something.
pub(super) fn any_due(connection: &Connection, now: UnixMs) -> Result<bool, StoreError> {
    let mut select = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE due_at <= ?1)")
        .map_err(unavailable)?;
    select.query_row([now], |row| row.get(0)).map_err(unavailable)
}

/// Hands out what is due, in one transaction. What cannot be read is leased like the rest, so that it keeps nobody
/// waiting, and is left out.
pub(super) fn claim(
    connection: &mut Connection,
    eraser: &Eraser,
    now: UnixMs,
    limit: usize,
    lease: UnixMs,
) -> Result<Vec<Task>, StoreError> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unavailable)?;
    let due = due(&transaction, now, limit).map_err(unavailable)?;
    let mut tasks = Vec::with_capacity(due.len());
    for (id, errand) in due {
        transaction
            .prepare_cached(
                "UPDATE outbox SET due_at = ?2, attempts = attempts + 1, in_hand = 1 WHERE id = ?1",
            )
            .and_then(|mut update| update.execute(params![id, now + lease]))
            .map_err(unavailable)?;
        let errand = errand.map_err(unreadable("outbox", id, "any"));
        match errand.and_then(|errand| errand.task(&transaction, eraser)) {
            Ok(task) => tasks.push(task),
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(errand = id, %error, "an errand cannot be read, and is left undone");
            }
            Err(error) => return Err(error),
        }
    }
    transaction.commit().map_err(unavailable)?;
    Ok(tasks)
}

/// Gives one back. One that has ended meanwhile stays ended.
pub(super) fn postpone(connection: &Connection, errand: i64, due_at: UnixMs) -> Result<(), StoreError> {
    let mut update = connection
        .prepare_cached("UPDATE outbox SET due_at = ?2, in_hand = 0 WHERE id = ?1")
        .map_err(unavailable)?;
    update.execute(params![errand, due_at]).map_err(unavailable)?;
    Ok(())
}

struct Errand {
    id: i64,
    event: i64,
    person: PersonNo,
    app_id: String,
    link: Option<String>,
    errand: String,
    deadline: UnixMs,
    attempts: u32,
    in_hand: bool,
}

/// Each with its number, whether or not the rest of its row can be read.
fn due(
    connection: &Connection,
    now: UnixMs,
    limit: usize,
) -> rusqlite::Result<Vec<(i64, rusqlite::Result<Errand>)>> {
    let mut select = connection.prepare_cached(
        "SELECT id, event, person, app_id, link, errand, deadline, attempts, in_hand FROM outbox
         WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2",
    )?;
    let rows = select.query_map(params![now, i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        Ok((row.get(0)?, Errand::read(row)))
    })?;
    rows.collect()
}

impl Errand {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            event: row.get(1)?,
            person: row.get(2)?,
            app_id: row.get(3)?,
            link: row.get(4)?,
            errand: row.get(5)?,
            deadline: row.get(6)?,
            attempts: row.get(7)?,
            in_hand: row.get(8)?,
        })
    }

    fn task(self, connection: &Connection, eraser: &Eraser) -> Result<Task, StoreError> {
        let corrupt =
            |column, why: String| StoreError::Corrupt { table: "outbox", row: self.id, column, why };
        let app_id = AppId::parse(&self.app_id).map_err(|why| corrupt("app_id", why.to_string()))?;
        let person = living(connection, self.person)?;
        // The row keeps a digest only; the name is among the person's links, unless it has been erased.
        let identity = load::links_of(connection, person)?.into_iter().find_map(|link: Link| {
            let meant = self.link.as_ref().is_none_or(|digest| eraser.link(&link).name.as_str() == digest);
            let open_id = link.name.to_open_id()?;
            (link.app_id == app_id && meant).then_some(Identity { app_id: link.app_id, open_id })
        });
        Ok(Task {
            errand: self.id,
            what: parse(&self.errand, "outbox", self.id, "errand")?,
            person,
            event: self.event,
            identity,
            app_id,
            attempts: self.attempts + 1,
            abandoned: self.in_hand,
            deadline: self.deadline,
        })
    }
}

/// The person that `no` is by now.
pub(super) fn living(connection: &Connection, mut no: PersonNo) -> Result<PersonNo, StoreError> {
    let mut select = connection
        .prepare_cached("SELECT merged_into FROM person WHERE no = ?1 AND merged_into IS NOT NULL")
        .map_err(unavailable)?;
    let mut into = |no| select.query_row([no], |row| row.get(0)).optional();
    while let Some(into) = into(no).map_err(unreadable("person", no, "merged_into"))? {
        no = into;
    }
    Ok(no)
}
