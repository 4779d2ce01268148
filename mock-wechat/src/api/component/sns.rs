//! Logins of accounts' users in a third-party platform's name: WeChat's documents "代公众号发起网页授权" and "小程序登录". In
//! the place of the account's secret stands the platform's token.

use std::sync::Arc;

use super::authorizer::authorized;
use crate::{
    api::{
        call::{Answer, Call},
        error::{
            APPID_MISSING, ApiError, CODE_MISSING, COMPONENT_APPID_MISSING, INVALID_APPID, INVALID_COMPONENT,
            INVALID_GRANT_TYPE, NOT_ALLOWED_TO_COMPONENT,
        },
        oauth, serve, sns,
    },
    platform::Platform,
    world::{Registered, World, account::Kind, components::function_of},
};

/// `GET /sns/oauth2/component/access_token?appid=&code=&grant_type=authorization_code&component_appid=&component_access_token=`
pub(in crate::api) fn access_token(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let mut world = platform.world_mut();
    let registered = caller(&world, call, "/sns/oauth2/component/access_token", Kind::OfficialAccount)?;
    granting(call, "authorization_code")?;
    let code = call.param("code").ok_or(CODE_MISSING)?;
    oauth::exchange(&mut world, &registered, registered.account.app_id.clone(), code, call.now)
}

/// `GET /sns/oauth2/component/refresh_token?appid=&grant_type=refresh_token&refresh_token=&component_appid=&component_access_token=`
pub(in crate::api) fn refresh_token(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    caller(&platform.world(), call, "/sns/oauth2/component/refresh_token", Kind::OfficialAccount)?;
    oauth::refresh_token(platform, call)
}

/// `GET /sns/component/jscode2session?appid=&js_code=&grant_type=authorization_code&component_appid=&component_access_token=`
pub(in crate::api) fn jscode2session(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let mut world = platform.world_mut();
    let registered = caller(&world, call, "/sns/component/jscode2session", Kind::MiniProgram)?;
    granting(call, "authorization_code")?;
    sns::session(platform, &mut world, &registered, call)
}

/// The account that the platform may call this for.
fn caller(world: &World, call: &Call, path: &str, kind: Kind) -> Result<Arc<Registered>, ApiError> {
    let component = serve::component_of(world, call)?;
    if call.param("component_appid").ok_or(COMPONENT_APPID_MISSING)? != component.account.app_id {
        return Err(INVALID_COMPONENT);
    }
    let app_id = call.param("appid").ok_or(APPID_MISSING)?;
    let (account, authorization) = authorized(world, &component, app_id)?;
    if account.kind != kind {
        return Err(INVALID_APPID);
    }
    match function_of(path, kind) {
        Some(id) if !authorization.functions.contains(&id) => Err(NOT_ALLOWED_TO_COMPONENT),
        _ => world.account(app_id).cloned().ok_or(INVALID_APPID),
    }
}

fn granting(call: &Call, what: &str) -> Result<(), ApiError> {
    if call.param("grant_type") == Some(what) { Ok(()) } else { Err(INVALID_GRANT_TYPE) }
}
