//! Accounts: read, create, change, remove; end their tokens; verify their URL.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ControlError, body, object};
use crate::{
    api::menu_shape,
    fitting::fitted,
    journal::Verdict,
    platform::Platform,
    wire::pay,
    world::{
        account::{Account, Kind},
        menus::Button,
        tokens::Kill,
    },
};

/// Every account.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Accounts {
    /// By AppID.
    accounts: Vec<Account>,
}

/// An account, and the verdict on its callback where that was set.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct AccountPut {
    #[serde(flatten)]
    account: Account,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verdict>,
}

/// All accounts, by AppID.
#[utoipa::path(get, path = "/_mock/accounts", responses((status = 200, body = Accounts)))]
pub(super) async fn list(State(platform): State<Arc<Platform>>) -> Json<Accounts> {
    let world = platform.world();
    Json(Accounts { accounts: world.accounts().map(|registered| registered.account.clone()).collect() })
}

/// An account by its name or AppID.
#[utoipa::path(get, path = "/_mock/accounts/{account}", params(("account" = String, Path)), responses((status = 200, body = Account)))]
pub(super) async fn show(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
) -> Result<Json<Account>, ControlError> {
    let registered = platform.world().account(&name).cloned();
    Ok(Json(registered.ok_or_else(|| ControlError::no_account(&name))?.account.clone()))
}

/// Creates the account or changes what the body names. `null` unsets `callback` and
/// `open_platform`. Where the callback is set it is verified, and the verdict is in the answer; unlike WeChat's console
/// the mock keeps a callback that fails, for a server that starts later. The path is an AppID, or the name of an account that exists.
#[utoipa::path(put, path = "/_mock/accounts/{account}", params(("account" = String, Path)), request_body = Account, responses((status = 200, body = AccountPut)))]
pub(super) async fn put(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Result<Json<AccountPut>, ControlError> {
    let changes = object(&bytes)?;
    let sets_callback = changes.get("callback").is_some_and(Value::is_string);
    let account = changed(&platform, &name, changes)?;
    // WeChat trusts the addresses of third-party platforms unseen.
    let verifies = sets_callback && account.kind != Kind::Component;
    let verification = if verifies { Some(platform.verify_url(&account).await) } else { None };
    Ok(Json(AccountPut { account, verification }))
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
    let account: Account = fitted(merged).map_err(ControlError::bad)?;
    if account.app_id != current.app_id {
        return Err(ControlError::bad("app_id cannot be changed; PUT to the new AppID's own path"));
    }
    let registered = world.put_account(account).map_err(ControlError::bad)?;
    Ok(registered.account.clone())
}

/// Removes an account, its tokens, and what people were to it.
#[utoipa::path(delete, path = "/_mock/accounts/{account}", params(("account" = String, Path)), responses((status = 204)))]
pub(super) async fn remove(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
) -> Result<StatusCode, ControlError> {
    let mut world = platform.world_mut();
    let registered = world.account(&name).cloned().ok_or_else(|| ControlError::no_account(&name))?;
    world.remove_account(&registered.account.app_id);
    Ok(StatusCode::NO_CONTENT)
}

/// How live tokens end.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct KillTokens {
    #[serde(rename = "do")]
    how: Kill,
}

/// How many tokens were ended.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TokensEnded {
    ended: usize,
}

/// Ends live tokens: as if another server had fetched a newer one, or as if two hours had passed.
#[utoipa::path(post, path = "/_mock/accounts/{account}/tokens", params(("account" = String, Path)), request_body = KillTokens, responses((status = 200, body = TokensEnded)))]
pub(super) async fn kill_tokens(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Result<Json<TokensEnded>, ControlError> {
    let KillTokens { how } = body(&bytes)?;
    let now = platform.clock.seconds();
    let mut world = platform.world_mut();
    let registered = world.account(&name).cloned().ok_or_else(|| ControlError::no_account(&name))?;
    Ok(Json(TokensEnded { ended: world.tokens.kill(&registered.account.app_id, how, now) }))
}

/// The GET with which WeChat verifies a URL, and its verdict.
#[utoipa::path(post, path = "/_mock/accounts/{account}/verify", params(("account" = String, Path)), responses((status = 200, body = Verdict)))]
pub(super) async fn verify(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
) -> Result<Json<Verdict>, ControlError> {
    let registered = platform.world().account(&name).cloned();
    let registered = registered.ok_or_else(|| ControlError::no_account(&name))?;
    Ok(Json(platform.verify_url(&registered.account).await))
}

/// A menu as `menu/create` takes it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the body is checked as menu/create checks it; this is its shape")]
struct MenuPut {
    /// One to three.
    button: Vec<Button>,
}

/// Sets the menu, as `menu/create` without a token.
#[utoipa::path(put, path = "/_mock/accounts/{account}/menu", params(("account" = String, Path)), request_body = MenuPut, responses((status = 200, body = MenuPut)))]
pub(super) async fn put_menu(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Result<Json<Value>, ControlError> {
    let menu = object(&bytes)?;
    let mut world = platform.world_mut();
    let registered = world.account(&name).cloned().ok_or_else(|| ControlError::no_account(&name))?;
    let buttons = menu_shape::buttons(&world, &menu)
        .map_err(|error| ControlError::bad(format!("menu/create would answer {}: {error}", error.code)))?;
    world.menus.set(&registered.account.app_id, buttons);
    Ok(Json(Value::Object(menu)))
}

fn created(app_id: &str, changes: &serde_json::Map<String, Value>) -> Result<Account, ControlError> {
    let kind = changes.get("kind").cloned().unwrap_or_else(|| json!("official_account"));
    let kind: Kind = fitted(kind).map_err(|error| ControlError::bad(format!("kind: {error}")))?;
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

/// What notifications of WeChat Pay are signed with.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct PayCertificate {
    serial: &'static str,
    /// PEM.
    certificate: &'static str,
    /// PEM.
    public_key: &'static str,
}

/// What a receiver verifies WeChat Pay's notifications with.
#[utoipa::path(get, path = "/_mock/pay", responses((status = 200, body = PayCertificate)))]
pub(super) async fn pay() -> Json<PayCertificate> {
    let (serial, certificate, public_key) = (pay::SERIAL, pay::CERTIFICATE, pay::PUBLIC_KEY);
    Json(PayCertificate { serial, certificate, public_key })
}
