//! Switches of accounts: whether they report locations, recognise voices, hand over to the customer service.

use serde_json::{Map, Value, json};

use super::{authorizer::authorizer, text};
use crate::{
    api::{
        call::{Answer, Call},
        error::{ApiError, INVALID_OPTION_NAME, INVALID_OPTION_VALUE},
    },
    platform::Platform,
    world::{Registered, components::OPTIONS},
};

/// `POST /cgi-bin/component/api_get_authorizer_option {"component_appid", "authorizer_appid", "option_name"}`
pub(in crate::api) fn read(
    platform: &Platform,
    call: &Call,
    component: &Registered,
) -> Result<Answer, ApiError> {
    let (world, body) = (platform.world(), call.json()?);
    let (account, _) = authorizer(&world, component, &body)?;
    let (name, _) = option(&body)?;
    let value = world.components.option(&account.app_id, name);
    Answer::json(&json!({"authorizer_appid": account.app_id, "option_name": name, "option_value": value}))
}

/// `POST /cgi-bin/component/api_set_authorizer_option {..., "option_name", "option_value"}`
pub(in crate::api) fn set(
    platform: &Platform,
    call: &Call,
    component: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let app_id = {
        let world = platform.world();
        authorizer(&world, component, &body)?.0.app_id.clone()
    };
    store(platform, &app_id, &body)
}

/// `POST /cgi-bin/component/get_authorizer_option {"option_name"}`: the same with the account's token.
pub(in crate::api) fn read_own(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let (name, _) = option(&call.json()?)?;
    let world = platform.world();
    let value = world.components.option(&registered.account.app_id, name);
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "option_name": name, "option_value": value}))
}

/// `POST /cgi-bin/component/set_authorizer_option {"option_name", "option_value"}`: the same with the account's token.
pub(in crate::api) fn set_own(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    store(platform, &registered.account.app_id, &call.json()?)
}

fn store(platform: &Platform, app_id: &str, body: &Map<String, Value>) -> Result<Answer, ApiError> {
    let (name, values) = option(body)?;
    let value = match body.get("option_value") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(INVALID_OPTION_VALUE),
    };
    if !values.contains(&value.as_str()) {
        return Err(INVALID_OPTION_VALUE);
    }
    platform.world_mut().components.set_option(app_id, name, &value);
    Ok(Answer::ok())
}

fn option(body: &Map<String, Value>) -> Result<(&'static str, &'static [&'static str]), ApiError> {
    let name = text(body, "option_name").unwrap_or_default();
    OPTIONS.iter().find(|(known, _)| *known == name).copied().ok_or(INVALID_OPTION_NAME)
}
