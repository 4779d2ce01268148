//! What a batch has changed, written.

use rusqlite::{Connection, params};

use super::super::StoreError;
use super::super::batch::{EventWrite, Writes};
use super::super::names::Name;
use super::trouble::unreadable;

/// In the order of [`Writes`], all but the new states of persons who are only changed: `known/recent` appends those, and
/// brings them into `person` by and by.
///
/// # Errors
/// [`StoreError::Unavailable`]; [`StoreError::Corrupt`] for a damaged page that one of them has to change.
pub(super) fn all(connection: &Connection, writes: &Writes) -> Result<(), StoreError> {
    let damaged = |table| unreadable(table, 0, "any");
    persons(connection, writes).map_err(damaged("person"))?;
    links(connection, writes).map_err(damaged("identity"))?;
    events(connection, &writes.events).map_err(damaged("event"))?;
    requests(connection, writes).map_err(damaged("request"))?;
    outbox(connection, writes).map_err(damaged("outbox"))
}

fn links(connection: &Connection, writes: &Writes) -> rusqlite::Result<()> {
    for link in &writes.links_gone {
        connection
            .prepare_cached("DELETE FROM identity WHERE app_id = ?1 AND open_id = ?2")?
            .execute(params![link.app_id.as_str(), link.name.as_str()])?;
    }
    for (link, person) in &writes.links_moved {
        connection
            .prepare_cached("UPDATE identity SET person = ?3 WHERE app_id = ?1 AND open_id = ?2")?
            .execute(params![link.app_id.as_str(), link.name.as_str(), person])?;
    }
    for (link, person) in &writes.links_new {
        connection
            .prepare_cached("INSERT INTO identity (app_id, open_id, person) VALUES (?1, ?2, ?3)")?
            .execute(params![link.app_id.as_str(), link.name.as_str(), person])?;
    }
    Ok(())
}

fn requests(connection: &Connection, writes: &Writes) -> rusqlite::Result<()> {
    for (key, body) in &writes.requests {
        connection
            .prepare_cached("INSERT INTO request (key, body) VALUES (?1, ?2)")?
            .execute(params![key, body])?;
    }
    Ok(())
}

fn events(connection: &Connection, events: &[EventWrite]) -> rusqlite::Result<()> {
    let mut append = connection.prepare_cached(
        "INSERT INTO event (id, key_at, digest, person, prev, kind, occurred_at, received_at, request, command, outcome,
                            reply)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    for event in events {
        append.execute(params![
            event.id,
            event.key.at,
            event.key.digest,
            event.person,
            event.prev,
            event.kind.as_str(),
            event.occurred_at,
            event.received_at,
            event.request,
            event.command,
            event.outcome,
            event.reply,
        ])?;
    }
    Ok(())
}

fn persons(connection: &Connection, writes: &Writes) -> rusqlite::Result<()> {
    for no in &writes.unions_let_go {
        connection.prepare_cached("UPDATE person SET union_id = NULL WHERE no = ?1")?.execute([no])?;
    }
    for person in &writes.persons_renamed {
        connection
            .prepare_cached(
                "UPDATE person SET union_id = ?2, merged_into = ?3, links = ?4, version = ?5, state = ?6 WHERE no = ?1",
            )?
            .execute(params![
                person.no,
                person.union.as_ref().map(Name::as_str),
                person.merged_into,
                person.links,
                person.version,
                person.state,
            ])?;
    }
    for person in &writes.persons_new {
        connection
            .prepare_cached(
                "INSERT INTO person (no, id, union_id, merged_into, links, version, state)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                person.no,
                person.id.as_bytes(),
                person.union.as_ref().map(Name::as_str),
                person.merged_into,
                person.links,
                person.version,
                person.state,
            ])?;
    }
    Ok(())
}

fn outbox(connection: &Connection, writes: &Writes) -> rusqlite::Result<()> {
    for errand in &writes.outbox {
        connection
            .prepare_cached(
                "INSERT INTO outbox (event, person, app_id, link, errand, due_at, deadline)
                 VALUES (?1, ?2, ?3, coalesce(?4, (SELECT link FROM outbox WHERE id = ?5)), ?6, ?7, ?8)",
            )?
            .execute(params![
                errand.event,
                errand.person,
                errand.app_id.as_str(),
                errand.link.as_ref().map(Name::as_str),
                errand.heir_of,
                errand.errand,
                errand.due_at,
                errand.deadline,
            ])?;
    }
    for errand in &writes.ended {
        connection.prepare_cached("DELETE FROM outbox WHERE id = ?1")?.execute([errand])?;
    }
    Ok(())
}
