//! Sessions and phone numbers of a mini-program's visitors.

use serde_json::{Value, json};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_CODE, INVALID_OPENID, INVALID_ORDER, INVALID_SIGNATURE, NOT_BOUND},
};
use crate::{
    platform::Platform,
    wire::userdata::session_hmac,
    world::{
        Registered,
        codes::{CodeError, Purpose},
    },
};

/// Seconds after a payment in which its UnionID is told.
const PAID: i64 = 300;

/// `GET /wxa/checksession?openid=&signature=&sig_method=hmac_sha256`: the signature is over the empty string.
pub(super) fn check_session(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let world = platform.world();
    let person =
        world.person_of(registered, call.param("openid").unwrap_or_default()).ok_or(INVALID_OPENID)?;
    let key = world.codes.session_key(&registered.account.app_id, person.key).ok_or(INVALID_SIGNATURE)?;
    if call.param("signature") != Some(session_hmac(key, "").as_str()) {
        return Err(INVALID_SIGNATURE);
    }
    Ok(Answer::ok())
}

/// `GET /wxa/resetusersessionkey?openid=&signature=&sig_method=hmac_sha256`
pub(super) fn reset_session_key(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    check_session(platform, call, registered)?;
    let openid = call.param("openid").unwrap_or_default();
    let mut world = platform.world_mut();
    let person = world.person_of(registered, openid).ok_or(INVALID_OPENID)?.key;
    let key = world.codes.new_session_key(&registered.account.app_id, person);
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "openid": openid, "session_key": key}))
}

/// `GET /wxa/getpaidunionid?openid=&transaction_id=`, or `&mch_id=&out_trade_no=`: for five minutes after a payment.
pub(super) fn paid_union_id(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let world = platform.world();
    let openid = call.param("openid").unwrap_or_default();
    let person = world.person_of(registered, openid).ok_or(INVALID_OPENID)?.key;
    let account = &registered.account;
    let payment = match (call.param("transaction_id"), call.param("mch_id"), call.param("out_trade_no")) {
        (Some(id), ..) => world.payments.by_transaction(&account.app_id, id),
        (None, Some(mch_id), Some(number)) if mch_id == account.mch_id => {
            world.payments.find(&account.app_id, number)
        }
        _ => None,
    };
    let paid = payment.filter(|p| p.person == person && (0..PAID).contains(&(call.now - p.paid_at)));
    paid.ok_or(INVALID_ORDER)?;
    let union_id = registered.union_id(person).ok_or(NOT_BOUND)?;
    Answer::json(&json!({"unionid": union_id, "errcode": 0, "errmsg": "ok"}))
}

/// `POST /wxa/business/getuserphonenumber {"code"}`: `countryCode` is a string, whatever the document's sample prints.
pub(super) fn phone_number(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let code = body.get("code").and_then(Value::as_str).ok_or(INVALID_CODE)?;
    let app_id = &registered.account.app_id;
    let mut world = platform.world_mut();
    // Unlike a login code, a used phone code is just invalid.
    let person = world.codes.redeem(app_id, Purpose::Phone, code, call.now).map_err(|error| match error {
        CodeError::Invalid | CodeError::Used => INVALID_CODE,
    })?;
    let phone = world.find_person(person).ok_or(INVALID_CODE)?.phone();
    Answer::json(&json!({
        "errcode": 0,
        "errmsg": "ok",
        "phone_info": {
            "phoneNumber": phone,
            "purePhoneNumber": phone,
            "countryCode": "86",
            "watermark": {"timestamp": call.now, "appid": app_id},
        },
    }))
}
