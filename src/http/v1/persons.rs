//! `GET /v1/persons/{who}` and the entries behind the points. `{who}` is an id, `unionid:X` or `openid:APPID:OPENID`.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::auth::Client;
use super::problem::Problem;
use crate::clock::UnixMs;
use crate::http::Parts;
use crate::ids::{AppId, OpenId, PersonId, UnionId};
use crate::ledger::{Bucket, Entry, Life};
use crate::store::{Logged, Person, PersonRef};

/// Events behind one page of entries.
const PAGE: usize = 50;

/// A person and their points.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct PersonView {
    #[schema(value_type = String, format = "uuid")]
    id: PersonId,
    /// Absent while unknown.
    union_id: Option<String>,
    /// `visitor`, `member` or `erased`.
    state: &'static str,
    points: Points,
    identities: Vec<IdentityView>,
}

/// Integer points, as of now.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Points {
    /// All of the person's.
    total: i64,
    /// Earned before joining.
    unclaimed: i64,
    /// To be spent.
    available: i64,
    /// Not to be spent yet.
    held: i64,
    /// The total by source.
    by_group: BTreeMap<String, i64>,
}

/// One account that knows the person.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct IdentityView {
    app_id: String,
    open_id: String,
    subscribed: bool,
}

/// One page of entries, newest first.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EntriesView {
    entries: Vec<EntryView>,
    /// For `?cursor=`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Points that moved, and why.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EntryView {
    /// Place in the log, and place in the event.
    id: String,
    rule: String,
    group: String,
    /// `issued`, `unclaimed`, `available`, `held`, `redeemed`, `expired`, `forfeited` or `adjusted`.
    #[schema(value_type = String)]
    from: Bucket,
    /// The same.
    #[schema(value_type = String)]
    to: Bucket,
    points: i64,
    /// Last day, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<String>,
    /// Touchpoint that moved them.
    kind: String,
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// RFC 3339.
    occurred_at: String,
    /// Hash of the rules that decided.
    ruleset: String,
}

/// One person.
#[utoipa::path(
    get,
    path = "/v1/persons/{who}",
    params(("who" = String, Path, description = "an id, unionid:X, or openid:APPID:OPENID")),
    responses(
        (status = 200, body = PersonView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn show(
    parts: web::Data<Parts>,
    _client: Client,
    who: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let person = find(&parts, &who).await?;
    Ok(HttpResponse::Ok().json(view(&person, &parts, parts.clock.now())))
}

/// `?cursor=`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    cursor: Option<i64>,
}

/// The entries behind the points, newest first.
#[utoipa::path(
    get,
    path = "/v1/persons/{who}/entries",
    params(
        ("who" = String, Path, description = "an id, unionid:X, or openid:APPID:OPENID"),
        ("cursor" = Option<String>, Query, description = "next_cursor of the page before"),
    ),
    responses(
        (status = 200, body = EntriesView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn entries(
    parts: web::Data<Parts>,
    _client: Client,
    who: web::Path<String>,
    page: Result<web::Query<PageQuery>, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    let page =
        page.map_err(|e| Problem::bad("bad_cursor", format!("{e}; use next_cursor of the page before")))?;
    let person = find(&parts, &who).await?;
    let events = parts.ports.store.history(person.no, page.cursor, PAGE).await?;
    let next_cursor =
        events.last().filter(|last| events.len() == PAGE && last.prev != 0).map(|l| l.event.to_string());
    let entries = events.iter().flat_map(entry_views).collect();
    Ok(HttpResponse::Ok().json(EntriesView { entries, next_cursor }))
}

async fn find(parts: &Parts, who: &str) -> Result<Person, Problem> {
    let who = parse(who)?;
    parts.ports.store.person(who).await?.ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            "no_such_person",
            "Nobody is known under that name",
            "check the name",
        )
    })
}

fn parse(who: &str) -> Result<PersonRef, Problem> {
    let bad = |detail: String| Problem::bad("bad_person", detail);
    if let Some(union) = who.strip_prefix("unionid:") {
        return UnionId::parse(union).map(PersonRef::Union).map_err(|e| bad(e.to_string()));
    }
    if let Some((app, open)) = who.strip_prefix("openid:").and_then(|rest| rest.split_once(':')) {
        let app = AppId::parse(app).map_err(|e| bad(e.to_string()))?;
        return OpenId::parse(open).map(|open| PersonRef::Open(app, open)).map_err(|e| bad(e.to_string()));
    }
    PersonId::parse_str(who)
        .map(PersonRef::Id)
        .map_err(|_| bad("name the person by id, unionid:X, or openid:APPID:OPENID".to_owned()))
}

fn view(person: &Person, parts: &Parts, now: UnixMs) -> PersonView {
    let balance = parts.ports.program.balance(&person.state, now);
    PersonView {
        id: person.id,
        union_id: person.union_id.as_ref().map(|u| u.as_str().to_owned()),
        state: match person.state.life {
            Life::Visitor => "visitor",
            Life::Member => "member",
            Life::Erased => "erased",
        },
        points: Points {
            total: balance.total(),
            unclaimed: balance.unclaimed,
            available: balance.available,
            held: balance.held,
            by_group: balance.by_group.iter().map(|(group, points)| (group.to_string(), *points)).collect(),
        },
        identities: person
            .identities
            .iter()
            .map(|identity| IdentityView {
                app_id: identity.app_id.to_string(),
                open_id: identity.open_id.as_str().to_owned(),
                subscribed: person.state.follows.get(&identity.app_id).is_some_and(|follow| follow.on),
            })
            .collect(),
    }
}

fn entry_views(logged: &Logged) -> impl Iterator<Item = EntryView> {
    logged.outcome.entries.iter().enumerate().rev().map(move |(index, entry)| EntryView {
        id: format!("{}-{index}", logged.event),
        rule: entry.rule.to_string(),
        group: entry.group.to_string(),
        from: entry.from,
        to: entry.to,
        points: entry.points,
        expires_on: expires_on(entry),
        kind: logged.kind.to_string(),
        reference: logged.facts.reference.as_ref().map(ToString::to_string),
        occurred_at: Timestamp::from_millisecond(logged.occurred_at).unwrap_or_default().to_string(),
        ruleset: logged.outcome.ruleset.to_string(),
    })
}

fn expires_on(entry: &Entry) -> Option<String> {
    let day = jiff::Span::new().try_days(entry.expires?).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(day).ok().map(|date| date.to_string())
}
