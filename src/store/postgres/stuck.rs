//! Whom a lock that somebody else holds concerns.

use deadpool_postgres::Object;

use super::super::batch::{Asked, Needs};
use super::super::names::Eraser;
use super::trouble::Trouble;

/// Waits for no lock, and holds those that it gets until it ends.
const STUCK: &str = "WITH wanted AS MATERIALIZED (
         SELECT w.at, i.person AS no FROM unnest($1::integer[], $2::text[], $3::text[]) AS w (at, app_id, open_id)
         JOIN identity i ON i.app_id = w.app_id AND i.open_id = w.open_id
         UNION ALL SELECT w.at, p.no FROM unnest($4::integer[], $5::text[]) AS w (at, union_id)
         JOIN person p ON p.union_id = w.union_id
         UNION ALL SELECT w.at, w.no FROM unnest($6::integer[], $7::bigint[]) AS w (at, no)
     ), free AS MATERIALIZED (
         SELECT no FROM person WHERE no IN (SELECT no FROM wanted) FOR UPDATE SKIP LOCKED
     )
     SELECT DISTINCT at FROM wanted WHERE no NOT IN (SELECT no FROM free)";

/// For each command whether it concerns a person whose row somebody else has locked just now.
pub(super) async fn stuck(
    client: &Object,
    commands: &[Asked],
    eraser: &Eraser,
) -> Result<Vec<bool>, Trouble> {
    let (mut links, mut unions, mut persons) = (Vec::new(), Vec::new(), Vec::new());
    for (at, asked) in (0_i32..).zip(commands) {
        let needs = Needs::of(std::slice::from_ref(asked));
        links.extend(needs.links.into_iter().flat_map(|link| [(at, eraser.link(&link)), (at, link)]));
        unions.extend(needs.unions.into_iter().flat_map(|name| [(at, eraser.union(&name)), (at, name)]));
        persons.extend(needs.persons.into_iter().map(|no| (at, no)));
    }
    let at_link: Vec<i32> = links.iter().map(|(at, _)| *at).collect();
    let (apps, opens): (Vec<&str>, Vec<&str>) =
        links.iter().map(|(_, link)| (link.app_id.as_str(), link.name.as_str())).unzip();
    let (at_union, unions): (Vec<i32>, Vec<&str>) =
        unions.iter().map(|(at, name)| (*at, name.as_str())).unzip();
    let (at_person, persons): (Vec<i32>, Vec<i64>) = persons.into_iter().unzip();

    let sql = client.prepare_cached(STUCK).await?;
    let found =
        client.query(&sql, &[&at_link, &apps, &opens, &at_union, &unions, &at_person, &persons]).await?;
    let mut stuck = vec![false; commands.len()];
    for row in found {
        if let Some(stuck) = usize::try_from(row.get::<_, i32>(0)).ok().and_then(|at| stuck.get_mut(at)) {
            *stuck = true;
        }
    }
    Ok(stuck)
}
