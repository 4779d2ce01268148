//! The whole state: saved, and loaded again.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Serialize;

use super::ControlError;
use crate::platform::Platform;

/// Bytes of a state that is loaded.
pub(super) const LARGEST: usize = 512 << 20;

/// How much a loaded state holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = StateLoaded)]
pub(super) struct Loaded {
    accounts: usize,
    people: usize,
}

/// The whole state: accounts, people, chats, tokens, faults and clock as JSON, for `PUT` or `serve --state`. The journals
/// are not in it.
#[utoipa::path(get, path = "/_mock/state", responses((status = 200, body = Object)))]
pub(super) async fn save(State(platform): State<Arc<Platform>>) -> Result<Response, ControlError> {
    let state = platform.state().map_err(ControlError::bad)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], state).into_response())
}

/// Puts what `GET` gave in the place of all that there is. The journals stay. Nothing is changed when it does
/// not fit.
#[utoipa::path(put, path = "/_mock/state", request_body = Object, responses((status = 200, body = Loaded)))]
pub(super) async fn load(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<Loaded>, ControlError> {
    platform.load(&bytes).map_err(ControlError::bad)?;
    let world = platform.world();
    Ok(Json(Loaded { accounts: world.accounts().count(), people: world.people().count() }))
}
