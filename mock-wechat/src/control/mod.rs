//! The control API under `/_mock`: how a test, a script or the phone moves the world.
//!
//! | file | paths |
//! |---|---|
//! | `people.rs` | `/_mock/people`, `/_mock/people/{name}`, `/{verb}`, `/chat` |
//! | `accounts.rs` | `/_mock/accounts`, `/_mock/accounts/{account}`, `/tokens`, `/menu`, `/verify` |
//! | `components.rs` | `/_mock/components/{component}`, `/ticket`, `/authorize`, `/unauthorize` |
//! | `events.rs` | `/_mock/events`, `/_mock/events/{event}`, `/_mock/events/raw` |
//! | `journals.rs` | `/_mock/calls`, `/_mock/deliveries` |
//! | `faults.rs` | `/_mock/faults` |
//! | `pay.rs` | `/_mock/pay/pending`; `/_mock/pay` is in `accounts.rs` |
//! | `state.rs` | `/_mock/state` |
//! | `openapi.rs` | `/_mock/openapi.json` |
//! | `time.rs` | `/_mock/clock`, `/_mock/reset`, `/_mock/health` |
//!
//! Bodies are JSON whatever their content type says. Errors are `{"error": "what is wrong and what to do"}` with a
//! 4xx status. To add a path: a handler in its file with its `utoipa::path`, a line in [`table`] and one in
//! `openapi.rs`.

mod accounts;
mod components;
mod events;
mod faults;
mod journals;
mod openapi;
mod pay;
mod people;
mod state;
mod time;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Query, Request},
    http::{Method, StatusCode, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::{MethodRouter, any, delete, get, post, put},
};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{acts::ActError, fitting::fitted_text, platform::Platform};

/// Bytes of a body: a file of 10 MB in base64, and some.
const LARGEST_BODY: usize = 32 << 20;

/// Every path of the control API and its handlers.
fn table() -> Vec<(&'static str, MethodRouter<Arc<Platform>>)> {
    vec![
        ("/_mock/people", get(people::list).post(people::create_many)),
        ("/_mock/people/{name}", get(people::show).post(people::create)),
        ("/_mock/people/{name}/chat", get(people::chat)),
        ("/_mock/people/{name}/{verb}", post(people::perform)),
        ("/_mock/accounts", get(accounts::list)),
        ("/_mock/accounts/{account}", get(accounts::show).put(accounts::put).delete(accounts::remove)),
        ("/_mock/accounts/{account}/tokens", post(accounts::kill_tokens)),
        ("/_mock/accounts/{account}/menu", put(accounts::put_menu)),
        ("/_mock/accounts/{account}/verify", post(accounts::verify)),
        ("/_mock/components/{component}", get(components::show)),
        ("/_mock/components/{component}/ticket", post(components::ticket)),
        ("/_mock/components/{component}/authorize", post(components::authorize)),
        ("/_mock/components/{component}/unauthorize", post(components::unauthorize)),
        ("/_mock/pay", get(accounts::pay)),
        ("/_mock/pay/pending", get(pay::pending)),
        ("/_mock/events", get(events::list)),
        ("/_mock/events/{event}", post(events::push)),
        ("/_mock/events/raw", post(events::raw)),
        ("/_mock/calls", get(journals::calls)),
        ("/_mock/deliveries", get(journals::deliveries)),
        ("/_mock/faults", get(faults::list).post(faults::add).put(faults::seed).delete(faults::clear)),
        ("/_mock/faults/{id}", delete(faults::remove)),
        ("/_mock/state", get(state::save).put(state::load).layer(DefaultBodyLimit::max(state::LARGEST))),
        ("/_mock/clock", get(time::show).post(time::change)),
        ("/_mock/reset", post(time::reset)),
        ("/_mock/health", get(time::health)),
        ("/_mock/openapi.json", get(openapi::document)),
    ]
}

/// The control API; what is not in it is told so.
pub(crate) fn routes() -> Router<Arc<Platform>> {
    let known =
        table().into_iter().fold(Router::new(), |router, (path, handlers)| router.route(path, handlers));
    known
        .method_not_allowed_fallback(other_method)
        .route("/_mock/{*rest}", any(unknown))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

/// A page of another site, open in a browser of this machine, comes from the loopback too.
pub(crate) async fn not_for_other_sites(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site");
    if request.method() != Method::GET && site.is_some_and(|site| site == "cross-site") {
        let message = "the control API takes nothing from the pages of other sites".to_owned();
        return ControlError(StatusCode::FORBIDDEN, message).into_response();
    }
    next.run(request).await
}

async fn unknown(request: Request) -> ControlError {
    ControlError(StatusCode::NOT_FOUND, lacks(&request))
}

/// The path is known; the answer's `Allow` says with which methods.
async fn other_method(request: Request) -> ControlError {
    ControlError(StatusCode::METHOD_NOT_ALLOWED, lacks(&request))
}

fn lacks(request: &Request) -> String {
    let (method, path) = (request.method(), request.uri().path());
    format!("the control API has no {method} {path}; GET /_mock/openapi.json lists what it has")
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
    fitted_text(bytes).map_err(|error| ControlError::bad(format!("the body does not fit: {error}")))
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
