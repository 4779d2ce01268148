//! What a third-party platform asks about the accounts that authorised it, and their tokens.

use serde_json::{Map, Value, json};

use super::{must_be, text};
use crate::{
    api::{
        call::{Answer, Call},
        error::{
            APPID_MISSING, AUTH_CODE_EXPIRED, ApiError, CODE_MISSING, INVALID_APPID, INVALID_ARGS,
            INVALID_AUTH_CODE, INVALID_REFRESH_TOKEN, NOT_AUTHORIZED_BY_ACCOUNT, REFRESH_TOKEN_MISSING,
        },
        quota::cleared,
    },
    platform::Platform,
    world::{
        Registered, World,
        account::{Account, Kind},
        components::{Authorization, Stale},
        standing::ServiceType,
    },
};

/// Most entries of a list at once.
const PAGE: usize = 500;

/// `POST /cgi-bin/component/api_query_auth {"component_appid", "authorization_code"}`: trades the code that came with the
/// authorisation for the account's tokens.
pub(in crate::api) fn query_auth(
    platform: &Platform,
    call: &Call,
    component: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    must_be(component, text(&body, "component_appid"))?;
    let code = text(&body, "authorization_code").ok_or(CODE_MISSING)?;
    let mut world = platform.world_mut();
    let own = &component.account.app_id;
    let authorizer = world.components.redeem(own, code, call.now).map_err(|stale| match stale {
        Stale::Unknown => INVALID_AUTH_CODE,
        Stale::Expired => AUTH_CODE_EXPIRED,
    })?;
    let mut info = {
        let authorization =
            world.components.authorization(own, &authorizer).ok_or(NOT_AUTHORIZED_BY_ACCOUNT)?;
        authorization_info(&authorizer, authorization)
    };
    let issued = world.tokens.authorize(&authorizer, own, call.now);
    info["authorizer_access_token"] = issued.access_token.into();
    info["expires_in"] = issued.expires_in.into();
    Answer::json(&json!({"authorization_info": info}))
}

/// `POST /cgi-bin/component/api_authorizer_token {"component_appid", "authorizer_appid", "authorizer_refresh_token"}`
pub(in crate::api) fn refresh(
    platform: &Platform,
    call: &Call,
    component: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let mut world = platform.world_mut();
    let (authorizer, authorization) = authorizer(&world, component, &body)?;
    let given = text(&body, "authorizer_refresh_token").ok_or(REFRESH_TOKEN_MISSING)?;
    if given != authorization.refresh_token {
        return Err(INVALID_REFRESH_TOKEN);
    }
    let app_id = authorizer.app_id.clone();
    let issued = world.tokens.authorize(&app_id, &component.account.app_id, call.now);
    Answer::json(&json!({
        "authorizer_access_token": issued.access_token, "expires_in": issued.expires_in,
        "authorizer_refresh_token": given,
    }))
}

/// `POST /cgi-bin/component/api_get_authorizer_info {"component_appid", "authorizer_appid"}`
pub(in crate::api) fn info(
    platform: &Platform,
    call: &Call,
    component: &Registered,
) -> Result<Answer, ApiError> {
    let world = platform.world();
    let (account, authorization) = authorizer(&world, component, &call.json()?)?;
    Answer::json(&json!({
        "authorizer_info": authorizer_info(account),
        "authorization_info": authorization_info(&account.app_id, authorization),
    }))
}

/// `POST /cgi-bin/component/api_get_authorizer_list {"component_appid", "offset", "count"}`: at most 500, oldest first.
pub(in crate::api) fn list(
    platform: &Platform,
    call: &Call,
    component: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    must_be(component, text(&body, "component_appid"))?;
    let number = |key: &str| body.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let (offset, count) = (number("offset").unwrap_or(0), number("count").ok_or(INVALID_ARGS)?);
    if count > PAGE {
        return Err(INVALID_ARGS);
    }
    let world = platform.world();
    let mut all: Vec<(&str, &Authorization)> =
        world.components.authorizations(&component.account.app_id).collect();
    all.sort_by_key(|(_, authorization)| authorization.since);
    let page = all.iter().skip(offset).take(count).map(|(app_id, authorization)| {
        json!({
            "authorizer_appid": app_id, "refresh_token": authorization.refresh_token,
            "auth_time": authorization.since,
        })
    });
    Answer::json(&json!({"total_count": all.len(), "list": page.collect::<Vec<Value>>()}))
}

/// `POST /cgi-bin/component/clear_quota {"component_appid"}`
pub(in crate::api) fn clear_quota(
    platform: &Platform,
    call: &Call,
    component: &Registered,
) -> Result<Answer, ApiError> {
    must_be(component, text(&call.json()?, "component_appid"))?;
    cleared(platform, &component.account.app_id, None, call.now)
}

/// The account that the body names, and what it allows.
pub(super) fn authorizer<'a>(
    world: &'a World,
    component: &Registered,
    body: &Map<String, Value>,
) -> Result<(&'a Account, &'a Authorization), ApiError> {
    must_be(component, text(body, "component_appid"))?;
    let app_id = text(body, "authorizer_appid").ok_or(APPID_MISSING)?;
    authorized(world, component, app_id)
}

/// An account by its AppID, and what it allows.
pub(super) fn authorized<'a>(
    world: &'a World,
    component: &Registered,
    app_id: &str,
) -> Result<(&'a Account, &'a Authorization), ApiError> {
    let account = world.account(app_id).filter(|one| one.account.app_id == app_id).ok_or(INVALID_APPID)?;
    let authorization = world.components.authorization(&component.account.app_id, app_id);
    Ok((&account.account, authorization.ok_or(NOT_AUTHORIZED_BY_ACCOUNT)?))
}

fn authorization_info(app_id: &str, authorization: &Authorization) -> Value {
    let functions: Vec<Value> =
        authorization.functions.iter().map(|id| json!({"funcscope_category": {"id": id}})).collect();
    json!({
        "authorizer_appid": app_id, "authorizer_refresh_token": authorization.refresh_token,
        "func_info": functions,
    })
}

fn authorizer_info(account: &Account) -> Value {
    let is_service = account.kind == Kind::OfficialAccount && account.service_type == ServiceType::Service;
    let mut info = json!({
        "nick_name": account.name,
        "head_img": format!("https://wx.qlogo.cn/mmopen/{}/0", account.app_id),
        "service_type_info": {"id": if is_service { 2 } else { 0 }},
        "verify_type_info": {"id": if account.verified { 0 } else { -1 }},
        "user_name": account.original_id, "principal_name": account.name, "alias": "",
        "business_info": {"open_store": 0, "open_scan": 0, "open_pay": 0, "open_card": 0, "open_shake": 0},
        "qrcode_url": format!("https://mmbiz.qpic.cn/mmbiz_jpg/{}/0", account.app_id),
        "signature": "",
    });
    if account.kind == Kind::MiniProgram {
        info["MiniProgramInfo"] = json!({
            "network": {"RequestDomain": [], "WsRequestDomain": [], "UploadDomain": [], "DownloadDomain": []},
            "categories": [], "visit_status": 0,
        });
    }
    info
}
