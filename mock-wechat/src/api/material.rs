//! Permanent files: WeChat's document "永久素材".

use serde_json::{Value, json};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_MEDIA_ID, INVALID_MEDIA_TYPE},
    media::{file, uploaded},
};
use crate::{
    platform::Platform,
    wire::multipart,
    world::{Registered, media::Medium},
};

/// `POST /cgi-bin/material/add_material?type=`: as a temporary file; a video has a `description` too.
pub(super) fn add(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let mut medium = uploaded(call, registered, true)?;
    let parts = multipart::parts(call.body());
    let description = parts.iter().find(|part| part.name == "description");
    if let Some(about) = description.and_then(|part| serde_json::from_slice::<Value>(&part.bytes).ok()) {
        let text = |key: &str| about.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        (medium.title, medium.introduction) = (text("title"), text("introduction"));
    }
    let picture = medium.kind == "image" || medium.kind == "thumb";
    let id = platform.world_mut().media.add(medium);
    let mut answer = json!({"media_id": id});
    if picture {
        answer["url"] = url(&id).into();
    }
    Answer::json(&answer)
}

/// `POST /cgi-bin/material/get_material {"media_id"}`
pub(super) fn read(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let media_id = body.get("media_id").and_then(Value::as_str).unwrap_or_default();
    let world = platform.world();
    let medium = world.media.find(&registered.account.app_id, media_id, call.now);
    let medium = medium.filter(|medium| medium.permanent).ok_or(INVALID_MEDIA_ID)?;
    if medium.kind == "video" {
        let down = format!("http://mpvideo.qpic.cn/{media_id}.mp4");
        return Answer::json(&json!({
            "title": medium.title, "description": medium.introduction, "down_url": down,
        }));
    }
    Ok(file(medium))
}

/// `POST /cgi-bin/material/del_material {"media_id"}`
pub(super) fn delete(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let media_id = body.get("media_id").and_then(Value::as_str).unwrap_or_default();
    let removed = platform.world_mut().media.remove(&registered.account.app_id, media_id);
    if removed { Ok(Answer::ok()) } else { Err(INVALID_MEDIA_ID) }
}

/// `GET /cgi-bin/material/get_materialcount`
pub(super) fn count(platform: &Platform, _: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let world = platform.world();
    let count =
        |kind: &str| world.media.permanent(&registered.account.app_id).filter(|m| m.kind == kind).count();
    Answer::json(&json!({
        "voice_count": count("voice"), "video_count": count("video"), "image_count": count("image"),
        "news_count": 0,
    }))
}

/// `POST /cgi-bin/material/batchget_material {"type", "offset", "count"}`: newest first.
pub(super) fn list(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    if !["image", "voice", "video", "news"].contains(&kind) {
        return Err(INVALID_MEDIA_TYPE);
    }
    let number = |key: &str| body.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let (offset, count) = (number("offset").unwrap_or(0), number("count").unwrap_or(20).clamp(1, 20));
    let world = platform.world();
    let all: Vec<&Medium> =
        world.media.permanent(&registered.account.app_id).filter(|m| m.kind == kind).collect();
    let items: Vec<Value> = all
        .iter()
        .skip(offset)
        .take(count)
        .map(|m| json!({"media_id": m.media_id, "name": m.filename, "update_time": m.created, "url": url(&m.media_id)}))
        .collect();
    Answer::json(&json!({"total_count": all.len(), "item_count": items.len(), "item": items}))
}

fn url(media_id: &str) -> String {
    format!("http://mmbiz.qpic.cn/mmbiz_jpg/{media_id}/0?wx_fmt=jpeg")
}
