//! Raw events: anything, signed and pushed as it is.

use std::sync::Arc;

use axum::{Json, extract::State};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::{ControlError, body};
use crate::{platform::Platform, push::Outcome};

/// What is pushed as it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RawEvent)]
struct Raw {
    /// Name or AppID.
    account: String,
    /// Text that is sent byte for byte, or a JSON object.
    body: Value,
}

/// Signs (and in safe mode encrypts) any text and pushes it. A reply is
/// shown where `FromUserName` is a person of this account.
#[utoipa::path(post, path = "/_mock/events/raw", request_body = Raw, responses((status = 200, body = Outcome)))]
pub(super) async fn raw(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<Outcome>, ControlError> {
    let raw: Raw = body(&bytes)?;
    let plaintext = match raw.body {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let push =
        platform.raw_push(&raw.account, plaintext).ok_or_else(|| ControlError::no_account(&raw.account))?;
    let task = tokio::spawn(async move { platform.push(push).await });
    Ok(Json(task.await.map_err(|error| ControlError::bad(format!("it broke off: {error}")))?))
}
