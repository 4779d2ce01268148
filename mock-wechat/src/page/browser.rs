//! What the browser says and keeps: the language, whose phone it showed last.

use axum::http::{HeaderMap, header};

use super::words::Language;

/// The cookie that says whose phone the browser showed last.
pub(crate) const PHONE: &str = "phone";

/// The language that was chosen, or the browser's.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::of(cookie(headers, "lang"), accepted.unwrap_or_default())
}

/// A value that the page put into the browser.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, v)| v)
}
