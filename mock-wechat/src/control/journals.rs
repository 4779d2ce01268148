//! The journals: what was called and what was delivered, oldest first.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ControlError;
use crate::{api::CallRecord, duration, journal::Found, platform::Platform, push::Delivery};

/// Filters of `GET /_mock/calls`; all that are given must match.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallQuery {
    path: Option<String>,
    account: Option<String>,
    errcode: Option<i64>,
    unmodelled: Option<bool>,
    #[serde(flatten)]
    common: Common,
}

/// Filters of `GET /_mock/deliveries`; all that are given must match.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeliveryQuery {
    account: Option<String>,
    person: Option<String>,
    event: Option<String>,
    ok: Option<bool>,
    #[serde(flatten)]
    common: Common,
}

#[derive(Debug, Deserialize)]
struct Common {
    /// Only entries with a greater id.
    #[serde(default)]
    after: u64,
    /// Wait until something matches, at most that long: `5s`.
    wait: Option<String>,
    /// With `wait`: until that many match.
    #[serde(default = "Common::one")]
    count: usize,
}

/// `GET /_mock/calls?path=&account=&errcode=&unmodelled=&after=&wait=5s&count=1`
pub(super) async fn calls(
    State(platform): State<Arc<Platform>>,
    Query(query): Query<CallQuery>,
) -> Result<Json<Value>, ControlError> {
    let matches = |call: &CallRecord| {
        call.id > query.common.after
            && query.path.as_ref().is_none_or(|path| *path == call.path)
            && query.account.as_ref().is_none_or(|account| Some(account) == call.account.as_ref())
            && query.errcode.is_none_or(|errcode| errcode == call.errcode)
            && query.unmodelled.is_none_or(|unmodelled| unmodelled == call.unmodelled)
    };
    let Found { entries, dropped } =
        platform.calls.wait(matches, query.common.count, query.common.at_most()?).await;
    let entries: Vec<&CallRecord> = entries.iter().map(AsRef::as_ref).collect();
    Ok(Json(json!({"calls": entries, "dropped": dropped})))
}

/// `GET /_mock/deliveries?account=&person=&event=&ok=&after=&wait=5s&count=1`
pub(super) async fn deliveries(
    State(platform): State<Arc<Platform>>,
    Query(query): Query<DeliveryQuery>,
) -> Result<Json<Value>, ControlError> {
    let matches = |delivery: &Delivery| {
        delivery.id > query.common.after
            && query.account.as_ref().is_none_or(|a| *a == delivery.account || *a == delivery.app_id)
            && query.person.as_ref().is_none_or(|person| Some(person) == delivery.person.as_ref())
            && query.event.as_ref().is_none_or(|event| event.eq_ignore_ascii_case(&delivery.event))
            && query.ok.is_none_or(|ok| ok == delivery.verdict.ok)
    };
    let Found { entries, dropped } =
        platform.deliveries.wait(matches, query.common.count, query.common.at_most()?).await;
    let entries: Vec<&Delivery> = entries.iter().map(AsRef::as_ref).collect();
    Ok(Json(json!({"deliveries": entries, "dropped": dropped})))
}

impl Common {
    fn one() -> usize {
        1
    }

    fn at_most(&self) -> Result<Duration, ControlError> {
        self.wait
            .as_deref()
            .map_or(Ok(Duration::ZERO), |wait| duration::parse(wait).map_err(ControlError::bad))
    }
}
