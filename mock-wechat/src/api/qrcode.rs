//! Parametric QR codes: WeChat's document "生成带参数的二维码".

use serde::Serialize;
use serde_json::Value;

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_ARGS, INVALID_SCENE, TOO_MANY_CODES},
};
use crate::{
    platform::Platform,
    wire::picture,
    world::{Registered, scenes::Scene},
};

/// Seconds, when the call names none (newer copies of the document; older ones say 30).
const DEFAULT_LIFETIME: i64 = 60;
/// Thirty days.
const LONGEST_LIFETIME: i64 = 2_592_000;
/// What an id out of range is reported as when the code is scanned; creating it does not fail.
const OUT_OF_RANGE: u32 = u32::MAX;

/// Pixels of the picture's side.
const SIDE: u16 = 430;
/// Permanent codes of one account.
const MOST_PERMANENT: usize = 100_000;

/// `POST /cgi-bin/qrcode/create {"action_name", "expire_seconds"?, "action_info": {"scene": {"scene_id"|"scene_str"}}}`
///
/// The answer has no `errcode`: one SDK takes any `errmsg`, even "ok", for a failure.
pub(super) fn create(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let scene = body.get("action_info").and_then(|info| info.get("scene")).ok_or(INVALID_SCENE)?;
    let (scene, permanent) = match body.get("action_name").and_then(Value::as_str) {
        Some("QR_SCENE") => (id(scene, u32::MAX)?, false),
        Some("QR_STR_SCENE") => (text(scene)?, false),
        Some("QR_LIMIT_SCENE") => (id(scene, 100_000)?, true),
        Some("QR_LIMIT_STR_SCENE") => (text(scene)?, true),
        _ => return Err(INVALID_ARGS),
    };
    let seconds = body.get("expire_seconds").and_then(Value::as_i64).unwrap_or(DEFAULT_LIFETIME);
    let lifetime = (!permanent).then_some(seconds.clamp(1, LONGEST_LIFETIME));
    let mut world = platform.world_mut();
    let app_id = &registered.account.app_id;
    if permanent && world.scenes.permanent(app_id) >= MOST_PERMANENT {
        return Err(TOO_MANY_CODES);
    }
    let code = world.scenes.create(app_id, scene, lifetime, call.now);
    #[derive(Serialize)]
    struct Created {
        ticket: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        expire_seconds: Option<i64>,
        url: String,
    }
    Answer::json(&Created { ticket: code.ticket, expire_seconds: lifetime, url: code.url })
}

/// `GET /cgi-bin/showqrcode?ticket=` on the page's host, without a token: the picture, or a page with status 404.
pub(super) fn show(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let world = platform.world();
    let code = call.param("ticket").and_then(|ticket| world.scenes.by_ticket(ticket));
    let code = code.filter(|code| code.expires_at.is_none_or(|end| end > call.now));
    match code.and_then(|code| picture::jpeg(&code.url, SIDE).ok()) {
        Some(jpeg) => Ok(Answer::file("image/jpg", jpeg)),
        None => Ok(Answer::page(
            404,
            "<html><body>no QR code has this ticket: was it URL-encoded, and is it still valid?</body></html>",
        )),
    }
}

fn id(scene: &Value, largest: u32) -> Result<Scene, ApiError> {
    let id = scene.get("scene_id").and_then(Value::as_i64).ok_or(INVALID_SCENE)?;
    let in_range = u32::try_from(id).ok().filter(|id| (1..=largest).contains(id));
    Ok(Scene::Id(in_range.unwrap_or(OUT_OF_RANGE)))
}

fn text(scene: &Value) -> Result<Scene, ApiError> {
    let text = scene.get("scene_str").and_then(Value::as_str).ok_or(INVALID_SCENE)?;
    Scene::Text(text.to_owned()).checked().map_err(|_| INVALID_SCENE)
}
