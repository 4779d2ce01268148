//! Addresses and quotas.

use serde_json::{Value, json};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_APPID},
};
use crate::{platform::Platform, world::Registered};

/// `GET /cgi-bin/getcallbackip`: where pushes come from; entries may be networks.
pub(super) fn callback_ips(_: &Platform, _: &Call, _: &Registered) -> Result<Answer, ApiError> {
    Answer::json(&json!({"ip_list": ["127.0.0.1", "127.0.0.0/8"]}))
}

/// `GET /cgi-bin/get_api_domain_ip`: where the API is.
pub(super) fn api_domain_ips(_: &Platform, _: &Call, _: &Registered) -> Result<Answer, ApiError> {
    Answer::json(&json!({"ip_list": ["127.0.0.1"]}))
}

/// `POST /cgi-bin/clear_quota {"appid"}`
pub(super) fn clear_quota(_: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    match call.json()?.get("appid").and_then(Value::as_str) {
        Some(app_id) if app_id == registered.account.app_id => Ok(Answer::ok()),
        _ => Err(INVALID_APPID),
    }
}
