//! Claiming and postponing what is still to be done.

use std::collections::HashMap;

use deadpool_postgres::Object;

use super::super::names::{Eraser, Link};
use super::super::record::parse;
use super::super::{Identity, StoreError, Task};
use super::read::query;
use super::{load, rows, unavailable};
use crate::clock::UnixMs;
use crate::ids::{AppId, PersonNo};

/// Whoever claims at the same time takes the next ones.
const CLAIM: &str = "WITH due AS MATERIALIZED (
         SELECT id, in_hand FROM outbox WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
     )
     UPDATE outbox o SET due_at = $3, attempts = o.attempts + 1, in_hand = true FROM due WHERE o.id = due.id
     RETURNING o.id, o.event, o.person, o.app_id, o.link, o.errand::text, o.deadline, o.attempts, due.in_hand";
/// `$1` and who they are by now.
const LIVING: &str = "WITH RECURSIVE walk (asked, no, merged_into) AS (
         SELECT p.no, p.no, p.merged_into FROM unnest($1::bigint[]) AS w (no) JOIN person p ON p.no = w.no
         UNION ALL SELECT w.asked, p.no, p.merged_into FROM walk w JOIN person p ON p.no = w.merged_into
     )
     SELECT DISTINCT asked, no FROM walk WHERE merged_into IS NULL";
const LINKS: &str = "SELECT app_id, open_id, person FROM identity WHERE person = ANY($1::bigint[])
     ORDER BY app_id, open_id";

/// Hands out what is due.
pub(super) async fn claim(
    client: &Object,
    eraser: &Eraser,
    now: UnixMs,
    limit: usize,
    lease: UnixMs,
) -> Result<Vec<Task>, StoreError> {
    let claimed = query(client, CLAIM, &[&now, &rows(limit), &(now + lease)]).await?;
    if claimed.is_empty() {
        return Ok(Vec::new());
    }
    let asked: Vec<PersonNo> = claimed.iter().map(|row| row.get(2)).collect();
    let living = query(client, LIVING, &[&asked]).await?;
    let living: HashMap<PersonNo, PersonNo> = living.iter().map(|row| (row.get(0), row.get(1))).collect();
    let mut links: HashMap<PersonNo, Vec<Link>> = HashMap::new();
    for row in query(client, LINKS, &[&living.values().copied().collect::<Vec<_>>()]).await? {
        let (link, person) = load::link(&row, [0, 1, 2])?;
        links.entry(person).or_default().push(link);
    }
    let mut tasks = Vec::with_capacity(claimed.len());
    for row in &claimed {
        let errand = row.get(0);
        let corrupt = |column, why: String| StoreError::Corrupt { table: "outbox", row: errand, column, why };
        let app_id = AppId::parse(row.get(3)).map_err(|why| corrupt("app_id", why.to_string()))?;
        let person: PersonNo = row.get(2);
        let person = living.get(&person).copied().unwrap_or(person);
        let digest: Option<&str> = row.get(4);
        // The row keeps a digest only; the name is among the person's links, unless it has been erased.
        let identity = links.get(&person).into_iter().flatten().find_map(|link| {
            let meant = digest.is_none_or(|digest| eraser.link(link).name.as_str() == digest);
            let open_id = link.name.to_open_id()?;
            (link.app_id == app_id && meant).then(|| Identity { app_id: link.app_id.clone(), open_id })
        });
        tasks.push(Task {
            errand,
            what: parse(row.get(5), "outbox", errand, "errand")?,
            person,
            event: row.get(1),
            identity,
            app_id,
            attempts: u32::try_from(row.get::<_, i32>(7)).unwrap_or(u32::MAX),
            abandoned: row.get(8),
            deadline: row.get(6),
        });
    }
    Ok(tasks)
}

/// Gives one back. One that has ended meanwhile stays ended.
pub(super) async fn postpone(client: &Object, errand: i64, due_at: UnixMs) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET due_at = $2, in_hand = false WHERE id = $1";
    let statement = client.prepare_cached(sql).await.map_err(unavailable)?;
    client.execute(&statement, &[&errand, &due_at]).await.map_err(unavailable)?;
    Ok(())
}
