//! Binding to open-platform accounts: WeChat's document "开放平台账号管理". It is what gives people their UnionIDs, and
//! whoever moves to another open-platform account sees other ones.

use serde_json::{Value, json};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_APPID, NOT_BOUND},
};
use crate::{
    ids,
    platform::Platform,
    world::{Registered, World},
};

const BOUND_ALREADY: ApiError = ApiError::code(89000);
const BOUND_ELSEWHERE: ApiError = ApiError::code(89004);

/// `POST /cgi-bin/open/create {"appid"}`: a new open-platform account, and this account bound to it.
pub(super) fn create(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    own(call, registered)?;
    let mut world = platform.world_mut();
    if registered.account.open_platform.is_some() {
        return Err(BOUND_ALREADY);
    }
    let name = format!("open-{}", registered.account.name);
    let open_app_id = ids::open_app_id(&name);
    set(&mut world, registered, Some(name))?;
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "open_appid": open_app_id}))
}

/// `POST /cgi-bin/open/bind {"appid", "open_appid"}`
pub(super) fn bind(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let open_app_id = own(call, registered)?;
    let mut world = platform.world_mut();
    if registered.account.open_platform.is_some() {
        return Err(BOUND_ALREADY);
    }
    let name = world.open_platforms().find(|name| ids::open_app_id(name) == open_app_id).map(str::to_owned);
    set(&mut world, registered, Some(name.ok_or(NOT_BOUND)?))?;
    Ok(Answer::ok())
}

/// `POST /cgi-bin/open/unbind {"appid", "open_appid"}`: no UnionIDs from now on.
pub(super) fn unbind(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let open_app_id = own(call, registered)?;
    let bound = registered.account.open_platform.as_deref().ok_or(NOT_BOUND)?;
    if ids::open_app_id(bound) != open_app_id {
        return Err(BOUND_ELSEWHERE);
    }
    set(&mut platform.world_mut(), registered, None)?;
    Ok(Answer::ok())
}

/// `POST /cgi-bin/open/get {"appid"}`
pub(super) fn read(_: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    own(call, registered)?;
    let bound = registered.account.open_platform.as_deref().ok_or(NOT_BOUND)?;
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "open_appid": ids::open_app_id(bound)}))
}

/// The body's `open_appid`; its `appid` must be the caller's, where it is given.
fn own(call: &Call, registered: &Registered) -> Result<String, ApiError> {
    let body = call.json()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    match text("appid") {
        Some(app_id) if app_id != registered.account.app_id => Err(INVALID_APPID),
        _ => Ok(text("open_appid").unwrap_or_default().to_owned()),
    }
}

fn set(world: &mut World, registered: &Registered, open_platform: Option<String>) -> Result<(), ApiError> {
    let mut account = registered.account.clone();
    account.open_platform = open_platform;
    world.put_account(account).map(|_| ()).map_err(|_| INVALID_APPID)
}
