//! Style, script and icon, compiled in: the page asks no other host for anything.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// `GET /_mock/page/assets/{file}`
pub(super) async fn show(Path(file): Path<String>) -> Response {
    let (content_type, text) = match file.as_str() {
        "page.css" => (
            "text/css; charset=utf-8",
            concat!(
                include_str!("assets/page.css"),
                include_str!("assets/phone.css"),
                include_str!("assets/wire.css")
            ),
        ),
        "page.js" => ("text/javascript; charset=utf-8", include_str!("assets/page.js")),
        "icon.svg" => ("image/svg+xml", include_str!("assets/icon.svg")),
        _ => return (StatusCode::NOT_FOUND, "the page has no such file\n").into_response(),
    };
    // A rebuilt mock has new ones under the same names.
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-cache")], text).into_response()
}
