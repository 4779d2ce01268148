//! The clock, and the mock as a whole.

use std::sync::Arc;

use axum::{Json, extract::State};
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ControlError, body};
use crate::{duration, platform::Platform};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Change {
    /// A span such as `2h`.
    Advance(String),
    /// RFC 3339.
    Set(Timestamp),
}

/// `GET /_mock/clock`
pub(super) async fn show(State(platform): State<Arc<Platform>>) -> Json<Value> {
    Json(now(&platform))
}

/// `POST /_mock/clock {"advance": "2h"} | {"set": RFC 3339}`
pub(super) async fn change(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<Value>, ControlError> {
    match body(&bytes)? {
        Change::Advance(span) => platform.clock.advance(duration::parse(&span).map_err(ControlError::bad)?),
        Change::Set(time) => platform.clock.set(time.as_millisecond()),
    }
    Ok(Json(now(&platform)))
}

/// `POST /_mock/reset`
pub(super) async fn reset(State(platform): State<Arc<Platform>>) -> Json<Value> {
    platform.reset();
    Json(json!({"reset": true}))
}

/// `GET /_mock/health`: that it runs, and what was called though it is not modelled.
pub(super) async fn health(State(platform): State<Arc<Platform>>) -> Json<Value> {
    let mut unmodelled = serde_json::Map::new();
    let calls = platform.calls.find(|call| call.unmodelled);
    for call in calls.entries {
        let name = format!("{} {}", call.method, call.path);
        let count = unmodelled.get(&name).and_then(Value::as_u64).unwrap_or(0);
        unmodelled.insert(name, (count + 1).into());
    }
    Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "unmodelled": unmodelled}))
}

fn now(platform: &Platform) -> Value {
    let now = Timestamp::from_millisecond(platform.clock.millis()).unwrap_or_default();
    json!({"now": now.to_string(), "ahead_ms": platform.clock.offset_millis()})
}
