//! Mini-program login: WeChat's document "小程序登录". Answers are `text/plain`.

use serde::Serialize;

use super::{
    call::{Answer, Call},
    charge::charge,
    error::{
        APPID_MISSING, ApiError, CODE_MISSING, CODE_USED, INVALID_APPID, INVALID_CODE, INVALID_GRANT_TYPE,
        MINUTE_QUOTA,
    },
    token::authenticate,
};
use crate::{
    platform::Platform,
    world::{
        Registered, World,
        account::{Kind, Limit},
        codes::{CodeError, Purpose},
        quotas::BY_PERSON,
    },
};

/// `GET /sns/jscode2session?appid=&secret=&js_code=&grant_type=authorization_code`
///
/// A success has no `errcode`, whatever the document's sample prints, and `unionid` only when the mini-program is
/// bound to an open-platform account.
pub(super) fn jscode2session(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let mut world = platform.world_mut();
    let registered =
        world.account(call.param("appid").ok_or(APPID_MISSING)?).cloned().ok_or(INVALID_APPID)?;
    authenticate(Some(&registered), call.param("appid"), call.param("secret"))?;
    if registered.account.kind != Kind::MiniProgram {
        return Err(INVALID_APPID);
    }
    if call.param("grant_type") != Some("authorization_code") {
        return Err(INVALID_GRANT_TYPE);
    }
    charge(platform, &registered.account, "/sns/jscode2session", call.now)?;
    session(platform, &mut world, &registered, call)
}

/// Logins of one person in a minute.
const PER_PERSON: Limit = Limit { daily: None, per_minute: Some(100) };

/// The session for a login's code. Also for the third-party platform's way.
pub(super) fn session(
    platform: &Platform,
    world: &mut World,
    registered: &Registered,
    call: &Call,
) -> Result<Answer, ApiError> {
    let app_id = &registered.account.app_id;
    let code = call.param("js_code").ok_or(CODE_MISSING)?;
    let person = world.codes.redeem(app_id, Purpose::Login, code, call.now).map_err(code_error)?;
    let whose = format!("/sns/jscode2session{BY_PERSON}{}", registered.open_ids.seal(person));
    let charged = platform.quotas().charge(app_id, &whose, Some(&PER_PERSON), call.now);
    charged.map_err(|_| MINUTE_QUOTA)?;
    #[derive(Serialize)]
    struct Session {
        session_key: String,
        openid: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        unionid: Option<String>,
    }
    Answer::json(&Session {
        session_key: world.codes.new_session_key(app_id, person),
        openid: registered.open_ids.seal(person),
        unionid: registered.union_id(person),
    })
}

pub(super) fn code_error(error: CodeError) -> ApiError {
    match error {
        CodeError::Invalid => INVALID_CODE,
        CodeError::Used => CODE_USED,
    }
}
