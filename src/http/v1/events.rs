//! `POST /v1/events`: touchpoints that the brand's own systems have seen. 1 to 500 a request, a verdict each.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use futures::future::join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::auth::Client;
use super::problem::Problem;
use crate::clock::{SECOND, UnixMs};
use crate::http::Parts;
use crate::http::body::{self, BodyError};
use crate::ids::{AppId, DedupeKey, OpenId, PersonId, UnionId};
use crate::ledger::{Action, Command, Facts, Request, Resolution, Subject};
use crate::store::{Receipt, Settled, StoreError};

const BODY_LIMIT: usize = 1 << 20;
const BODY_TIME: Duration = Duration::from_secs(10);
const MOST: usize = 500;
/// How far ahead of our clock an event may be.
const AHEAD: UnixMs = 300 * SECOND;
/// Longest free text of a field, bytes.
const TEXT_LIMIT: usize = 128;

/// Kinds that the brand's systems may send, besides its own `x.name`.
const KINDS: [&str; 11] = [
    "pay.success",
    "pay.refund",
    "ad.click",
    "mp.visit",
    "event.checkin",
    "event.signup",
    "live.view",
    "ugc.post",
    "store.visit",
    "cart.abandoned",
    "order.update",
];

/// The body of `POST /v1/events`.
#[derive(Deserialize, utoipa::ToSchema)]
struct Batch<'a> {
    /// 1 to 500.
    // Read one by one, so that one bad event does not spoil the batch.
    #[serde(borrow)]
    #[schema(value_type = Vec<NewEvent>)]
    events: Vec<&'a RawValue>,
}

/// One touchpoint.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewEvent {
    /// `pay.success`, `ad.click`, `mp.visit`, ..., or the brand's own `x.name`.
    #[schema(example = "pay.success")]
    kind: String,
    /// The person; or `app_id` and `open_id`.
    union_id: Option<String>,
    /// With `open_id`.
    app_id: Option<String>,
    /// With `app_id`.
    open_id: Option<String>,
    /// RFC 3339; the time of receipt when absent.
    #[schema(value_type = Option<String>, format = "date-time")]
    occurred_at: Option<Timestamp>,
    /// Order, visit, event attended: with `kind` and person, what makes a repeat recognisable.
    #[serde(rename = "ref")]
    reference: Option<String>,
    /// The event's own id in the brand's system, where `ref` is not unique (two refunds of one order).
    id: Option<String>,
    /// Fen.
    amount_fen: Option<i64>,
    /// `moments`, ...
    source: Option<String>,
    /// Campaign.
    campaign: Option<String>,
    /// Shop.
    store: Option<String>,
    /// Member of staff.
    staff: Option<String>,
    /// Legal basis: `contract`, `consent`, ...
    basis: Option<String>,
}

/// One verdict per event, in the order of the request.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Results {
    results: Vec<EventResult>,
}

/// What became of one event.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EventResult {
    /// As sent.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// `settled`, `duplicate` or `rejected`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    person_id: Option<PersonId>,
    /// Granted by this event, when it was settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i64>,
    /// What every rule that listens on the kind said.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<BTreeMap<String, RuleVerdict>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<EventError>,
}

/// What one rule said.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RuleVerdict {
    points: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Why an event was rejected.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EventError {
    code: &'static str,
    detail: String,
}

/// Settles a batch.
#[utoipa::path(
    post,
    path = "/v1/events",
    request_body(content = inline(Batch<'static>), description = "1 to 500 events"),
    params(("Idempotency-Key" = String, Header, description = "the same key and body get the same answer again")),
    responses(
        (status = 200, body = Results),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ),
    security(("key" = []))
)]
pub(crate) async fn post(
    parts: web::Data<Parts>,
    client: Result<Client, Problem>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = body::read(payload, BODY_LIMIT, BODY_TIME).await.map_err(unreadable)?;
    let client = client?;
    let key = idempotency_key(&request)?;
    let batch: Batch<'_> =
        serde_json::from_slice(&body).map_err(|e| Problem::bad("malformed_json", e.to_string()))?;
    if batch.events.is_empty() || batch.events.len() > MOST {
        let detail = format!("events has {} items; send 1 to {MOST}", batch.events.len());
        return Err(Problem::bad("batch_size", detail));
    }
    let text = String::from_utf8_lossy(&body);
    let request = Request {
        key: DedupeKey::of(0, &format!("api:{}:{key}", client.name)).digest,
        body: DedupeKey::of(0, &text).digest,
    };
    let now = parts.clock.now();
    let settled = join_all(batch.events.iter().enumerate().map(|(index, raw)| {
        let (parts, client, key) = (&parts, &client, &key);
        async move {
            match command(raw, client, request, key, index, now) {
                Ok((reference, command)) => {
                    parts.ports.store.settle(command).await.map(|settled| verdict(reference, settled))
                }
                Err((reference, error)) => Ok(rejected(reference, error)),
            }
        }
    }))
    .await;
    let results = settled.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
    Ok(HttpResponse::Ok().json(Results { results }))
}

fn unreadable(error: BodyError) -> Problem {
    let (status, code) = match error {
        BodyError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
        BodyError::TooSlow => (StatusCode::REQUEST_TIMEOUT, "body_too_slow"),
        BodyError::Broken => (StatusCode::BAD_REQUEST, "body_broken"),
    };
    Problem::new(status, code, "The body cannot be read", "send at most 1 MiB, within 10 seconds")
}

fn idempotency_key(request: &HttpRequest) -> Result<String, Problem> {
    let key =
        request.headers().get("Idempotency-Key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if key.is_empty() || key.len() > 255 {
        let detail = "send an Idempotency-Key of 1 to 255 characters; repeat it when you repeat the request";
        return Err(Problem::bad("idempotency_key_missing", detail));
    }
    Ok(key.to_owned())
}

type Rejection = (Option<String>, EventError);

fn command(
    raw: &RawValue,
    client: &Client,
    request: Request,
    key: &str,
    index: usize,
    now: UnixMs,
) -> Result<(Option<String>, Command), Rejection> {
    let event: NewEvent = serde_json::from_str(raw.get()).map_err(|e| {
        (None, EventError { code: "malformed_event", detail: format!("events[{index}]: {e}") })
    })?;
    let reference = event.reference.clone();
    let reject = |code, detail: String| {
        (reference.clone(), EventError { code, detail: format!("events[{index}]: {detail}") })
    };
    check(&event, now).map_err(|(code, detail)| reject(code, detail))?;
    let subject = subject(&event).map_err(|detail| reject("no_person", detail))?;
    let occurred_at = event.occurred_at.map_or(now, |at| at.as_millisecond());
    let command = Command {
        key: dedupe(&event, &subject, client, key, index),
        request: Some(request),
        subject,
        kind: event.kind.as_str().into(),
        occurred_at,
        received_at: now,
        facts: Facts {
            app_id: None,
            amount_fen: event.amount_fen,
            reference: event.reference.map(Into::into),
            source: event.source.map(Into::into),
            campaign: event.campaign.map(Into::into),
            store: event.store.map(Into::into),
            staff: event.staff.map(Into::into),
            basis: event.basis.or_else(|| client.basis.clone()).map(Into::into),
            ..Facts::default()
        },
        action: Action::Touch,
    };
    Ok((reference, command))
}

fn check(event: &NewEvent, now: UnixMs) -> Result<(), (&'static str, String)> {
    let own = event.kind.strip_prefix("x.").is_some_and(|name| {
        !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
    });
    if event.kind.len() > 64 || !(own || KINDS.contains(&event.kind.as_str())) {
        return Err(("unknown_kind", format!("kind must be one of {} or x.name", KINDS.join(", "))));
    }
    let texts = [
        &event.reference,
        &event.id,
        &event.source,
        &event.campaign,
        &event.store,
        &event.staff,
        &event.basis,
    ];
    if texts
        .into_iter()
        .flatten()
        .any(|text| text.is_empty() || text.len() > TEXT_LIMIT || text.contains('\0'))
    {
        return Err(("bad_text", format!("texts have 1 to {TEXT_LIMIT} bytes and no NUL")));
    }
    if event.amount_fen.is_some_and(|fen| !(0..=1_000_000_000_000).contains(&fen)) {
        return Err(("bad_amount", "amount_fen must be between 0 and 1,000,000,000,000".to_owned()));
    }
    if event.kind.starts_with("pay.") && event.amount_fen.is_none() {
        return Err(("bad_amount", "a payment needs amount_fen".to_owned()));
    }
    let at = event.occurred_at.map_or(now, |at| at.as_millisecond());
    if at > now + AHEAD || at < 0 {
        return Err(("bad_time", "occurred_at must not be in the future or before 1970".to_owned()));
    }
    Ok(())
}

fn subject(event: &NewEvent) -> Result<Subject, String> {
    let union_id =
        event.union_id.as_deref().map(UnionId::parse).transpose().map_err(|e| format!("union_id: {e}"))?;
    let identity = match (&event.app_id, &event.open_id) {
        (Some(app), Some(open)) => Some((
            AppId::parse(app).map_err(|e| format!("app_id: {e}"))?,
            OpenId::parse(open).map_err(|e| format!("open_id: {e}"))?,
        )),
        (None, None) => None,
        _ => return Err("app_id and open_id go together".to_owned()),
    };
    if union_id.is_none() && identity.is_none() {
        return Err("name the person by union_id, or by app_id and open_id".to_owned());
    }
    Ok(Subject { person: None, union_id, identity, resolution: Resolution::Later })
}

/// A payment or order is the same for ever under its number; another touchpoint is the same under its `ref`, person
/// and time; what has neither is recognised by its place in the request.
fn dedupe(event: &NewEvent, subject: &Subject, client: &Client, key: &str, index: usize) -> DedupeKey {
    let (name, kind) = (&client.name, &event.kind);
    if let Some(id) = &event.id {
        return DedupeKey::of(0, &format!("api:{name}:{kind}:id:{id}"));
    }
    let at = event.occurred_at.map(|at| at.as_millisecond());
    match (&event.reference, at) {
        (Some(reference), _) if kind == "pay.success" => {
            DedupeKey::of(0, &format!("api:{name}:{kind}:{reference}"))
        }
        (Some(reference), Some(at)) => {
            let open = subject.identity.as_ref().map(|(app, open)| format!("{app}:{}", open.as_str()));
            let union = subject.union_id.as_ref().map(UnionId::as_str);
            let fen = event.amount_fen.unwrap_or(0);
            let text = format!("api:{name}:{kind}:{reference}:{union:?}:{open:?}:{at}:{fen}");
            DedupeKey::of(at, &text)
        }
        _ => DedupeKey::of(0, &format!("api:{name}:{key}:{index}")),
    }
}

fn verdict(reference: Option<String>, settled: Settled) -> EventResult {
    match settled {
        Settled::Done(receipt) => {
            let status = if receipt.fresh || receipt.replayed { "settled" } else { "duplicate" };
            EventResult {
                reference,
                status,
                person_id: Some(receipt.person),
                points: Some(receipt.outcome.verdicts.values().map(|v| v.points).sum()),
                verdict: Some(verdicts(&receipt)),
                error: None,
            }
        }
        Settled::Stranger => rejected(
            reference,
            EventError { code: "no_person", detail: "nobody is known under that name".into() },
        ),
    }
}

fn verdicts(receipt: &Receipt) -> BTreeMap<String, RuleVerdict> {
    let said = receipt.outcome.verdicts.iter();
    said.map(|(rule, verdict)| {
        let reason = verdict.reason.as_ref().map(ToString::to_string);
        (rule.to_string(), RuleVerdict { points: verdict.points, reason })
    })
    .collect()
}

fn rejected(reference: Option<String>, error: EventError) -> EventResult {
    EventResult {
        reference,
        status: "rejected",
        person_id: None,
        points: None,
        verdict: None,
        error: Some(error),
    }
}
