//! Web OAuth: WeChat's document "网页授权". The tokens are another world than the accounts' access tokens, and answers
//! are `text/plain`.

use serde::Serialize;
use serde_json::json;

use super::{
    call::{Answer, Call},
    charge::charge,
    error::{
        APPID_MISSING, ApiError, CODE_MISSING, INVALID_APPID, INVALID_CODE, INVALID_CREDENTIAL,
        INVALID_GRANT_TYPE, INVALID_OPENID, OPENID_MISSING, TOKEN_EXPIRED, TOKEN_MISSING, UNAUTHORIZED,
    },
    sns::code_error,
    token::authenticate,
};
use crate::{
    platform::Platform,
    world::{
        Registered, World,
        codes::Purpose,
        web::{Grant, LIFETIME, Pair, Stale},
    },
};

/// What both ways to a token answer; absent keys are absent.
#[derive(Serialize)]
struct Granted {
    access_token: String,
    expires_in: i64,
    refresh_token: String,
    openid: String,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unionid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_snapshotuser: Option<u8>,
}

/// `GET /sns/oauth2/access_token?appid=&secret=&code=&grant_type=authorization_code`
///
/// `unionid` only with `snsapi_userinfo` and a bound account; `is_snapshotuser` only when it is one.
pub(super) fn access_token(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let mut world = platform.world_mut();
    let registered =
        world.account(call.param("appid").ok_or(APPID_MISSING)?).cloned().ok_or(INVALID_APPID)?;
    let app_id = authenticate(Some(&registered), call.param("appid"), call.param("secret"))?;
    if call.param("grant_type") != Some("authorization_code") {
        return Err(INVALID_GRANT_TYPE);
    }
    charge(platform, &registered.account, "/sns/oauth2/access_token", call.now)?;
    let code = call.param("code").ok_or(CODE_MISSING)?;
    exchange(&mut world, &registered, app_id, code, call.now)
}

/// The tokens for a code. Also for the third-party platform's way.
pub(super) fn exchange(
    world: &mut World,
    registered: &Registered,
    app_id: String,
    code: &str,
    now: i64,
) -> Result<Answer, ApiError> {
    let (person, purpose) = world.codes.redeem_web(&app_id, code, now).map_err(code_error)?;
    let Purpose::Web { user_info, snapshot } = purpose else { return Err(INVALID_CODE) };
    let grant = Grant { app_id, person, user_info, snapshot };
    let pair = world.web.issue(&grant, now);
    let unionid = if user_info { registered.union_id(grant.seen_as()) } else { None };
    Answer::json(&Granted::of(registered, &grant, pair, unionid))
}

/// `GET /sns/oauth2/refresh_token?appid=&grant_type=refresh_token&refresh_token=`: never a `unionid`.
pub(super) fn refresh_token(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let mut world = platform.world_mut();
    let app_id = call.param("appid").ok_or(APPID_MISSING)?;
    let registered =
        world.account(app_id).cloned().filter(|a| a.account.app_id == app_id).ok_or(INVALID_APPID)?;
    if call.param("grant_type") != Some("refresh_token") {
        return Err(INVALID_GRANT_TYPE);
    }
    let token = call.param("refresh_token").ok_or(ApiError::code(41003))?;
    let (grant, pair) = world.web.refresh(app_id, token, call.now).map_err(|stale| match stale {
        Stale::Unknown => ApiError::code(40030),
        Stale::Expired => ApiError::code(42002),
    })?;
    let granted = Granted::of(&registered, &grant, pair, None);
    Answer::json(&Granted { is_snapshotuser: None, ..granted })
}

/// `GET /sns/userinfo?access_token=&openid=&lang=`: sex and region are empty since October 2021.
pub(super) fn user_info(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let world = platform.world();
    let grant = granted(&world, call)?;
    if !grant.user_info {
        return Err(UNAUTHORIZED);
    }
    let registered = world.account(&grant.app_id).ok_or(INVALID_CREDENTIAL)?;
    let openid = call.param("openid").ok_or(OPENID_MISSING)?;
    if openid != registered.open_ids.seal(grant.seen_as()) {
        return Err(INVALID_OPENID);
    }
    let name = match grant.snapshot {
        true => "微信用户",
        false => world.find_person(grant.person).map_or("", |person| person.name.as_str()),
    };
    let picture = format!("https://thirdwx.qlogo.cn/mmopen/vi_32/{:016x}/132", grant.seen_as().number());
    let mut answer = json!({
        "openid": openid, "nickname": name, "sex": 0, "language": "", "city": "", "province": "",
        "country": "", "headimgurl": picture, "privilege": [],
    });
    if let Some(union_id) = registered.union_id(grant.seen_as()) {
        answer["unionid"] = union_id.into();
    }
    Answer::json(&answer)
}

/// `GET /sns/auth?access_token=&openid=`
pub(super) fn check(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let world = platform.world();
    let grant = granted(&world, call)?;
    let registered = world.account(&grant.app_id).ok_or(INVALID_CREDENTIAL)?;
    match call.param("openid") == Some(&registered.open_ids.seal(grant.seen_as())) {
        true => Ok(Answer::ok()),
        false => Err(INVALID_OPENID),
    }
}

/// `GET /cgi-bin/ticket/getticket?type=jsapi|wx_card`
pub(super) fn ticket(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let kind =
        call.param("type").filter(|kind| ["jsapi", "wx_card"].contains(kind)).ok_or(ApiError::code(40097))?;
    let (ticket, left) = platform.world_mut().web.ticket(&registered.account.app_id, kind, call.now);
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "ticket": ticket, "expires_in": left}))
}

fn granted<'a>(world: &'a World, call: &Call) -> Result<&'a Grant, ApiError> {
    let token = call.param("access_token").ok_or(TOKEN_MISSING)?;
    world.web.grant(token, call.now).map_err(|stale| match stale {
        Stale::Unknown => INVALID_CREDENTIAL,
        Stale::Expired => TOKEN_EXPIRED,
    })
}

impl Granted {
    fn of(registered: &Registered, grant: &Grant, pair: Pair, unionid: Option<String>) -> Self {
        Self {
            access_token: pair.access_token,
            expires_in: LIFETIME,
            refresh_token: pair.refresh_token,
            openid: registered.open_ids.seal(grant.seen_as()),
            scope: grant.scope(),
            unionid,
            is_snapshotuser: grant.snapshot.then_some(1),
        }
    }
}
