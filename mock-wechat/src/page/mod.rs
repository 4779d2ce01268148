//! The page at `/`: left a phone, right the wire.
//!
//! Everything is rendered here, from the same state as the other ways in; the address says what is looked at, so a
//! reload, a bookmark and the back button do what they should. Forms are posted to `/_mock/page/...` and answered
//! with a redirect to the page. `assets/page.js` takes the clicks over: it fetches the same page and changes what
//! differs in place. `/_mock/page/live` only says that something changed. Without JavaScript the page works too, but
//! does not move by itself.
//!
//! | file | holds |
//! |---|---|
//! | `view.rs` | what is looked at: read from the address, written into links |
//! | `words.rs` | every word in both languages |
//! | `browser.rs` | what the browser says and keeps |
//! | `given.rs` | what every part of the page is given |
//! | `document.rs` | the whole page, around its parts |
//! | `phone/` | the left side: chats, contacts, sheets |
//! | `wire/` | the right side: pushes and calls |
//! | `controls.rs` | windows, clock, account and faults above the wire |
//! | `acts.rs` | forms of the phone: what a person does |
//! | `moves.rs` | forms of the controls and the wire |
//! | `form.rs` | a posted form, and the way back to the page |
//! | `live.rs` | server-sent events: something changed |
//! | `assets.rs` | style, script, icon |
//! | `icons.rs` | line icons |
//!
//! To add a sheet: a variant of [`view::Sheet`], a function in `phone/sheets.rs`, a link to it. To add words: a line
//! in `words.rs`.

mod acts;
mod assets;
mod browser;
mod controls;
mod document;
mod form;
mod given;
mod icons;
mod live;
mod moves;
mod phone;
mod view;
mod wire;
mod words;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::{get, post},
};

pub(crate) use self::browser::{PHONE, cookie};
use crate::platform::Platform;

/// The page and every path that only the page uses.
pub(crate) fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/", get(document::show))
        .route("/_mock/page/live", get(live::stream))
        .route("/_mock/page/assets/{file}", get(assets::show))
        .route("/_mock/page/media/{app_id}/{media_id}", get(assets::upload))
        .route("/_mock/page/act/{verb}", post(acts::perform))
        .route("/_mock/page/people", post(acts::create_person))
        .route("/_mock/page/settings", post(moves::settings))
        .route("/_mock/page/clock", post(moves::clock))
        .route("/_mock/page/faults", post(moves::add_fault))
        .route("/_mock/page/faults/remove", post(moves::remove_fault))
        .route("/_mock/page/account", post(moves::account))
        .route("/_mock/page/account/verify", post(moves::verify))
        .route("/_mock/page/component", post(moves::entrust))
        .route("/_mock/page/wire/{kind}/{id}", get(wire::detail))
        .route("/_mock/page/wire/again", post(moves::again))
        .route("/_mock/page/wire/raw", post(moves::raw))
        .layer(from_fn(only_from_here))
}

/// Tells the page that the control API was used: it may have changed what is no part of the world, such as the clock.
pub(crate) async fn touching(
    State(platform): State<Arc<Platform>>,
    request: Request,
    next: Next,
) -> Response {
    let reads = request.method() == Method::GET;
    let response = next.run(request).await;
    if !reads {
        platform.touch();
    }
    response
}

/// Another site's page, open in the same browser, must not post forms to this one.
async fn only_from_here(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if request.method() != Method::GET && site.is_some_and(|site| site != "same-origin" && site != "none") {
        let message = "forms of mock-wechat are taken from its own page only; open it and try again\n";
        return (StatusCode::FORBIDDEN, message).into_response();
    }
    next.run(request).await
}
