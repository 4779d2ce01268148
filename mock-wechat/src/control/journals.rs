//! The journals: what was called and what was delivered, oldest first.

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State, http::Uri};
use serde::{Deserialize, Serialize};

use super::{ControlError, query};
use crate::{
    duration,
    journal::{CallRecord, Delivery, Dropped},
    platform::Platform,
};

/// Filters of `GET /_mock/calls`; all that are given must match.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct CallQuery {
    path: Option<String>,
    account: Option<String>,
    errcode: Option<i64>,
    unmodelled: Option<bool>,
    /// Only entries with a greater id.
    #[serde(default)]
    after: u64,
    /// Wait until something matches, at most that long: `5s`.
    wait: Option<String>,
    /// With `wait`: until that many match.
    #[serde(default = "one")]
    count: usize,
}

/// Filters of `GET /_mock/deliveries`; all that are given must match.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct DeliveryQuery {
    account: Option<String>,
    person: Option<String>,
    event: Option<String>,
    ok: Option<bool>,
    /// Only entries with a greater id.
    #[serde(default)]
    after: u64,
    /// Wait until something matches, at most that long: `5s`.
    wait: Option<String>,
    /// With `wait`: until that many match.
    #[serde(default = "one")]
    count: usize,
}

/// API calls, oldest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Calls {
    calls: Vec<Arc<CallRecord>>,
    #[serde(flatten)]
    dropped: Dropped,
}

/// Attempts to deliver pushes, oldest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Deliveries {
    deliveries: Vec<Arc<Delivery>>,
    #[serde(flatten)]
    dropped: Dropped,
}

/// The journal of API calls, oldest first; with `wait` it waits until something matches.
#[utoipa::path(get, path = "/_mock/calls", params(CallQuery), responses((status = 200, body = Calls)))]
pub(super) async fn calls(
    State(platform): State<Arc<Platform>>,
    uri: Uri,
) -> Result<Json<Calls>, ControlError> {
    let query: CallQuery = query(&uri)?;
    let matches = |call: &CallRecord| {
        call.id > query.after
            && query.path.as_ref().is_none_or(|path| *path == call.path)
            && query.account.as_ref().is_none_or(|account| Some(account) == call.account.as_ref())
            && query.errcode.is_none_or(|errcode| errcode == call.errcode)
            && query.unmodelled.is_none_or(|unmodelled| unmodelled == call.unmodelled)
    };
    let found = platform.calls.wait(matches, query.count, at_most(query.wait.as_deref())?).await;
    Ok(Json(Calls { calls: found.entries, dropped: found.dropped }))
}

/// The journal of attempts to deliver pushes, oldest first; with `wait` it waits until something matches.
#[utoipa::path(get, path = "/_mock/deliveries", params(DeliveryQuery), responses((status = 200, body = Deliveries)))]
pub(super) async fn deliveries(
    State(platform): State<Arc<Platform>>,
    uri: Uri,
) -> Result<Json<Deliveries>, ControlError> {
    let query: DeliveryQuery = query(&uri)?;
    let matches = |delivery: &Delivery| {
        delivery.id > query.after
            && query.account.as_ref().is_none_or(|a| *a == delivery.account || *a == delivery.app_id)
            && query.person.as_ref().is_none_or(|person| Some(person) == delivery.person.as_ref())
            && query.event.as_ref().is_none_or(|event| event.eq_ignore_ascii_case(&delivery.event))
            && query.ok.is_none_or(|ok| ok == delivery.verdict.ok)
    };
    let found = platform.deliveries.wait(matches, query.count, at_most(query.wait.as_deref())?).await;
    Ok(Json(Deliveries { deliveries: found.entries, dropped: found.dropped }))
}

fn one() -> usize {
    1
}

fn at_most(wait: Option<&str>) -> Result<Duration, ControlError> {
    wait.map_or(Ok(Duration::ZERO), |wait| duration::parse(wait).map_err(ControlError::bad))
}
