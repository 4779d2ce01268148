//! The wire: pushes and API calls, newest first.
//!
//! | file | holds |
//! |---|---|
//! | `filter.rs` | which entries are shown |
//! | `entry.rs` | one line of the timeline |
//! | `detail.rs` | what a line opens into: request, response, verdict, and what can be done with it |
//! | `curl.rs` | an entry as a command line |
//! | `hint.rs` | why a push failed, and what to do |

mod curl;
mod detail;
mod entry;
mod filter;
mod hint;

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use maud::{Markup, html};

pub(super) use self::entry::Entry;
use self::filter::Filter;
use super::{
    browser, form,
    given::Page,
    view::{Kind, Scope, View},
};
use crate::{journal::Delivery, platform::Platform};

/// Entries shown; the control API has them all.
const SHOWN: usize = 80;

/// The filter and the timeline.
pub(super) fn timeline(page: &Page<'_>, entries: &[Entry]) -> Markup {
    let Page { view, words, .. } = page;
    let here = if page.open.is_some() { words.scope_here } else { words.scope_person };
    html! {
        div.wire-head {
            h2 { (words.wire) }
            nav.choose aria-label=(words.filter) {
                @for scope in Scope::ALL {
                    @let label = match scope { Scope::Here => here, Scope::Account => words.scope_account, Scope::Everything => words.scope_everything };
                    a id={"scope-" (scope.name())} href=(view.go(|v| v.scope = *scope)) aria-current=[(view.scope == *scope).then_some("true")] { (label) }
                }
            }
            nav.choose aria-label=(words.filter) {
                @for kind in Kind::ALL {
                    @let label = match kind { Kind::Any => words.kind_any, Kind::Push => words.kind_push, Kind::Call => words.kind_call, Kind::Bad => words.kind_bad };
                    a id={"kind-" (kind.name())} href=(view.go(|v| v.kind = *kind)) aria-current=[(view.kind == *kind).then_some("true")] { (label) }
                }
            }
            form.find method="get" action="/" role="search" {
                @for (name, value) in form::pairs(&view.go(|v| v.find.clear()).parse().unwrap_or_default()) { input type="hidden" name=(name) value=(value); }
                input #find type="search" name="find" value=(view.find) placeholder=(words.contains) aria-label=(words.contains);
            }
        }
        @if entries.is_empty() {
            p.hint.nothing { @if filtered(view) { (words.wire_no_match) } @else { (words.wire_empty) } }
        }
        div #timeline { @for entry in entries { (entry.line(page)) } }
    }
}

fn filtered(view: &View) -> bool {
    view.kind != Kind::Any || !view.find.is_empty()
}

/// What the filter lets through, newest first. The world is not held meanwhile: the journals are long.
pub(super) fn entries(platform: &Platform, view: &View) -> Vec<Entry> {
    let filter = Filter::new(platform, view);
    let mut entries: Vec<Entry> = Vec::new();
    if view.kind != Kind::Call {
        let pushes = platform.deliveries.newest(|delivery| filter.lets_push(delivery), SHOWN);
        entries.extend(pushes.into_iter().map(Entry::Push));
    }
    if view.kind != Kind::Push {
        let calls = platform.calls.newest(|call| filter.lets_call(call), SHOWN);
        entries.extend(calls.into_iter().map(Entry::Call));
    }
    entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.id()));
    entries.truncate(SHOWN);
    entries
}

/// `GET /_mock/page/wire/{push|call}/{id}`: what an entry opens into. The query is the page's own.
pub(super) async fn detail(
    State(platform): State<Arc<Platform>>,
    Path((kind, id)): Path<(String, u64)>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let language = browser::language(&headers);
    let words = language.words();
    let view = View::read(&form::pairs(&uri));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:9090");
    let found = match kind.as_str() {
        "push" => push(&platform, id).map(|delivery| detail::of_push(&delivery, words, &view)),
        "call" => {
            let call = platform.calls.newest(|call| call.id == id, 1).into_iter().next();
            call.map(|call| detail::of_call(&call, words, host))
        }
        _ => None,
    };
    match found {
        Some(markup) => ([(header::CACHE_CONTROL, "no-store")], Html(markup.into_string())).into_response(),
        None => {
            (StatusCode::NOT_FOUND, Html(html! { p.hint { (words.gone) } }.into_string())).into_response()
        }
    }
}

/// A push by its number, as long as the journal keeps it.
pub(super) fn push(platform: &Platform, id: u64) -> Option<Arc<Delivery>> {
    platform.deliveries.newest(|delivery| delivery.id == id, 1).into_iter().next()
}
