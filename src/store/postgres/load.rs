//! The rows of a batch, locked and read in one round trip.

use deadpool_postgres::Object;
use tokio_postgres::Row;

use super::super::batch::{Needs, PersonRow, Rows, Stored};
use super::super::names::{Eraser, Link, Name};
use super::super::record::{parse, unpack};
use super::super::{Receipt, StoreError};
use super::batcher::Trouble;
use crate::ids::{AppId, DedupeKey, PersonNo};

/// Numbers for persons that are taken from the sequence at a time.
const NUMBERS: i32 = 256;

/// In ascending order, whoever asks: two gateways wait for one another and never lock each other out. What a row says
/// is read when it is locked.
const PERSONS: &str = "SELECT no, id, union_id, merged_into, links, version, state FROM person
     WHERE no IN (
         SELECT i.person FROM unnest($1::text[], $2::text[]) AS w (app_id, open_id)
         JOIN identity i ON i.app_id = w.app_id AND i.open_id = w.open_id
         UNION ALL SELECT p.no FROM unnest($3::text[]) AS w (union_id) JOIN person p ON p.union_id = w.union_id
         UNION ALL SELECT no FROM unnest($4::bigint[]) AS w (no)
     )
     ORDER BY no FOR UPDATE";
/// After the locks: a link leads where it leads now.
const LINKS: &str =
    "SELECT i.app_id, i.open_id, i.person FROM unnest($1::text[], $2::text[]) AS w (app_id, open_id)
     JOIN identity i ON i.app_id = w.app_id AND i.open_id = w.open_id";
const SETTLED: &str =
    "SELECT d.occurred_at, d.digest, e.id, e.request, e.received_at, e.outcome, e.reply, p.id
     FROM unnest($1::bigint[], $2::bytea[]) AS w (occurred_at, digest)
     JOIN dedupe d ON d.occurred_at = w.occurred_at AND d.digest = w.digest
     JOIN event e ON e.id = d.event AND e.received_at = d.received_at
     JOIN person p ON p.no = e.person";
const REQUESTS: &str =
    "SELECT r.key, r.body FROM unnest($1::bytea[]) AS w (key) JOIN request r ON r.key = w.key";
/// After the locks: an event has a larger number than any earlier one of its person.
const EVENT_NUMBERS: &str = "SELECT nextval('event_id') FROM generate_series(1, $1::integer)";
const PERSON_NUMBERS: &str = "SELECT nextval('person_no') FROM generate_series(1, $1::integer)";
const LINKS_OF: &str = "SELECT app_id, open_id, person FROM identity WHERE person = ANY($1::bigint[])";

/// Begins the transaction and reads what can be foreseen, with numbers for `commands` new events.
pub(super) async fn first(
    client: &Object,
    needs: &Needs,
    commands: usize,
    eraser: &Eraser,
) -> Result<Rows, Trouble> {
    let erased: Vec<Link> = needs.links.iter().map(|link| eraser.link(link)).collect();
    let links: Vec<&Link> = needs.links.iter().chain(&erased).collect();
    let apps: Vec<&str> = links.iter().map(|link| link.app_id.as_str()).collect();
    let names: Vec<&str> = links.iter().map(|link| link.name.as_str()).collect();
    let erased: Vec<Name> = needs.unions.iter().map(|union| eraser.union(union)).collect();
    let unions: Vec<&str> = needs.unions.iter().chain(&erased).map(Name::as_str).collect();
    let (times, digests): (Vec<i64>, Vec<&[u8]>) =
        needs.keys.iter().map(|key| (key.at, &key.digest[..])).unzip();
    let requests: Vec<&[u8]> = needs.requests.iter().map(|key| &key[..]).collect();
    let commands = i32::try_from(commands).unwrap_or(i32::MAX);

    let persons_sql = client.prepare_cached(PERSONS).await?;
    let links_sql = client.prepare_cached(LINKS).await?;
    let settled_sql = client.prepare_cached(SETTLED).await?;
    let requests_sql = client.prepare_cached(REQUESTS).await?;
    let numbers_sql = client.prepare_cached(EVENT_NUMBERS).await?;
    // All of it is sent at once and run in this order.
    let (begun, persons, found, settled, bodies, numbers) = futures::join!(
        client.batch_execute("BEGIN"),
        async { client.query(&persons_sql, &[&apps, &names, &unions, &needs.persons]).await },
        some(!apps.is_empty(), async { client.query(&links_sql, &[&apps, &names]).await }),
        async { client.query(&settled_sql, &[&times, &digests]).await },
        some(!requests.is_empty(), async { client.query(&requests_sql, &[&requests]).await }),
        async { client.query(&numbers_sql, &[&commands]).await },
    );
    begun?;

    let mut rows = Rows::default();
    for row in persons? {
        let no = row.get(0);
        rows.read_person(no, Some(person(no, &row)?));
    }
    for no in &needs.persons {
        if !rows.has_read(*no) {
            rows.read_person(*no, None);
        }
    }
    for row in found? {
        let (link, person) = link(&row)?;
        rows.read_link(link, person);
    }
    for row in settled? {
        let (key, stored) = stored(&row)?;
        rows.read_settled(key, stored);
    }
    for row in bodies? {
        rows.read_request(row_bytes(&row, 0)?, row_bytes(&row, 1)?);
    }
    rows.add_events(numbers?.iter().map(|row| row.get::<_, i64>(0)));
    Ok(rows)
}

/// What nobody could foresee, inside the same transaction.
pub(super) async fn more(client: &Object, needs: &Needs, rows: &mut Rows) -> Result<(), Trouble> {
    if needs.numbers {
        let numbers = client.query(&client.prepare_cached(PERSON_NUMBERS).await?, &[&NUMBERS]).await?;
        rows.add_numbers(numbers.iter().map(|row| row.get::<_, i64>(0)));
    }
    if !needs.links_of.is_empty() {
        for row in client.query(&client.prepare_cached(LINKS_OF).await?, &[&needs.links_of]).await? {
            let (link, person) = link(&row)?;
            rows.read_link(link, person);
        }
        needs.links_of.iter().for_each(|no| rows.read_all_links_of(*no));
    }
    Ok(())
}

/// Nothing is sent for a question without keys.
async fn some<F>(wanted: bool, rows: F) -> Result<Vec<Row>, tokio_postgres::Error>
where
    F: Future<Output = Result<Vec<Row>, tokio_postgres::Error>>,
{
    if wanted { rows.await } else { Ok(Vec::new()) }
}

fn person(no: PersonNo, row: &Row) -> Result<PersonRow, StoreError> {
    let links: i32 = row.get(4);
    Ok(PersonRow::read(
        row.get(1),
        row.get::<_, Option<&str>>(2).map(Name::stored),
        row.get(3),
        u32::try_from(links).unwrap_or(0),
        row.get(5),
        unpack(row.get(6), no)?,
    ))
}

/// Columns `app_id, open_id, person`.
pub(super) fn link(row: &Row) -> Result<(Link, PersonNo), StoreError> {
    let person = row.get(2);
    let app_id = AppId::parse(row.get(0)).map_err(|why| StoreError::Corrupt {
        table: "identity",
        row: person,
        column: "app_id",
        why: why.to_string(),
    })?;
    Ok((Link { app_id, name: Name::stored(row.get::<_, &str>(1)) }, person))
}

fn stored(row: &Row) -> Result<(DedupeKey, Stored), StoreError> {
    let event = row.get(2);
    let key = DedupeKey { at: row.get(0), digest: row_bytes(row, 1)? };
    let reply = row.get::<_, Option<&str>>(6).map(|json| parse(json, "event", event, "reply")).transpose()?;
    let outcome: crate::ledger::Outcome = parse(row.get(5), "event", event, "outcome")?;
    let request = row.get::<_, Option<&[u8]>>(3).and_then(|key| key.try_into().ok());
    let receipt = Receipt {
        fresh: false,
        replayed: false,
        event,
        person: row.get(7),
        reply,
        received_at: row.get(4),
        outcome: outcome.into(),
    };
    Ok((key, Stored { request, receipt }))
}

fn row_bytes(row: &Row, column: usize) -> Result<[u8; 16], StoreError> {
    row.get::<_, &[u8]>(column).try_into().map_err(|_| StoreError::Corrupt {
        table: "dedupe or request",
        row: 0,
        column: "digest, key or body",
        why: "not 16 bytes".into(),
    })
}
