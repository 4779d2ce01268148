//! Style, script and icon, compiled in: the page asks no other host for anything. And pictures that accounts uploaded.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::platform::Platform;

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

/// `GET /_mock/page/media/{app_id}/{media_id}`: an uploaded picture, for the phone that it was sent to.
///
/// Uploads that are no pictures are not given out: a browser would run what is in a page.
pub(super) async fn upload(
    State(platform): State<Arc<Platform>>,
    Path((app_id, media_id)): Path<(String, String)>,
) -> Response {
    let world = platform.world();
    let medium = world.media.find(&app_id, &media_id, platform.clock.seconds());
    let kinds = ["image/jpeg", "image/jpg", "image/png", "image/gif", "image/bmp", "image/webp"];
    let picture = medium.and_then(|medium| {
        let kind = kinds.iter().find(|kind| **kind == medium.content_type)?;
        Some((*kind, medium.bytes.clone()))
    });
    match picture {
        Some((kind, bytes)) => {
            let headers = [(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
            (headers, bytes).into_response()
        }
        None => (StatusCode::NOT_FOUND, "there is no such picture\n").into_response(),
    }
}
