//! Claiming and postponing what is still to be done.

use deadpool_postgres::Object;
use tokio_postgres::Row;

use super::super::names::{Eraser, Link, Name};
use super::super::record::parse;
use super::super::{Identity, StoreError, Task};
use super::read::query;
use super::{rows, unavailable};
use crate::clock::UnixMs;
use crate::ids::AppId;

/// One statement, so that whoever is merged meanwhile is seen with all of their links as they were or as they are, and so
/// that nothing is handed out to nobody. Whoever claims at the same time takes the next ones. An errand comes in as many
/// rows as its person, whoever that is by now, has links at its account.
const CLAIM: &str = "WITH RECURSIVE due AS MATERIALIZED (
         SELECT id, due_at, in_hand FROM outbox WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2
         FOR UPDATE SKIP LOCKED
     ), claimed AS (
         UPDATE outbox o SET due_at = $3, attempts = o.attempts + 1, in_hand = true FROM due WHERE o.id = due.id
         RETURNING o.id, o.event, o.person, o.app_id, o.link, o.errand, o.deadline, o.attempts, due.in_hand, due.due_at
     ), walk (asked, no, merged_into) AS (
         SELECT DISTINCT c.person, c.person, p.merged_into FROM claimed c LEFT JOIN person p ON p.no = c.person
         UNION ALL SELECT w.asked, p.no, p.merged_into FROM walk w JOIN person p ON p.no = w.merged_into
     )
     SELECT c.id, c.event, w.no, c.app_id, c.link, c.errand, c.deadline, c.attempts, c.in_hand, i.open_id
     FROM claimed c JOIN walk w ON w.asked = c.person AND w.merged_into IS NULL
     LEFT JOIN identity i ON i.person = w.no AND i.app_id = c.app_id
     ORDER BY c.due_at, c.id, i.open_id";

/// Hands out what is due. What cannot be read stays with the others that are handed out until the lease is over: it must
/// not be what is found first for ever.
pub(super) async fn claim(
    client: &Object,
    eraser: &Eraser,
    now: UnixMs,
    limit: usize,
    lease: UnixMs,
) -> Result<Vec<Task>, StoreError> {
    let claimed = query(client, CLAIM, &[&now, &rows(limit), &(now + lease)]).await?;
    let mut tasks = Vec::with_capacity(limit.min(claimed.len()));
    for rows in claimed.chunk_by(|one, next| one.get::<_, i64>(0) == next.get::<_, i64>(0)) {
        match task(rows, eraser) {
            Ok(task) => tasks.push(task),
            Err(error) => tracing::error!(%error, "an errand is not done"),
        }
    }
    Ok(tasks)
}

/// The rows of one errand.
fn task(rows: &[Row], eraser: &Eraser) -> Result<Task, StoreError> {
    let row = &rows[0];
    let errand = row.get(0);
    let app_id = AppId::parse(row.get(3)).map_err(|why| StoreError::Corrupt {
        table: "outbox",
        row: errand,
        column: "app_id",
        why: why.to_string(),
    })?;
    let digest: Option<&str> = row.get(4);
    // The row keeps a digest only; the name is among the person's links, unless it has been erased.
    let identity = rows.iter().find_map(|row| {
        let link = Link { app_id: app_id.clone(), name: Name::stored(row.get::<_, Option<&str>>(9)?) };
        let meant = digest.is_none_or(|digest| eraser.link(&link).name.as_str() == digest);
        let open_id = link.name.to_open_id()?;
        meant.then_some(Identity { app_id: link.app_id, open_id })
    });
    Ok(Task {
        errand,
        what: parse(row.get(5), "outbox", errand, "errand")?,
        person: row.get(2),
        event: row.get(1),
        identity,
        app_id,
        attempts: u32::try_from(row.get::<_, i32>(7)).unwrap_or(u32::MAX),
        abandoned: row.get(8),
        deadline: row.get(6),
    })
}

/// Gives one back. One that has ended meanwhile stays ended.
pub(super) async fn postpone(client: &Object, errand: i64, due_at: UnixMs) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET due_at = $2, in_hand = false WHERE id = $1";
    let statement = client.prepare_cached(sql).await.map_err(unavailable)?;
    client.execute(&statement, &[&errand, &due_at]).await.map_err(unavailable)?;
    Ok(())
}
