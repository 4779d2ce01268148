//! Accounts: read, create, change, remove; end their tokens; verify their URL.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ControlError, body, object};
use crate::{
    api::menu_buttons,
    platform::Platform,
    push::Verdict,
    wire::pay,
    world::{
        account::{Account, Kind},
        tokens::Kill,
    },
};

/// `GET /_mock/accounts`
pub(super) async fn list(State(platform): State<Arc<Platform>>) -> Json<Value> {
    let world = platform.world();
    let accounts: Vec<&Account> = world.accounts().map(|registered| &registered.account).collect();
    Json(json!({"accounts": accounts}))
}

/// `GET /_mock/accounts/{account}`
pub(super) async fn show(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
) -> Result<Json<Account>, ControlError> {
    let registered = platform.world().account(&name).cloned();
    Ok(Json(registered.ok_or_else(|| ControlError::no_account(&name))?.account.clone()))
}

/// `PUT /_mock/accounts/{account}`: creates the account or changes what the body names. `null` unsets `callback` and
/// `open_platform`. Where the callback is set it is verified, and the verdict is in the answer; unlike WeChat's console
/// the mock keeps a callback that fails, for a server that starts later. The path is an AppID, or the name of an account that exists.
pub(super) async fn put(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Result<Json<Value>, ControlError> {
    let changes = object(&bytes)?;
    let sets_callback = changes.get("callback").is_some_and(Value::is_string);
    let account = changed(&platform, &name, changes)?;
    // WeChat trusts the addresses of third-party platforms unseen.
    let verifies = sets_callback && account.kind != Kind::Component;
    let mut shown = serde_json::to_value(&account).map_err(ControlError::bad)?;
    if verifies {
        shown["verification"] = json!(platform.verify_url(&account).await);
    }
    Ok(Json(shown))
}

fn changed(
    platform: &Platform,
    name: &str,
    changes: serde_json::Map<String, Value>,
) -> Result<Account, ControlError> {
    let mut world = platform.world_mut();
    let current = match world.account(name) {
        Some(registered) => registered.account.clone(),
        None => created(name, &changes)?,
    };
    let mut merged = serde_json::to_value(&current).map_err(ControlError::bad)?;
    merge(&mut merged, Value::Object(changes));
    let account: Account = serde_json::from_value(merged).map_err(ControlError::bad)?;
    if account.app_id != current.app_id {
        return Err(ControlError::bad("app_id cannot be changed; PUT to the new AppID's own path"));
    }
    let registered = world.put_account(account).map_err(ControlError::bad)?;
    Ok(registered.account.clone())
}

/// `DELETE /_mock/accounts/{account}`
pub(super) async fn remove(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
) -> Result<StatusCode, ControlError> {
    let mut world = platform.world_mut();
    let registered = world.account(&name).cloned().ok_or_else(|| ControlError::no_account(&name))?;
    world.remove_account(&registered.account.app_id);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KillTokens {
    #[serde(rename = "do")]
    how: Kill,
}

/// `POST /_mock/accounts/{account}/tokens {"do": "supersede"|"expire"}`: as if another server had fetched a newer
/// token, or as if two hours had passed.
pub(super) async fn kill_tokens(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Result<Json<Value>, ControlError> {
    let KillTokens { how } = body(&bytes)?;
    let now = platform.clock.seconds();
    let mut world = platform.world_mut();
    let registered = world.account(&name).cloned().ok_or_else(|| ControlError::no_account(&name))?;
    Ok(Json(json!({"ended": world.tokens.kill(&registered.account.app_id, how, now)})))
}

/// `POST /_mock/accounts/{account}/verify`: the GET with which WeChat verifies a URL, and its verdict.
pub(super) async fn verify(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
) -> Result<Json<Verdict>, ControlError> {
    let registered = platform.world().account(&name).cloned();
    let registered = registered.ok_or_else(|| ControlError::no_account(&name))?;
    Ok(Json(platform.verify_url(&registered.account).await))
}

/// `PUT /_mock/accounts/{account}/menu {"button": [...]}`: as `menu/create`, without a token.
pub(super) async fn put_menu(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Result<Json<Value>, ControlError> {
    let menu = object(&bytes)?;
    let mut world = platform.world_mut();
    let registered = world.account(&name).cloned().ok_or_else(|| ControlError::no_account(&name))?;
    let buttons = menu_buttons(&world, &menu)
        .map_err(|error| ControlError::bad(format!("menu/create would answer {}: {error}", error.code)))?;
    world.menus.set(&registered.account.app_id, buttons);
    Ok(Json(Value::Object(menu)))
}

fn created(app_id: &str, changes: &serde_json::Map<String, Value>) -> Result<Account, ControlError> {
    let kind = changes.get("kind").cloned().unwrap_or_else(|| json!("official_account"));
    let kind: Kind = serde_json::from_value(kind).map_err(ControlError::bad)?;
    let name = changes.get("name").and_then(Value::as_str).unwrap_or(app_id);
    Ok(Account::with_app_id(app_id, name, kind))
}

/// RFC 7396, except that `null` sets a value to nothing instead of removing its key.
fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (key, value) in changes {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, value) => *into = value,
    }
}

/// `GET /_mock/pay`: what a receiver verifies WeChat Pay's notifications with.
pub(super) async fn pay() -> Json<Value> {
    Json(json!({"serial": pay::SERIAL, "certificate": pay::CERTIFICATE, "public_key": pay::PUBLIC_KEY}))
}
