//! Faults on request.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{ControlError, body};
use crate::{
    faults::{ActiveFault, Fault},
    platform::Platform,
};

/// Faults in place.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct FaultsInPlace {
    faults: Vec<ActiveFault>,
    /// What those by probability are drawn from.
    seed: u64,
}

/// Faults in place, and the seed that those by probability are drawn from.
#[utoipa::path(get, path = "/_mock/faults", responses((status = 200, body = FaultsInPlace)))]
pub(super) async fn list(State(platform): State<Arc<Platform>>) -> Json<FaultsInPlace> {
    Json(FaultsInPlace { faults: platform.faults.list(), seed: platform.faults.seed() })
}

/// What faults by probability are drawn from.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Seed {
    seed: u64,
}

/// Draws faults by probability from a seed from now on, from its beginning.
#[utoipa::path(put, path = "/_mock/faults", request_body = Seed, responses((status = 200, body = Seed)))]
pub(super) async fn seed(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<Seed>, ControlError> {
    let seed: Seed = body(&bytes)?;
    platform.faults.set_seed(seed.seed);
    Ok(Json(seed))
}

/// Puts a fault in place.
#[utoipa::path(post, path = "/_mock/faults", request_body = Fault, responses((status = 200, body = ActiveFault)))]
pub(super) async fn add(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<ActiveFault>, ControlError> {
    let fault: Fault = body(&bytes)?;
    Ok(Json(platform.faults.add(fault).map_err(ControlError::bad)?))
}

/// Ends all faults.
#[utoipa::path(delete, path = "/_mock/faults", responses((status = 204)))]
pub(super) async fn clear(State(platform): State<Arc<Platform>>) -> StatusCode {
    platform.faults.clear();
    StatusCode::NO_CONTENT
}

/// Ends one fault.
#[utoipa::path(delete, path = "/_mock/faults/{id}", params(("id" = u64, Path)), responses((status = 204)))]
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
