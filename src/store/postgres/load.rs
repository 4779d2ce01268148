//! The rows of a batch, read in one round trip; in two where somebody is new.
//!
//! Nothing is locked: a person whom another gateway changes meanwhile has another version when the batch is written, and
//! then nothing of it is. So a person is never taken from a later statement than a name that leads there: a row that comes
//! again stays as it was read first. Only after another gateway was quicker are the persons locked before they are read.

use deadpool_postgres::Object;
use tokio_postgres::{Row, Statement};

use super::super::batch::{Needs, PersonRow, Rows, Stored};
use super::super::names::{Eraser, Link, Name};
use super::super::people::Remembered;
use super::super::record::parse;
use super::super::{Receipt, StoreError};
use super::known::Known;
use super::limits::GROUP;
use super::trouble::Trouble;
use crate::ids::{AppId, DedupeKey, EventNo, PersonNo};

/// Numbers for persons that are taken from the sequence at a time.
const NUMBERS: i32 = 256;

/// In ascending order, whoever asks: two gateways wait for one another and never lock each other out.
const LOCK: &str = "SELECT no FROM person
     WHERE no IN (
         SELECT i.person FROM unnest($1::text[], $2::text[]) AS w (app_id, open_id)
         JOIN identity i ON i.app_id = w.app_id AND i.open_id = w.open_id
         UNION ALL SELECT p.no FROM unnest($3::text[]) AS w (union_id) JOIN person p ON p.union_id = w.union_id
         UNION ALL SELECT no FROM unnest($4::bigint[]) AS w (no)
     )
     ORDER BY no FOR UPDATE";
const BY_LINK: &str =
    "SELECT p.no, p.id, p.union_id, p.merged_into, p.links, p.version, p.state, i.app_id, i.open_id, i.person
     FROM unnest($1::text[], $2::text[]) AS w (app_id, open_id)
     JOIN identity i ON i.app_id = w.app_id AND i.open_id = w.open_id LEFT JOIN person p ON p.no = i.person";
const BY_UNION: &str = "SELECT p.no, p.id, p.union_id, p.merged_into, p.links, p.version, p.state
     FROM unnest($1::text[]) AS w (union_id) JOIN person p ON p.union_id = w.union_id";
const BY_NUMBER: &str = "SELECT p.no, p.id, p.union_id, p.merged_into, p.links, p.version, p.state
     FROM unnest($1::bigint[]) AS w (no) JOIN person p ON p.no = w.no";
/// After the persons are read: an event has a larger number than any earlier one of its person. (Where nothing is read, a
/// number that was put by is compared with their last events.) The first number of a
/// block of [`GROUP`], in every row, and beside it what is settled already; one row without that where nothing is.
const NUMBER_AND_SETTLED: &str =
    "SELECT n.first, s.* FROM (SELECT nextval('event_id') AS first) n LEFT JOIN (
         SELECT d.occurred_at, d.digest, d.event, e.request, e.received_at, e.outcome, e.reply, p.id
         FROM unnest($1::bigint[], $2::bytea[]) AS w (occurred_at, digest)
         JOIN dedupe d ON d.occurred_at = w.occurred_at AND d.digest = w.digest
         LEFT JOIN event e ON e.id = d.event AND e.received_at = d.received_at
         LEFT JOIN person p ON p.no = e.person
     ) s ON true";
const NUMBER: &str = "SELECT nextval('event_id')";
/// For some milliseconds at full speed.
const NUMBERS_AHEAD: &str = "SELECT nextval('event_id') FROM generate_series(1, 8)";
const REQUESTS: &str =
    "SELECT r.key, r.body FROM unnest($1::bytea[]) AS w (key) JOIN request r ON r.key = w.key";
const PERSON_NUMBERS: &str = "SELECT nextval('person_no') FROM generate_series(1, $1::integer)";
const LINKS_OF: &str = "SELECT app_id, open_id, person FROM identity WHERE person = ANY($1::bigint[])";

/// Reads what can be foreseen, with numbers for a group of new events; where `lock` is true, begins a transaction and
/// locks the persons first.
///
/// What has been read already is in `rows`; whoever is found by a link goes into `known`.
pub(super) async fn first(
    client: &Object,
    needs: &Needs,
    eraser: &Eraser,
    known: &Known,
    mut rows: Rows,
    lock: bool,
) -> Result<Rows, Trouble> {
    let (times, digests): (Vec<i64>, Vec<&[u8]>) =
        needs.keys.iter().map(|key| (key.at, &key.digest[..])).unzip();
    let requests: Vec<&[u8]> = needs.requests.iter().map(|key| &key[..]).collect();
    let names = Names::of(&needs.links, &needs.unions);
    let settled_sql = client.prepare_cached(NUMBER_AND_SETTLED).await?;
    let requests_sql = client.prepare_cached(REQUESTS).await?;
    let by_number_sql = client.prepare_cached(BY_NUMBER).await?;
    let by_name = ByName::prepare(client).await?;
    let lock = if lock { Some(Lock::prepare(client, needs, eraser).await?) } else { None };

    // All of it is sent at once and run in this order.
    let (begun, locked, numbered, named, settled, bodies) = futures::join!(
        async { if lock.is_some() { client.batch_execute("BEGIN").await } else { Ok(()) } },
        async {
            match &lock {
                Some(lock) => lock.take(client, &needs.persons).await,
                None => Ok(()),
            }
        },
        some(!needs.persons.is_empty(), async { client.query(&by_number_sql, &[&needs.persons]).await }),
        by_name.read(client, &names),
        async { client.query(&settled_sql, &[&times, &digests]).await },
        some(!requests.is_empty(), async { client.query(&requests_sql, &[&requests]).await }),
    );
    begun?;
    locked?;
    add_persons(&mut rows, &numbered?)?;
    for no in &needs.persons {
        if !rows.has_read(*no) {
            rows.read_person(*no, None);
        }
    }
    let named = named?;
    for row in &named.0 {
        if let (Some(no), (link, _)) = (row.get(0), link(row, [7, 8, 9])?) {
            known.read(&link, remembered(no, row));
        }
    }
    add_named(&mut rows, named)?;
    let settled = settled?;
    let mut first: EventNo = settled.first().map_or(0, |row| row.get(0));
    for row in settled.iter().filter(|row| row.get::<_, Option<i64>>(1).is_some()) {
        let (key, stored) = stored(row)?;
        rows.read_settled(key, stored);
    }
    for row in bodies? {
        rows.read_request(row_bytes(&row, 0)?, row_bytes(&row, 1)?);
    }

    // Whoever is not known in clear may be known by a digest, or in clear by now: one look at both misses nobody.
    let links = needs.links.iter().filter(|link| !rows.has_link(link));
    let links: Vec<Link> = links.flat_map(|link| [link.clone(), eraser.link(link)]).collect();
    let unions = needs.unions.iter().filter(|name| !rows.has_union(name));
    let unions: Vec<Name> = unions.flat_map(|name| [name.clone(), eraser.union(name)]).collect();
    let returning = by_name.read(client, &Names::of(&links, &unions)).await?;
    if !(returning.0.is_empty() && returning.1.is_empty()) {
        // Read after the number was taken: it may be smaller than that of their last event.
        first = client.query_one(&client.prepare_cached(NUMBER).await?, &[]).await?.get(0);
    }
    add_named(&mut rows, returning)?;
    // The sequence goes up by whole groups.
    rows.add_events((first..).take(GROUP));
    Ok(rows)
}

/// First numbers of blocks of [`GROUP`], for the events of groups to come.
pub(super) async fn numbers(client: &Object) -> Result<Vec<EventNo>, tokio_postgres::Error> {
    let numbers = client.query(&client.prepare_cached(NUMBERS_AHEAD).await?, &[]).await?;
    Ok(numbers.iter().map(|row| row.get(0)).collect())
}

/// Columns of names.
struct Names<'a> {
    apps: Vec<&'a str>,
    opens: Vec<&'a str>,
    unions: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(links: &'a [Link], unions: &'a [Name]) -> Self {
        let (apps, opens) = links.iter().map(|link| (link.app_id.as_str(), link.name.as_str())).unzip();
        Self { apps, opens, unions: unions.iter().map(Name::as_str).collect() }
    }
}

/// Who has which name.
struct ByName {
    link: Statement,
    union: Statement,
}

impl ByName {
    async fn prepare(client: &Object) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            link: client.prepare_cached(BY_LINK).await?,
            union: client.prepare_cached(BY_UNION).await?,
        })
    }

    /// Rows by link, and by UnionID.
    async fn read(
        &self,
        client: &Object,
        names: &Names<'_>,
    ) -> Result<(Vec<Row>, Vec<Row>), tokio_postgres::Error> {
        let Names { apps, opens, unions } = names;
        futures::try_join!(
            some(!apps.is_empty(), async { client.query(&self.link, &[apps, opens]).await }),
            some(!unions.is_empty(), async { client.query(&self.union, &[unions]).await }),
        )
    }
}

/// Locks everybody whom the batch may concern, under whatever name.
struct Lock {
    sql: Statement,
    links: Vec<Link>,
    unions: Vec<Name>,
}

impl Lock {
    async fn prepare(client: &Object, needs: &Needs, eraser: &Eraser) -> Result<Self, tokio_postgres::Error> {
        let erased = needs.links.iter().map(|link| eraser.link(link));
        let links = needs.links.iter().cloned().chain(erased).collect();
        let erased = needs.unions.iter().map(|union| eraser.union(union));
        let unions = needs.unions.iter().cloned().chain(erased).collect();
        Ok(Self { sql: client.prepare_cached(LOCK).await?, links, unions })
    }

    async fn take(&self, client: &Object, persons: &Vec<PersonNo>) -> Result<(), tokio_postgres::Error> {
        let Names { apps, opens, unions } = Names::of(&self.links, &self.unions);
        client.execute(&self.sql, &[&apps, &opens, &unions, persons]).await.map(drop)
    }
}

fn add_named(rows: &mut Rows, (by_link, by_union): (Vec<Row>, Vec<Row>)) -> Result<(), StoreError> {
    add_persons(rows, &by_link)?;
    add_persons(rows, &by_union)?;
    for row in &by_link {
        let (link, person) = link(row, [7, 8, 9])?;
        if !rows.has_read(person) {
            rows.read_person(person, None);
        }
        rows.read_link(link, person);
    }
    Ok(())
}

/// A person may come by several names, and is read once; a link may lead to nobody.
fn add_persons(rows: &mut Rows, found: &[Row]) -> Result<(), StoreError> {
    for row in found {
        let Some(no) = row.get(0) else { continue };
        if !rows.has_read(no) {
            rows.read_person(no, Some(person(no, row)?));
        }
    }
    Ok(())
}

/// What nobody could foresee, inside the same transaction.
pub(super) async fn more(client: &Object, needs: &Needs, rows: &mut Rows) -> Result<(), Trouble> {
    if needs.numbers {
        let numbers = client.query(&client.prepare_cached(PERSON_NUMBERS).await?, &[&NUMBERS]).await?;
        rows.add_numbers(numbers.iter().map(|row| row.get::<_, i64>(0)));
    }
    if !needs.links_of.is_empty() {
        for row in client.query(&client.prepare_cached(LINKS_OF).await?, &[&needs.links_of]).await? {
            let (link, person) = link(&row, [0, 1, 2])?;
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
    remembered(no, row).row()
}

/// A row of [`BY_LINK`], [`BY_UNION`] or [`BY_NUMBER`].
fn remembered(no: PersonNo, row: &Row) -> Remembered {
    let links: i32 = row.get(4);
    Remembered {
        no,
        id: row.get(1),
        union: row.get::<_, Option<&str>>(2).map(Name::stored),
        merged_into: row.get(3),
        links: u32::try_from(links).unwrap_or(0),
        version: row.get(5),
        state: row.get::<_, &[u8]>(6).into(),
    }
}

/// `app_id, open_id, person` in these columns.
pub(super) fn link(row: &Row, [app_id, open_id, person]: [usize; 3]) -> Result<(Link, PersonNo), StoreError> {
    let person = row.get(person);
    let app_id = AppId::parse(row.get(app_id)).map_err(|why| StoreError::Corrupt {
        table: "identity",
        row: person,
        column: "app_id",
        why: why.to_string(),
    })?;
    Ok((Link { app_id, name: Name::stored(row.get::<_, &str>(open_id)) }, person))
}

/// A row of [`NUMBER_AND_SETTLED`].
fn stored(row: &Row) -> Result<(DedupeKey, Stored), StoreError> {
    let event = row.get(3);
    let Some(person) = row.get(8) else {
        let why = "the event of this key, or its person, is not there".into();
        return Err(StoreError::Corrupt { table: "event", row: event, column: "id", why });
    };
    let key = DedupeKey { at: row.get(1), digest: row_bytes(row, 2)? };
    let reply = row.get::<_, Option<&str>>(7).map(|json| parse(json, "event", event, "reply")).transpose()?;
    let outcome: crate::ledger::Outcome = parse(row.get(6), "event", event, "outcome")?;
    let request = row.get::<_, Option<&[u8]>>(4).and_then(|key| key.try_into().ok());
    let receipt = Receipt {
        fresh: false,
        replayed: false,
        event,
        person,
        reply,
        received_at: row.get(5),
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
