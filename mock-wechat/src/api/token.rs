//! Access tokens: WeChat's documents "获取接口调用凭据" and "获取稳定版接口调用凭据".

use serde_json::Value;

use super::{
    call::{Answer, Call},
    charge::charge,
    error::{
        APPID_MISSING, ApiError, DAILY_QUOTA, INVALID_APPID, INVALID_GRANT_TYPE, INVALID_SECRET,
        NEEDS_COMPONENT_API, SECRET_FROZEN, SECRET_MISSING,
    },
};
use crate::{
    platform::Platform,
    world::{Registered, account::Kind},
};

/// `GET /cgi-bin/token?grant_type=client_credential&appid=&secret=`: a new token every time.
pub(super) fn token(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let mut world = platform.world_mut();
    let registered = world.account(call.param("appid").ok_or(APPID_MISSING)?).cloned();
    let app_id = authenticate(registered.as_deref(), call.param("appid"), call.param("secret"))?;
    if call.param("grant_type") != Some("client_credential") {
        return Err(INVALID_GRANT_TYPE);
    }
    if let Some(registered) = registered {
        may_fetch(&registered, call)?;
        charge(platform, &registered.account, "/cgi-bin/token", call.now)?;
    }
    Answer::json(&world.tokens.mint(&app_id, call.now))
}

/// `POST /cgi-bin/stable_token`: the same token until shortly before its end.
pub(super) fn stable_token(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut world = platform.world_mut();
    let registered = world.account(text("appid").ok_or(APPID_MISSING)?).cloned();
    let app_id = authenticate(registered.as_deref(), text("appid"), text("secret"))?;
    if text("grant_type") != Some("client_credential") {
        return Err(INVALID_GRANT_TYPE);
    }
    if let Some(registered) = registered {
        may_fetch(&registered, call)?;
        charge(platform, &registered.account, "/cgi-bin/stable_token", call.now)?;
    }
    let force = body.get("force_refresh").and_then(Value::as_bool).unwrap_or(false);
    Answer::json(&world.tokens.stable(&app_id, force, call.now).map_err(|_| DAILY_QUOTA)?)
}

/// Whose credentials are good may still be at the wrong address, or have a frozen secret.
fn may_fetch(registered: &Registered, call: &Call) -> Result<(), ApiError> {
    let account = &registered.account;
    if !account.lists(call.peer) {
        return Err(ApiError::not_in_whitelist(call.peer));
    }
    if account.secret_frozen { Err(SECRET_FROZEN) } else { Ok(()) }
}

/// The AppID is checked before the secret, and both before everything else, as live answers show.
pub(super) fn authenticate(
    registered: Option<&Registered>,
    app_id: Option<&str>,
    secret: Option<&str>,
) -> Result<String, ApiError> {
    let app_id = app_id.ok_or(APPID_MISSING)?;
    // A name finds an account too, but it is no AppID.
    let account = &registered.filter(|r| r.account.app_id == app_id).ok_or(INVALID_APPID)?.account;
    if account.kind == Kind::Component {
        return Err(NEEDS_COMPONENT_API);
    }
    if secret.ok_or(SECRET_MISSING)? != account.secret {
        return Err(INVALID_SECRET);
    }
    Ok(account.app_id.clone())
}
