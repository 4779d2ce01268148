//! The rows of a batch, read under the write lock.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::super::batch::{Needs, Rows, Stored};
use super::super::names::{Eraser, Link, Name};
use super::super::people::Remembered;
use super::super::record::parse;
use super::super::{Receipt, StoreError};
use super::known::{Known, recent};
use super::trouble::{unavailable, unreadable};
use crate::ids::{EventNo, PersonNo};

/// What can be foreseen, with numbers for `commands` new events and persons.
pub(super) fn first(
    connection: &Connection,
    needs: &Needs,
    commands: usize,
    eraser: &Eraser,
    known: &mut Known,
) -> Result<Rows, StoreError> {
    let mut rows = Rows::of(commands);
    // Another process may have appended since the last commit.
    let last = |sql: &str| -> Result<i64, StoreError> {
        let mut statement = connection.prepare_cached(sql).map_err(unavailable)?;
        statement.query_row([], |row| row.get(0)).map_err(unavailable)
    };
    let event: EventNo = last("SELECT coalesce(max(id), 0) FROM event")?;
    let person: PersonNo = last("SELECT coalesce(max(no), 0) FROM person")?;
    rows.add_events((event + 1..).take(commands));
    rows.add_numbers((person + 1..).take(commands));
    known.catch_up(connection, event, person)?;
    for key in &needs.keys {
        if let Some(event) = known.keys.find(connection, key)? {
            rows.read_settled(*key, settled(connection, event)?);
        }
    }
    more(connection, needs, eraser, known, &mut rows)?;
    Ok(rows)
}

/// Adds rows to `rows`, all but those of keys; those that are there already stay as they are.
pub(super) fn more(
    connection: &Connection,
    needs: &Needs,
    eraser: &Eraser,
    known: &mut Known,
    rows: &mut Rows,
) -> Result<(), StoreError> {
    for key in &needs.requests {
        let mut select =
            connection.prepare_cached("SELECT body FROM request WHERE key = ?1").map_err(unavailable)?;
        let body = select.query_row([key], |row| row.get(0)).optional();
        if let Some(body) = body.map_err(unreadable("request", 0, "body"))? {
            rows.read_request(*key, body);
        }
    }
    let remembered: Vec<_> = needs.links.iter().map(|clear| known.links.find(clear)).collect();
    known.people.bring(remembered.iter().copied().flatten());
    for (clear, no) in needs.links.iter().zip(remembered) {
        match no {
            Some(no) => leads(connection, clear, no, known, rows)?,
            None if find(connection, clear, known, rows)? => {}
            None => drop(find(connection, &eraser.link(clear), known, rows)?),
        }
    }
    for clear in &needs.unions {
        for name in [clear.clone(), eraser.union(clear)] {
            let mut select = connection
                .prepare_cached("SELECT no FROM person WHERE union_id = ?1")
                .map_err(unavailable)?;
            let no = select.query_row([name.as_str()], |row| row.get(0)).optional();
            if let Some(no) = no.map_err(unreadable("person", 0, "union_id"))? {
                person(connection, no, known, rows)?;
                break;
            }
        }
    }
    for no in &needs.persons {
        person(connection, *no, known, rows)?;
    }
    for no in &needs.links_of {
        all_links(connection, *no, rows)?;
    }
    Ok(())
}

fn settled(connection: &Connection, event: EventNo) -> Result<Stored, StoreError> {
    let mut select = connection
        .prepare_cached(
            "SELECT e.request, e.received_at, e.outcome, e.reply, p.id
             FROM event e JOIN person p ON p.no = e.person WHERE e.id = ?1",
        )
        .map_err(unavailable)?;
    type Columns = (Option<[u8; 16]>, i64, String, Option<String>, uuid::Bytes);
    let read = |row: &Row<'_>| -> rusqlite::Result<Columns> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    };
    let Some((request, received_at, outcome, reply, person)) =
        select.query_row([event], read).optional().map_err(unreadable("event", event, "request"))?
    else {
        let why = format!("event {event} or its person is not there");
        return Err(StoreError::Corrupt { table: "event", row: event, column: "id", why });
    };
    Ok(Stored {
        request,
        receipt: Receipt {
            fresh: false,
            replayed: false,
            event,
            person: uuid::Uuid::from_bytes(person),
            reply: reply.map(|json| parse(&json, "event", event, "reply")).transpose()?,
            received_at,
            outcome: parse::<crate::ledger::Outcome>(&outcome, "event", event, "outcome")?.into(),
        },
    })
}

/// A link and whoever it leads to; false when it leads to nobody.
fn find(
    connection: &Connection,
    link: &Link,
    known: &mut Known,
    rows: &mut Rows,
) -> Result<bool, StoreError> {
    if let Some(no) = known.links.find(link) {
        leads(connection, link, no, known, rows)?;
        return Ok(true);
    }
    let mut select = connection
        .prepare_cached("SELECT person FROM identity WHERE app_id = ?1 AND open_id = ?2")
        .map_err(unavailable)?;
    let found = select.query_row(params![link.app_id.as_str(), link.name.as_str()], |row| row.get(0));
    let Some(no) = found.optional().map_err(unreadable("identity", 0, "open_id"))? else { return Ok(false) };
    known.links.remember(link, no);
    leads(connection, link, no, known, rows)?;
    Ok(true)
}

/// `link` leads to `no`, whose row is wanted too.
fn leads(
    connection: &Connection,
    link: &Link,
    no: PersonNo,
    known: &mut Known,
    rows: &mut Rows,
) -> Result<(), StoreError> {
    rows.read_link(link.clone(), no);
    person(connection, no, known, rows)
}

fn person(
    connection: &Connection,
    no: PersonNo,
    known: &mut Known,
    rows: &mut Rows,
) -> Result<(), StoreError> {
    if rows.has_read(no) {
        return Ok(());
    }
    if let Some(remembered) = known.people.find(no) {
        rows.read_person(no, Some(remembered.row()?));
        return Ok(());
    }
    let stored = stored(connection, no, known.recent.of(no))?;
    rows.read_person(no, stored.as_ref().map(Remembered::row).transpose()?);
    if let Some(stored) = stored {
        known.people.remember(stored);
    }
    Ok(())
}

/// A person's row with their newest state, which the row `newest` of `recent` has unless `person` has a newer one; `None`
/// for a number that nobody has.
pub(super) fn stored(
    connection: &Connection,
    no: PersonNo,
    newest: Option<EventNo>,
) -> Result<Option<Remembered>, StoreError> {
    let mut select = connection
        .prepare_cached("SELECT id, union_id, merged_into, links, version, state FROM person WHERE no = ?1")
        .map_err(unavailable)?;
    let read = |row: &Row<'_>| -> rusqlite::Result<Remembered> {
        Ok(Remembered {
            no,
            id: uuid::Uuid::from_bytes(row.get(0)?),
            union: row.get::<_, Option<String>>(1)?.map(Name::stored),
            merged_into: row.get(2)?,
            links: row.get(3)?,
            version: row.get(4)?,
            state: row.get_ref(5)?.as_blob().unwrap_or_default().into(),
        })
    };
    let mut person = select.query_row([no], read).optional().map_err(unreadable("person", no, "no"))?;
    if let (Some(person), Some(event)) = (&mut person, newest)
        && let Some(newest) = recent::read(connection, event, no)?
        && newest.version > person.version
    {
        (person.links, person.version, person.state) = (newest.links, newest.version, newest.state);
    }
    Ok(person)
}

fn all_links(connection: &Connection, no: PersonNo, rows: &mut Rows) -> Result<(), StoreError> {
    for link in links_of(connection, no)? {
        rows.read_link(link, no);
    }
    rows.read_all_links_of(no);
    Ok(())
}

/// Every link of a person, the erased ones included.
pub(super) fn links_of(connection: &Connection, no: PersonNo) -> Result<Vec<Link>, StoreError> {
    let mut select = connection
        .prepare_cached("SELECT app_id, open_id FROM identity WHERE person = ?1 ORDER BY app_id, open_id")
        .map_err(unavailable)?;
    let mut links = Vec::new();
    let unreadable = unreadable("identity", no, "person");
    let mut found = select.query([no]).map_err(&unreadable)?;
    while let Some(row) = found.next().map_err(&unreadable)? {
        let (app_id, name): (String, String) =
            row.get(0).and_then(|app_id| Ok((app_id, row.get(1)?))).map_err(&unreadable)?;
        let app_id = crate::ids::AppId::parse(&app_id).map_err(|why| StoreError::Corrupt {
            table: "identity",
            row: no,
            column: "app_id",
            why: why.to_string(),
        })?;
        links.push(Link { app_id, name: Name::stored(name) });
    }
    Ok(links)
}
