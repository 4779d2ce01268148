//! Temporary files: WeChat's documents "新增临时素材" and "获取临时素材".

use serde_json::json;

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_MEDIA_ID, INVALID_MEDIA_TYPE, MEDIA_DATA_MISSING, MEDIA_ID_MISSING},
};
use crate::{
    platform::Platform,
    wire::{
        file::content_type,
        multipart::{self, Part},
    },
    world::{Registered, media::Medium},
};

/// `POST /cgi-bin/media/upload?type=image|voice|video|thumb`, the file in the form field `media`.
pub(super) fn upload(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let medium = uploaded(call, registered, false)?;
    let kind = medium.kind.clone();
    let id = platform.world_mut().media.add(medium);
    let key = if kind == "thumb" { "thumb_media_id" } else { "media_id" };
    Answer::json(&json!({"type": kind, key: id, "created_at": call.now}))
}

/// `GET /cgi-bin/media/get?media_id=`: the file; of a video, where it is.
pub(super) fn read(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let media_id = call.param("media_id").ok_or(MEDIA_ID_MISSING)?;
    let world = platform.world();
    let medium = world.media.find(&registered.account.app_id, media_id, call.now).ok_or(INVALID_MEDIA_ID)?;
    if medium.kind == "video" {
        let url = format!("http://mpvideo.qpic.cn/{}.mp4", medium.media_id);
        return Answer::json(&json!({"video_url": url}));
    }
    Ok(file(medium))
}

/// `POST /cgi-bin/media/uploadimg`: a picture for articles; it has an address and no id.
pub(super) fn upload_picture(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let part = form_file(call)?;
    check("image", &part)?;
    let digest = crate::ids::opaque(
        40,
        &["picture", &registered.account.app_id, &platform.sequence.next().to_string()],
    );
    Answer::json(&json!({"url": format!("http://mmbiz.qpic.cn/mmbiz_jpg/{digest}/0")}))
}

/// The file of a form and its `type`, checked.
pub(super) fn uploaded(call: &Call, registered: &Registered, permanent: bool) -> Result<Medium, ApiError> {
    let kind = call.param("type").ok_or(INVALID_MEDIA_TYPE)?;
    if !["image", "voice", "video", "thumb"].contains(&kind) {
        return Err(INVALID_MEDIA_TYPE);
    }
    let part = form_file(call)?;
    let content_type = check(kind, &part)?;
    Ok(Medium {
        media_id: String::new(),
        app_id: registered.account.app_id.clone(),
        kind: kind.to_owned(),
        filename: part.filename.unwrap_or_else(|| "media".into()),
        content_type: content_type.to_owned(),
        bytes: part.bytes,
        created: call.now,
        permanent,
        title: String::new(),
        introduction: String::new(),
    })
}

/// A file as a download.
pub(super) fn file(medium: &Medium) -> Answer {
    let disposition = format!("attachment; filename=\"{}\"", medium.filename.replace(['"', '\r', '\n'], "_"));
    Answer::file(&medium.content_type, medium.bytes.clone())
        .with_header(axum::http::header::CONTENT_DISPOSITION, &disposition)
}

fn form_file(call: &Call) -> Result<Part, ApiError> {
    let part = multipart::parts(call.body()).into_iter().find(|p| p.name == "media" || p.filename.is_some());
    part.filter(|part| !part.bytes.is_empty()).ok_or(MEDIA_DATA_MISSING)
}

/// The content type by which the file will be served. What it is, its first bytes say, and not its name.
fn check(kind: &str, part: &Part) -> Result<&'static str, ApiError> {
    let (most, code) = match kind {
        "voice" => (2 << 20, 40010),
        "thumb" => (64 << 10, 40012),
        "video" => (10 << 20, 40011),
        _ => (10 << 20, 40009),
    };
    let content_type = content_type(&part.bytes);
    let fits = match kind {
        "image" => content_type.is_some_and(|t| t.starts_with("image/")),
        "thumb" => content_type == Some("image/jpeg"),
        "voice" => content_type.is_some_and(|t| t.starts_with("audio/")),
        _ => content_type == Some("video/mp4"),
    };
    let content_type = content_type.filter(|_| fits).ok_or(ApiError::code(40005))?;
    if part.bytes.len() > most { Err(ApiError::code(code)) } else { Ok(content_type) }
}
