//! Quotas and request ids: WeChat's document "openApi管理".

use serde_json::{Value, json};

use super::{
    call::{Answer, Call},
    error::{APPID_MISSING, ApiError, CLEARINGS_USED, INVALID_APPID, INVALID_PATH, UNKNOWN_PATH},
    route,
    token::authenticate,
};
use crate::{platform::Platform, world::Registered};

/// Seconds for which a request id can be asked about.
const REMEMBERED: i64 = 7 * 86_400;

/// `POST /cgi-bin/clear_quota {"appid"}`: ten times a month.
pub(super) fn clear(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    match call.json()?.get("appid").and_then(Value::as_str) {
        Some(app_id) if app_id == registered.account.app_id => cleared(platform, app_id, None, call.now),
        _ => Err(INVALID_APPID),
    }
}

/// `POST /cgi-bin/clear_quota/v2 {"appid", "appsecret"}`: without a token, for when the token's quota is what is used up.
pub(super) fn clear_by_secret(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let registered = platform.world().account(text("appid").ok_or(APPID_MISSING)?).cloned();
    let app_id = authenticate(registered.as_deref(), text("appid"), text("appsecret"))?;
    cleared(platform, &app_id, None, call.now)
}

/// `POST /cgi-bin/openapi/quota/clear {"cgi_path"}`
pub(super) fn clear_one(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let path = path(body.get("cgi_path"))?;
    cleared(platform, &registered.account.app_id, Some(path), call.now)
}

/// `POST /cgi-bin/openapi/quota/get {"cgi_path"}`
pub(super) fn show(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let path = path(body.get("cgi_path"))?;
    let account = &registered.account;
    let quota = platform.quotas().quota(&account.app_id, path, account.quotas.get(path), call.now);
    let mut answer = json!({
        "errcode": 0, "errmsg": "ok",
        "quota": {"daily_limit": quota.daily, "used": quota.used, "remain": quota.daily.saturating_sub(quota.used)},
    });
    if let Some(most) = quota.per_minute {
        answer["rate_limit"] = json!({"call_count": most, "refresh_second": 60});
    }
    Answer::json(&answer)
}

/// `POST /cgi-bin/openapi/rid/get {"rid"}`: the account's own failed calls of the last seven days.
pub(super) fn request(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let rid = body.get("rid").and_then(Value::as_str).unwrap_or_default();
    let found = platform.calls.find(|record| record.rid.as_deref() == Some(rid));
    let record = found.entries.first().ok_or(ApiError::code(76001))?;
    let invoked = record.at.div_euclid(1000);
    if record.account.as_deref() != Some(&registered.account.name) || call.now - invoked > REMEMBERED {
        return Err(ApiError::code(76002));
    }
    let query: Vec<String> = record.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    Answer::json(&json!({
        "errcode": 0, "errmsg": "ok",
        "request": {
            "invoke_time": invoked, "cost_in_ms": record.ms,
            "request_url": format!("{}?{}", record.path, query.join("&")),
            "request_body": String::from_utf8_lossy(&record.request),
            "response_body": String::from_utf8_lossy(&record.response),
            "client_ip": "127.0.0.1",
        },
    }))
}

/// `POST /cgi-bin/callback/check {"action": "dns"|"ping"|"all", "check_operator"}`
pub(super) fn check_callback(_: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let action = text("action");
    if !["dns", "ping", "all"].contains(&action) {
        return Err(ApiError::code(40202));
    }
    let operator = match text("check_operator") {
        "DEFAULT" => "UNICOM",
        named @ ("CHINANET" | "UNICOM" | "CAP") => named,
        _ => return Err(ApiError::code(40203)),
    };
    let callback = registered.account.callback.as_deref().ok_or(ApiError::code(40201))?;
    let host = callback.split_once("://").map_or(callback, |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or_default();
    let ip = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let ip = if ip == "localhost" { "127.0.0.1" } else { ip };
    let mut answer = json!({});
    if action != "ping" {
        answer["dns"] = json!([{"ip": ip, "real_operator": operator}]);
    }
    if action != "dns" {
        let ping = json!({"ip": ip, "from_operator": operator, "package_loss": "0%", "time": "0.100ms"});
        answer["ping"] = json!([ping]);
    }
    Answer::json(&answer)
}

pub(super) fn cleared(
    platform: &Platform,
    app_id: &str,
    path: Option<&str>,
    now: i64,
) -> Result<Answer, ApiError> {
    if platform.quotas().clear(app_id, path, now) { Ok(Answer::ok()) } else { Err(CLEARINGS_USED) }
}

/// A path as it stands behind the host.
fn path(value: Option<&Value>) -> Result<&str, ApiError> {
    let path = value.and_then(Value::as_str).filter(|path| path.starts_with('/')).ok_or(INVALID_PATH)?;
    route(path).map(|_| path).ok_or(UNKNOWN_PATH)
}
