//! Faults on request.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ControlError, body};
use crate::{
    faults::{ActiveFault, Fault},
    platform::Platform,
};

/// `GET /_mock/faults`: those in place, and the seed that those by probability are drawn from.
pub(super) async fn list(State(platform): State<Arc<Platform>>) -> Json<Value> {
    Json(json!({"faults": platform.faults.list(), "seed": platform.faults.seed()}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    seed: u64,
}

/// `PUT /_mock/faults {"seed"}`: draws from that seed from now on, from its beginning.
pub(super) async fn seed(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<Value>, ControlError> {
    let Seed { seed } = body(&bytes)?;
    platform.faults.set_seed(seed);
    Ok(Json(json!({"seed": seed})))
}

/// `POST /_mock/faults {"on", "do", "value"?, "times"|"every"|"probability"?, "account"?, "event"?}`
pub(super) async fn add(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<ActiveFault>, ControlError> {
    let fault: Fault = body(&bytes)?;
    Ok(Json(platform.faults.add(fault).map_err(ControlError::bad)?))
}

/// `DELETE /_mock/faults`
pub(super) async fn clear(State(platform): State<Arc<Platform>>) -> StatusCode {
    platform.faults.clear();
    StatusCode::NO_CONTENT
}

/// `DELETE /_mock/faults/{id}`
pub(super) async fn remove(
    State(platform): State<Arc<Platform>>,
    Path(id): Path<u64>,
) -> Result<StatusCode, ControlError> {
    match platform.faults.remove(id) {
        true => Ok(StatusCode::NO_CONTENT),
        false => {
            Err(ControlError::not_found(format!("there is no fault {id}; GET /_mock/faults lists them")))
        }
    }
}
