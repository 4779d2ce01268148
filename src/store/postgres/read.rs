//! What is asked outside of a commit.

use deadpool_postgres::Object;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::super::names::Name;
use super::super::record::{EventRecord, unpack};
use super::super::{Identity, Logged, Person, PersonRef, StoreError};
use super::{load, rows, unavailable};
use crate::ids::{EventNo, PersonNo};

/// On a standby too.
const READ_ONLY: &str = "SELECT current_setting('transaction_read_only')::boolean";
/// Whoever the person is by now.
const LIVING: &str = "WITH RECURSIVE walk (no, merged_into) AS (
         SELECT no, merged_into FROM person WHERE no = $1
         UNION ALL SELECT p.no, p.merged_into FROM walk w JOIN person p ON p.no = w.merged_into
     )
     SELECT p.no, p.id, p.union_id, p.state FROM walk w JOIN person p ON p.no = w.no WHERE w.merged_into IS NULL";
const IDENTITIES: &str =
    "SELECT app_id, open_id, person FROM identity WHERE person = $1 ORDER BY app_id, open_id";
/// The person and everybody merged into them, each with the last event of their own chain.
const HEADS: &str = "WITH RECURSIVE family (no) AS (
         SELECT $1::bigint UNION SELECT p.no FROM family f JOIN person p ON p.merged_into = f.no
     )
     SELECT p.no, p.state FROM family f JOIN person p ON p.no = f.no";
/// The newest event older than `$2` on the chain that starts at `$1`.
const OLDER: &str = "WITH RECURSIVE walk (id, prev) AS (
         SELECT id, prev FROM event WHERE id = $1
         UNION ALL SELECT e.id, e.prev FROM walk w JOIN event e ON e.id = w.prev
     )
     SELECT id FROM walk WHERE id < $2 LIMIT 1";
const CHAIN: &str = "WITH RECURSIVE walk AS (
         SELECT id, person, prev, kind, occurred_at, received_at, command, outcome, reply FROM event WHERE id = $1
         UNION ALL
         SELECT e.id, e.person, e.prev, e.kind, e.occurred_at, e.received_at, e.command, e.outcome, e.reply
         FROM walk w JOIN event e ON e.id = w.prev
     )
     SELECT id, person, prev, kind, occurred_at, received_at, command, outcome, reply
     FROM walk LIMIT $2";
const LOG: &str = "SELECT id, person, prev, kind, occurred_at, received_at, command, outcome, reply
     FROM event WHERE id > $1 ORDER BY id LIMIT $2";

/// One person; a number, id or name of somebody merged away leads to who they are now.
pub(super) async fn person(client: &Object, who: &PersonRef) -> Result<Option<Person>, StoreError> {
    let found = match who {
        PersonRef::No(no) => Some(*no),
        PersonRef::Id(id) => one(client, "SELECT no FROM person WHERE id = $1", &[id]).await?,
        PersonRef::Union(union_id) => {
            one(client, "SELECT no FROM person WHERE union_id = $1", &[&union_id.as_str()]).await?
        }
        PersonRef::Open(app_id, open_id) => {
            let sql = "SELECT person FROM identity WHERE app_id = $1 AND open_id = $2";
            one(client, sql, &[&app_id.as_str(), &open_id.as_str()]).await?
        }
    };
    let Some(no) = found else { return Ok(None) };
    let Some(row) = query(client, LIVING, &[&no]).await?.pop() else { return Ok(None) };
    let no: PersonNo = row.get(0);
    let mut identities = Vec::new();
    for row in query(client, IDENTITIES, &[&no]).await? {
        let (link, _) = load::link(&row, [0, 1, 2])?;
        identities.extend(link.name.to_open_id().map(|open_id| Identity { app_id: link.app_id, open_id }));
    }
    Ok(Some(Person {
        no,
        id: row.get(1),
        union_id: row.get::<_, Option<&str>>(2).map(Name::stored).and_then(|name| name.to_union_id()),
        state: unpack(row.get(3), no)?,
        identities,
    }))
}

/// Newest first, along `prev`. After a merge the person has several chains; they are walked side by side.
pub(super) async fn history(
    client: &Object,
    person: PersonNo,
    before: Option<EventNo>,
    limit: usize,
) -> Result<Vec<Logged>, StoreError> {
    let heads = query(client, HEADS, &[&person]).await?;
    let head = |row: &Row| -> Result<(PersonNo, EventNo), StoreError> {
        let no = row.get(0);
        Ok((no, unpack(row.get(1), no)?.last_event))
    };
    let mut heads: Vec<(PersonNo, EventNo)> = heads.iter().map(head).collect::<Result<_, _>>()?;
    if let Some(before) = before {
        let at_before =
            query(client, "SELECT person, prev FROM event WHERE id = $1", &[&before]).await?.pop();
        let at_before: Option<(PersonNo, EventNo)> = at_before.map(|row| (row.get(0), row.get(1)));
        for (person, head) in &mut heads {
            // A page goes on where the last one ended, without walking the chain from its head again.
            *head = match at_before {
                Some((owner, prev)) if owner == *person => prev,
                _ if *head < before => *head,
                _ => one(client, OLDER, &[head, &before]).await?.unwrap_or(0),
            };
        }
    }
    let mut page = Vec::new();
    for (_, head) in heads.into_iter().filter(|(_, head)| *head > 0) {
        page.extend(query(client, CHAIN, &[&head, &rows(limit)]).await?.iter().map(record));
    }
    page.sort_unstable_by_key(|event| std::cmp::Reverse(event.id));
    page.truncate(limit);
    page.into_iter().map(EventRecord::logged).collect()
}

/// In the order of their numbers.
pub(super) async fn log(client: &Object, after: EventNo, limit: usize) -> Result<Vec<Logged>, StoreError> {
    let page = query(client, LOG, &[&after, &rows(limit)]).await?;
    page.iter().map(|row| record(row).logged()).collect()
}

/// The tables can be read, and the server takes writes: where a standby answers instead, everything is refused.
pub(super) async fn ready(client: &Object) -> Result<(), StoreError> {
    log(client, EventNo::MAX, 1).await?;
    let read_only = query(client, READ_ONLY, &[]).await?.iter().any(|row| row.get(0));
    if read_only {
        let why = "PostgreSQL: read-only here: point store.url at the primary, or switch default_transaction_read_only off";
        return Err(StoreError::Unavailable(why.into()));
    }
    Ok(())
}

fn record(row: &Row) -> EventRecord {
    EventRecord {
        id: row.get(0),
        person: row.get(1),
        prev: row.get(2),
        kind: row.get(3),
        occurred_at: row.get(4),
        received_at: row.get(5),
        command: row.get(6),
        outcome: row.get(7),
        reply: row.get(8),
    }
}

async fn one(client: &Object, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Option<i64>, StoreError> {
    Ok(query(client, sql, params).await?.pop().map(|row| row.get(0)))
}

pub(super) async fn query(
    client: &Object,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, StoreError> {
    let statement = client.prepare_cached(sql).await.map_err(unavailable)?;
    client.query(&statement, params).await.map_err(unavailable)
}
