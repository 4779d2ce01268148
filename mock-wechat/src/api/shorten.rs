//! Short keys: WeChat's document "短key托管".

use serde_json::{Value, json};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_ARGS},
};
use crate::{
    platform::Platform,
    world::{Registered, short::Long},
};

/// Bytes of UTF-8.
const LONGEST: usize = 4096;
/// Thirty days, also when the call names none.
const LONGEST_LIFETIME: i64 = 2_592_000;

/// `POST /cgi-bin/shorten/gen {"long_data", "expire_seconds"?}`
pub(super) fn create(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let text = body.get("long_data").and_then(Value::as_str).unwrap_or_default();
    let lifetime = body.get("expire_seconds").map_or(Some(LONGEST_LIFETIME), Value::as_i64);
    let lifetime = lifetime.filter(|seconds| (1..=LONGEST_LIFETIME).contains(seconds)).ok_or(INVALID_ARGS)?;
    if !(1..=LONGEST).contains(&text.len()) {
        return Err(INVALID_ARGS);
    }
    let app_id = registered.account.app_id.clone();
    let long = Long { app_id, text: text.to_owned(), created: call.now, lifetime };
    let key = platform.world_mut().short_keys.add(long);
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "short_key": key}))
}

/// `POST /cgi-bin/shorten/fetch {"short_key"}`
pub(super) fn read(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let key = body.get("short_key").and_then(Value::as_str).unwrap_or_default();
    let world = platform.world();
    let long = world.short_keys.find(&registered.account.app_id, key, call.now).ok_or(INVALID_ARGS)?;
    Answer::json(&json!({
        "errcode": 0, "errmsg": "ok", "long_data": long.text, "create_time": long.created,
        "expire_seconds": long.lifetime - (call.now - long.created),
    }))
}
