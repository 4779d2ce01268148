//! The control API under `/_mock`: how a test, a script or the phone moves the world.
//!
//! | file | paths |
//! |---|---|
//! | `people.rs` | `/_mock/people`, `/_mock/people/{name}`, `/{verb}`, `/chat` |
//! | `accounts.rs` | `/_mock/accounts`, `/_mock/accounts/{account}`, `/tokens`, `/menu`, `/verify` |
//! | `components.rs` | `/_mock/components/{component}`, `/ticket`, `/authorize`, `/unauthorize` |
//! | `events.rs` | `/_mock/events/raw` |
//! | `journals.rs` | `/_mock/calls`, `/_mock/deliveries` |
//! | `faults.rs` | `/_mock/faults` |
//! | `state.rs` | `/_mock/state` |
//! | `time.rs` | `/_mock/clock`, `/_mock/reset`, `/_mock/health` |
//!
//! Bodies are JSON whatever their content type says. Errors are `{"error": "what is wrong and what to do"}` with a
//! 4xx status. To add a path: a handler in its file and a line in [`routes`].

mod accounts;
mod components;
mod events;
mod faults;
mod journals;
mod people;
mod state;
mod time;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Query},
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{acts::ActError, platform::Platform};

/// Bytes of a body: a file of 10 MB in base64, and some.
const LARGEST_BODY: usize = 32 << 20;

/// Every path of the control API.
pub(crate) fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/_mock/people", get(people::list).post(people::create_many))
        .route("/_mock/people/{name}", get(people::show).post(people::create))
        .route("/_mock/people/{name}/chat", get(people::chat))
        .route("/_mock/people/{name}/{verb}", post(people::perform))
        .route("/_mock/accounts", get(accounts::list))
        .route("/_mock/accounts/{account}", get(accounts::show).put(accounts::put).delete(accounts::remove))
        .route("/_mock/accounts/{account}/tokens", post(accounts::kill_tokens))
        .route("/_mock/accounts/{account}/menu", axum::routing::put(accounts::put_menu))
        .route("/_mock/accounts/{account}/verify", post(accounts::verify))
        .route("/_mock/components/{component}", get(components::show))
        .route("/_mock/components/{component}/ticket", post(components::ticket))
        .route("/_mock/components/{component}/authorize", post(components::authorize))
        .route("/_mock/components/{component}/unauthorize", post(components::unauthorize))
        .route("/_mock/pay", get(accounts::pay))
        .route("/_mock/events/raw", post(events::raw))
        .route("/_mock/calls", get(journals::calls))
        .route("/_mock/deliveries", get(journals::deliveries))
        .route("/_mock/faults", get(faults::list).post(faults::add).put(faults::seed).delete(faults::clear))
        .route("/_mock/faults/{id}", delete(faults::remove))
        .route("/_mock/state", get(state::save).put(state::load).layer(DefaultBodyLimit::max(state::LARGEST)))
        .route("/_mock/clock", get(time::show).post(time::change))
        .route("/_mock/reset", post(time::reset))
        .route("/_mock/health", get(time::health))
        .route("/_mock/{*rest}", axum::routing::any(unknown))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

async fn unknown(request: axum::extract::Request) -> ControlError {
    ControlError::not_found(format!(
        "the control API has no {} {}; the crate page of mock-wechat lists what it has",
        request.method(),
        request.uri().path()
    ))
}

/// An error of the control API.
#[derive(Debug)]
pub(crate) struct ControlError(StatusCode, String);

impl ControlError {
    fn bad(message: impl ToString) -> Self {
        Self(StatusCode::BAD_REQUEST, message.to_string())
    }

    fn not_found(message: impl ToString) -> Self {
        Self(StatusCode::NOT_FOUND, message.to_string())
    }

    fn no_account(name: &str) -> Self {
        Self::from(ActError::NoAccount(name.to_owned()))
    }
}

impl From<ActError> for ControlError {
    fn from(error: ActError) -> Self {
        let status = match error {
            ActError::NoAccount(_) => StatusCode::NOT_FOUND,
            ActError::Impossible(_) => StatusCode::CONFLICT,
        };
        Self(status, error.to_string())
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

/// A JSON body; an empty one is an empty object.
fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, ControlError> {
    let bytes: &[u8] = if bytes.iter().all(u8::is_ascii_whitespace) { b"{}" } else { bytes };
    serde_json::from_slice(bytes)
        .map_err(|error| ControlError::bad(format!("the body does not fit: {error}")))
}

/// The query string, with errors in the control API's form.
fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, ControlError> {
    let query = Query::<T>::try_from_uri(uri);
    query
        .map(|query| query.0)
        .map_err(|error| ControlError::bad(format!("the query does not fit: {}", error.body_text())))
}

/// A JSON object.
fn object(bytes: &Bytes) -> Result<serde_json::Map<String, Value>, ControlError> {
    body(bytes)
}
