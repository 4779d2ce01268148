//! Why a push failed, and what to do: for somebody who sees it for the first time.

use crate::{journal::Delivery, page::words::Words};

/// What to do about an attempt that failed, where that is plain.
pub(super) fn hint(delivery: &Delivery, words: &'static Words) -> Option<&'static str> {
    if delivery.verdict.ok {
        return None;
    }
    match delivery.status {
        // The courier's own words for a connection that did not come about.
        None if delivery.verdict.reason.starts_with("could not connect") => Some(words.hint_refused),
        None if delivery.verdict.reason.starts_with("no complete answer within") => Some(words.hint_late),
        Some(400 | 401 | 403) => Some(words.hint_status_auth),
        Some(404 | 405) => Some(words.hint_not_found),
        _ => None,
    }
}
