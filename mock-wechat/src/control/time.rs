//! The clock, and the mock as a whole.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Json, extract::State};
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ControlError, body};
use crate::{duration, platform::Platform};

/// Where the clock goes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
#[schema(as = ClockChange)]
enum Change {
    /// A span such as `2h`.
    Advance(String),
    /// RFC 3339.
    Set(String),
}

/// What time it is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Clock)]
pub(super) struct Now {
    /// RFC 3339.
    now: String,
    /// Milliseconds that it is ahead of real time.
    ahead_ms: i64,
}

/// That the mock is as it was at start.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Reset {
    reset: bool,
}

/// That the mock runs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Health {
    /// `ok`
    status: &'static str,
    /// Of the program.
    version: &'static str,
    /// How often what was called though it is not modelled: `POST /cgi-bin/...`
    unmodelled: BTreeMap<String, u64>,
}

/// What time it is.
#[utoipa::path(get, path = "/_mock/clock", responses((status = 200, body = Now)))]
pub(super) async fn show(State(platform): State<Arc<Platform>>) -> Json<Now> {
    Json(now(&platform))
}

/// Moves the clock: `{"advance": "2h"}` or `{"set": "2030-01-02T03:04:05Z"}`.
#[utoipa::path(post, path = "/_mock/clock", request_body = Change, responses((status = 200, body = Now)))]
pub(super) async fn change(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<Now>, ControlError> {
    match body(&bytes)? {
        Change::Advance(span) => platform.clock.advance(duration::parse(&span).map_err(ControlError::bad)?),
        Change::Set(time) => {
            let time: Timestamp = time.parse().map_err(|error| {
                ControlError::bad(format!("{time:?} is no time such as 2030-01-02T03:04:05Z: {error}"))
            })?;
            platform.clock.set(time.as_millisecond());
        }
    }
    Ok(Json(now(&platform)))
}

/// Back to the start: the local world or the scenario, empty journals.
#[utoipa::path(post, path = "/_mock/reset", responses((status = 200, body = Reset)))]
pub(super) async fn reset(State(platform): State<Arc<Platform>>) -> Json<Reset> {
    platform.reset();
    Json(Reset { reset: true })
}

/// That it runs, and what was called though it is not modelled.
#[utoipa::path(get, path = "/_mock/health", responses((status = 200, body = Health)))]
pub(super) async fn health(State(platform): State<Arc<Platform>>) -> Json<Health> {
    let mut unmodelled = BTreeMap::new();
    for call in platform.calls.find(|call| call.unmodelled).entries {
        *unmodelled.entry(format!("{} {}", call.method, call.path)).or_default() += 1;
    }
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION"), unmodelled })
}

fn now(platform: &Platform) -> Now {
    let now = Timestamp::from_millisecond(platform.clock.millis()).unwrap_or_default();
    Now { now: now.to_string(), ahead_ms: platform.clock.offset_millis() }
}
