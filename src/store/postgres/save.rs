//! What a batch has changed, written and committed in one round trip: by one statement where it is nothing but events of
//! persons who are known.
//!
//! Persons that exist come first everywhere, in ascending order, then new names, ascending too, then everything else. Two
//! batches with the same event then wait for one another at the person, two with the same new name wait at the name, and
//! never each at what the other holds.

use std::collections::{BTreeSet, HashSet};

use deadpool_postgres::Object;
use futures::future::{BoxFuture, FutureExt as _, join_all};
use tokio_postgres::Error;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::super::batch::{EventWrite, OutboxWrite, PersonWrite, Writes};
use super::super::names::{Eraser, Link, Name};
use super::trouble::Trouble;
use crate::ids::PersonNo;

/// Events of known persons: commits by itself.
///
/// Here and in the other two that most groups run, columns become rows in a list of results and not in `FROM`, where the
/// server would first put every column aside. The keys come in ascending order, see [`events`].
const KNOWN: &str = "WITH changed AS (
         UPDATE person p SET links = w.links, version = w.version, state = w.state
         FROM (SELECT unnest($15::bigint[]) AS no, unnest($16::integer[]) AS links, unnest($17::bigint[]) AS version,
                      unnest($18::bytea[]) AS state) AS w
         WHERE p.no = w.no AND p.version = w.version - 1
         RETURNING p.no
     ), appended AS (
         INSERT INTO event (id, person, prev, kind, occurred_at, received_at, request, command, outcome, reply)
         SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::text[]),
                unnest($5::bigint[]), unnest($6::bigint[]), unnest($7::bytea[]), unnest($8::text[]),
                unnest($9::text[]), unnest($10::text[])
     ), keyed AS (
         INSERT INTO dedupe (occurred_at, digest, event, received_at)
         SELECT unnest($11::bigint[]), unnest($12::bytea[]), unnest($13::bigint[]), unnest($14::bigint[])
     )
     SELECT unless_quicker(count(*), cardinality($15)) FROM changed";
const APPEND: &str = "WITH appended AS (
         INSERT INTO event (id, person, prev, kind, occurred_at, received_at, request, command, outcome, reply)
         SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[]), unnest($4::text[]),
                unnest($5::bigint[]), unnest($6::bigint[]), unnest($7::bytea[]), unnest($8::text[]),
                unnest($9::text[]), unnest($10::text[])
     )
     INSERT INTO dedupe (occurred_at, digest, event, received_at)
     SELECT unnest($11::bigint[]), unnest($12::bytea[]), unnest($13::bigint[]), unnest($14::bigint[])";
const REQUESTS: &str = "INSERT INTO request (key, body) SELECT * FROM unnest($1::bytea[], $2::bytea[])";
const NAMES: &str = "INSERT INTO known_name (digest) SELECT * FROM unnest($1::uuid[])";
const LET_GO: &str = "UPDATE person SET union_id = NULL WHERE no = ANY($1::bigint[])";
const PERSONS_NEW: &str = "INSERT INTO person (no, id, union_id, merged_into, links, version, state)
     SELECT no, id, union_id, merged_into, links, version, state
     FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::bigint[], $5::integer[], $6::bigint[], $7::bytea[])
          AS w (no, id, union_id, merged_into, links, version, state)";
/// Apart from the renamed: a column of an index that stays the same keeps the update within its page.
///
/// Like the next one, changes nobody whom another gateway has changed since they were read, and ends the transaction then.
const PERSONS_CHANGED: &str = "WITH changed AS (
         UPDATE person p SET links = w.links, version = w.version, state = w.state
         FROM (SELECT unnest($1::bigint[]) AS no, unnest($2::integer[]) AS links, unnest($3::bigint[]) AS version,
                      unnest($4::bytea[]) AS state) AS w
         WHERE p.no = w.no AND p.version = w.version - 1
         RETURNING p.no
     )
     SELECT unless_quicker(count(*), cardinality($1)) FROM changed";
const PERSONS_RENAMED: &str = "WITH changed AS (
         UPDATE person p
         SET union_id = w.union_id, merged_into = w.merged_into, links = w.links, version = w.version, state = w.state
         FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::integer[], $5::bigint[], $6::bytea[])
              AS w (no, union_id, merged_into, links, version, state)
         WHERE p.no = w.no AND p.version = w.version - 1
         RETURNING p.no
     )
     SELECT unless_quicker(count(*), cardinality($1)) FROM changed";
/// Where persons are changed by more than one statement: in ascending order, like everybody else's.
const LOCK: &str = "SELECT no FROM person WHERE no = ANY($1::bigint[]) ORDER BY no FOR UPDATE";
const LINKS_GONE: &str = "DELETE FROM identity i USING unnest($1::text[], $2::text[]) AS w (app_id, open_id)
     WHERE i.app_id = w.app_id AND i.open_id = w.open_id";
const LINKS_MOVED: &str = "UPDATE identity i SET person = w.person
     FROM unnest($1::text[], $2::text[], $3::bigint[]) AS w (app_id, open_id, person)
     WHERE i.app_id = w.app_id AND i.open_id = w.open_id";
const LINKS_NEW: &str = "INSERT INTO identity (app_id, open_id, person)
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])";
const OUTBOX: &str = "INSERT INTO outbox (event, person, app_id, link, errand, due_at, deadline)
     SELECT event, person, app_id, coalesce(link, (SELECT o.link FROM outbox o WHERE o.id = heir_of)), errand,
            due_at, deadline
     FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::bigint[])
          AS w (event, person, app_id, link, heir_of, errand, due_at, deadline)";
const ENDED: &str = "DELETE FROM outbox WHERE id = ANY($1::bigint[])";

/// One statement and its parameters: columns of rows.
type Statement<'a> = (&'static str, Vec<Box<dyn ToSql + Sync + Send + 'a>>);

/// Writes and commits; `begun` where a transaction has been.
pub(super) async fn all(
    client: &Object,
    writes: &Writes,
    eraser: &Eraser,
    begun: bool,
) -> Result<(), Trouble> {
    let statements = statements(writes, eraser);
    // A statement alone is a transaction.
    let begin = !begun && statements.len() > 1;
    let commit = begun || statements.len() > 1;
    let mut prepared = Vec::with_capacity(statements.len());
    for (sql, _) in &statements {
        prepared.push(client.prepare_cached(sql).await?);
    }
    let params: Vec<Vec<&(dyn ToSql + Sync)>> = statements
        .iter()
        .map(|(_, params)| params.iter().map(|param| &**param as &(dyn ToSql + Sync)).collect())
        .collect();
    // All of it is sent at once and run in this order; after a failure the server turns COMMIT into ROLLBACK.
    let mut sent: Vec<BoxFuture<'_, Result<(), Error>>> = Vec::with_capacity(prepared.len() + 2);
    if begin {
        sent.push(client.batch_execute("BEGIN").boxed());
    }
    for (statement, params) in prepared.iter().zip(&params) {
        sent.push(client.execute(statement, params).map(|done| done.map(drop)).boxed());
    }
    if commit {
        sent.push(client.batch_execute("COMMIT").boxed());
    }
    for done in join_all(sent).await {
        done?;
    }
    Ok(())
}

fn statements<'a>(writes: &'a Writes, eraser: &Eraser) -> Vec<Statement<'a>> {
    if let Some(known) = known(writes) {
        return vec![known];
    }
    let mut statements: Vec<Statement<'_>> = Vec::with_capacity(4);
    if !writes.unions_let_go.is_empty() || !writes.persons_renamed.is_empty() {
        let persons = writes.persons_changed.iter().chain(&writes.persons_renamed).map(|person| person.no);
        let persons: Vec<PersonNo> = persons.chain(writes.unions_let_go.iter().copied()).collect();
        statements.push((LOCK, vec![Box::new(persons)]));
    }
    if !writes.persons_changed.is_empty() {
        let list = &writes.persons_changed;
        statements.push((PERSONS_CHANGED, vec![nos(list), links(list), versions(list), states(list)]));
    }
    let names_new = names_new(writes, eraser);
    if !names_new.is_empty() {
        statements.push((NAMES, vec![Box::new(names_new)]));
    }
    if !writes.unions_let_go.is_empty() {
        statements.push((LET_GO, vec![Box::new(&writes.unions_let_go)]));
    }
    if !writes.persons_renamed.is_empty() {
        let list = &writes.persons_renamed;
        statements.push((
            PERSONS_RENAMED,
            vec![nos(list), unions(list), merged(list), links(list), versions(list), states(list)],
        ));
    }
    if !writes.persons_new.is_empty() {
        let list = &writes.persons_new;
        let ids: Vec<_> = list.iter().map(|person| person.id).collect();
        statements.push((
            PERSONS_NEW,
            vec![
                nos(list),
                Box::new(ids),
                unions(list),
                merged(list),
                links(list),
                versions(list),
                states(list),
            ],
        ));
    }
    if !writes.links_gone.is_empty() {
        statements.push((LINKS_GONE, names(writes.links_gone.iter())));
    }
    for (sql, list) in [(LINKS_MOVED, &writes.links_moved), (LINKS_NEW, &writes.links_new)] {
        if !list.is_empty() {
            let mut params = names(list.iter().map(|(link, _)| link));
            params.push(Box::new(list.iter().map(|(_, person)| *person).collect::<Vec<PersonNo>>()));
            statements.push((sql, params));
        }
    }
    if !writes.events.is_empty() {
        statements.push((APPEND, events(&writes.events)));
    }
    if !writes.requests.is_empty() {
        let (keys, bodies): (Vec<&[u8]>, Vec<&[u8]>) =
            writes.requests.iter().map(|(key, body)| (&key[..], &body[..])).unzip();
        statements.push((REQUESTS, vec![Box::new(keys), Box::new(bodies)]));
    }
    if !writes.outbox.is_empty() {
        statements.push(outbox(&writes.outbox));
    }
    if !writes.ended.is_empty() {
        statements.push((ENDED, vec![Box::new(&writes.ended)]));
    }
    statements
}

/// Names that nobody had in any form, ascending.
fn names_new(writes: &Writes, eraser: &Eraser) -> Vec<Uuid> {
    let link = |link: &Link| eraser.link(link).name.digest();
    let union = |name: &Name| eraser.union(name).digest();
    let had = writes.links_gone.iter().filter_map(link).chain(writes.unions_gone.iter().filter_map(union));
    let had: HashSet<Uuid> = had.collect();
    let links = writes.links_new.iter().filter_map(|(new, _)| link(new));
    let persons = writes.persons_renamed.iter().chain(&writes.persons_new);
    let names = links.chain(persons.filter_map(|person| person.union.as_ref().and_then(union)));
    let new: BTreeSet<Uuid> = names.filter(|digest| !had.contains(digest)).collect();
    new.into_iter().collect()
}

type Column<'a> = Box<dyn ToSql + Sync + Send + 'a>;

fn column<'a, R, T: ToSql + Sync + Send + 'a>(
    list: impl IntoIterator<Item = R>,
    of: impl Fn(R) -> T,
) -> Column<'a> {
    Box::new(list.into_iter().map(of).collect::<Vec<T>>())
}

/// What is nothing but events of persons who are known.
fn known(writes: &Writes) -> Option<Statement<'_>> {
    let Writes {
        events: list,
        requests,
        unions_let_go,
        unions_gone: _,
        persons_new,
        persons_changed: persons,
        persons_renamed,
        links_gone,
        links_moved,
        links_new,
        outbox,
        ended,
        numbers_left: _,
    } = writes;
    let others = [unions_let_go.is_empty(), persons_new.is_empty(), persons_renamed.is_empty()];
    let names = [links_gone.is_empty(), links_moved.is_empty(), links_new.is_empty()];
    let rest = [requests.is_empty(), outbox.is_empty(), ended.is_empty()];
    if list.is_empty() || persons.is_empty() || [others, names, rest].concat().contains(&false) {
        return None;
    }
    let mut columns = events(list);
    columns.extend([nos(persons), links(persons), versions(persons), states(persons)]);
    Some((KNOWN, columns))
}

/// Keys in ascending order: two gateways that have several of them in common wait for one another, and never each for
/// what the other holds.
fn events(list: &[EventWrite]) -> Vec<Column<'_>> {
    let mut keyed: Vec<&EventWrite> = list.iter().collect();
    keyed.sort_unstable_by_key(|event| event.key);
    vec![
        column(list, |event| event.id),
        column(list, |event| event.person),
        column(list, |event| event.prev),
        column(list, |event| &*event.kind),
        column(list, |event| event.occurred_at),
        column(list, |event| event.received_at),
        column(list, |event| event.request.as_ref().map(|key| &key[..])),
        column(list, |event| &*event.command),
        column(list, |event| &*event.outcome),
        column(list, |event| event.reply.as_deref()),
        column(keyed.iter().copied(), |event| event.key.at),
        column(keyed.iter().copied(), |event| &event.key.digest[..]),
        column(keyed.iter().copied(), |event| event.id),
        column(keyed, |event| event.received_at),
    ]
}

fn nos(list: &[PersonWrite]) -> Column<'_> {
    column(list, |person| person.no)
}

fn unions(list: &[PersonWrite]) -> Column<'_> {
    column(list, |person| person.union.as_ref().map(Name::as_str))
}

fn merged(list: &[PersonWrite]) -> Column<'_> {
    column(list, |person| person.merged_into)
}

fn links(list: &[PersonWrite]) -> Column<'_> {
    column(list, |person| i32::try_from(person.links).unwrap_or(i32::MAX))
}

fn versions(list: &[PersonWrite]) -> Column<'_> {
    column(list, |person| person.version)
}

fn states(list: &[PersonWrite]) -> Column<'_> {
    column(list, |person| &person.state[..])
}

fn names<'a>(links: impl Iterator<Item = &'a Link>) -> Vec<Column<'a>> {
    let (apps, names): (Vec<&str>, Vec<&str>) =
        links.map(|link| (link.app_id.as_str(), link.name.as_str())).unzip();
    vec![Box::new(apps), Box::new(names)]
}

fn outbox(list: &[OutboxWrite]) -> Statement<'_> {
    let columns = vec![
        column(list, |errand| errand.event),
        column(list, |errand| errand.person),
        column(list, |errand| errand.app_id.as_str()),
        column(list, |errand| errand.link.as_ref().map(Name::as_str)),
        column(list, |errand| errand.heir_of),
        column(list, |errand| &*errand.errand),
        column(list, |errand| errand.due_at),
        column(list, |errand| errand.deadline),
    ];
    (OUTBOX, columns)
}
