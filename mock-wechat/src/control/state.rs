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
#[derive(Debug, Serialize)]
pub(super) struct Loaded {
    accounts: usize,
    people: usize,
}

/// `GET /_mock/state`: accounts, people, chats, tokens, faults and clock as JSON, for `PUT` or `serve --state`. The journals
/// are not in it.
pub(super) async fn save(State(platform): State<Arc<Platform>>) -> Result<Response, ControlError> {
    let state = platform.state().map_err(ControlError::bad)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], state).into_response())
}

/// `PUT /_mock/state`: what `GET` gave, in the place of all that there is. The journals stay. Nothing is changed when it does
/// not fit.
pub(super) async fn load(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<Loaded>, ControlError> {
    platform.load(&bytes).map_err(ControlError::bad)?;
    let world = platform.world();
    Ok(Json(Loaded { accounts: world.accounts().count(), people: world.people().count() }))
}
