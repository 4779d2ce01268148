//! Third-party platforms: give a ticket at once, authorise and withdraw without the page. They are created as accounts are,
//! with `"kind": "component"`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{ControlError, body};
use crate::{
    journal::Delivery,
    platform::Platform,
    push::{Outcome, Push},
    world::{
        Registered, World,
        account::Kind,
        components::{AUTH_CODE_LIFE, functions},
    },
};

/// A third-party platform.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Component)]
pub(super) struct Shown {
    app_id: String,
    /// The last one; `null` before the first.
    component_verify_ticket: Option<String>,
    authorizations: Vec<Authorized>,
}

/// Who authorised a third-party platform.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ComponentAuthorization)]
struct Authorized {
    authorizer_appid: String,
    /// Ids of permission sets.
    functions: Vec<u32>,
    /// Unix seconds.
    auth_time: i64,
    authorizer_refresh_token: String,
}

/// Its last ticket, and who authorised it.
#[utoipa::path(get, path = "/_mock/components/{component}", params(("component" = String, Path)), responses((status = 200, body = Shown)))]
pub(super) async fn show(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
) -> Result<Json<Shown>, ControlError> {
    let world = platform.world();
    let component = component(&world, &name)?;
    let app_id = component.account.app_id.clone();
    let authorizations =
        world.components.authorizations(&app_id).map(|(authorizer, authorization)| Authorized {
            authorizer_appid: authorizer.to_owned(),
            functions: authorization.functions.clone(),
            auth_time: authorization.since,
            authorizer_refresh_token: authorization.refresh_token.clone(),
        });
    let authorizations = authorizations.collect();
    let component_verify_ticket = world.components.last_ticket(&app_id).map(str::to_owned);
    Ok(Json(Shown { app_id, component_verify_ticket, authorizations }))
}

/// A ticket, and how it was delivered.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ComponentTicket)]
pub(super) struct Ticket {
    component_verify_ticket: Option<String>,
    deliveries: Vec<Arc<Delivery>>,
}

/// A new ticket, pushed at once; from now on there is one every ten minutes.
#[utoipa::path(post, path = "/_mock/components/{component}/ticket", params(("component" = String, Path)), responses((status = 200, body = Ticket)))]
pub(super) async fn ticket(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
) -> Result<Json<Ticket>, ControlError> {
    let app_id = component(&platform.world(), &name)?.account.app_id.clone();
    let push = platform.next_ticket(&app_id, platform.clock.seconds());
    let ticket = platform.world().components.last_ticket(&app_id).map(str::to_owned);
    let outcome = delivered(&platform, push).await?;
    Ok(Json(Ticket { component_verify_ticket: ticket, deliveries: outcome.deliveries }))
}

/// Who authorises a third-party platform, and what for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Authorize {
    /// Name or AppID.
    account: String,
    /// Ids of permission sets; all that the account has where it is left out.
    functions: Option<Vec<u32>>,
    #[serde(default)]
    pre_auth_code: String,
}

/// An authorisation, and how the third-party platform was told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct AuthorizationCode {
    auth_code: String,
    /// Seconds.
    expires_in: i64,
    deliveries: Vec<Arc<Delivery>>,
}

/// Authorises, as if the account's owner had gone through the page.
#[utoipa::path(post, path = "/_mock/components/{component}/authorize", params(("component" = String, Path)), request_body = Authorize, responses((status = 200, body = AuthorizationCode)))]
pub(super) async fn authorize(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Result<Json<AuthorizationCode>, ControlError> {
    let Authorize { account, functions: wanted, pre_auth_code } = body(&bytes)?;
    let now = platform.clock.seconds();
    let (code, push) = {
        let mut world = platform.world_mut();
        let component = component(&world, &name)?;
        let account = authorizer(&world, &account)?.account.clone();
        let known: Vec<u32> = functions(account.kind).iter().map(|(id, _)| *id).collect();
        let wanted = wanted.unwrap_or_else(|| known.clone());
        if let Some(unknown) = wanted.iter().find(|id| !known.contains(id)) {
            let name = &account.name;
            return Err(ControlError::bad(format!(
                "{name} has no permission set {unknown}; it has {known:?}"
            )));
        }
        let own = &component.account.app_id;
        let authorized = world.components.authorize(own, &account.app_id, &wanted, now);
        let push = Push::authorized(&component, &account.app_id, &authorized, &pre_auth_code, now);
        (authorized.code, push)
    };
    let outcome = delivered(&platform, push).await?;
    let deliveries = outcome.deliveries;
    Ok(Json(AuthorizationCode { auth_code: code, expires_in: AUTH_CODE_LIFE, deliveries }))
}

/// Who withdraws.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Unauthorize {
    /// Name or AppID.
    account: String,
}

/// Withdraws an authorisation, as if the account's owner had done it in WeChat's console.
#[utoipa::path(post, path = "/_mock/components/{component}/unauthorize", params(("component" = String, Path)), request_body = Unauthorize, responses((status = 200, body = Outcome)))]
pub(super) async fn unauthorize(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Result<Json<Outcome>, ControlError> {
    let Unauthorize { account } = body(&bytes)?;
    let push = {
        let mut world = platform.world_mut();
        let component = component(&world, &name)?;
        let app_id = authorizer(&world, &account)?.account.app_id.clone();
        if !world.components.unauthorize(&component.account.app_id, &app_id) {
            return Err(ControlError::bad(format!("{account} has not authorised {name}")));
        }
        Push::unauthorized(&component, &app_id, platform.clock.seconds())
    };
    Ok(Json(delivered(&platform, Some(push)).await?))
}

/// A client that goes away does not stop the push.
async fn delivered(platform: &Arc<Platform>, push: Option<Push>) -> Result<Outcome, ControlError> {
    let Some(push) = push else { return Ok(Outcome::default()) };
    let platform = platform.clone();
    let task = tokio::spawn(async move { platform.push(push).await });
    task.await.map_err(|error| ControlError::bad(format!("it broke off: {error}")))
}

fn component(world: &World, name: &str) -> Result<Arc<Registered>, ControlError> {
    let found = world.account(name).filter(|one| one.account.kind == Kind::Component).cloned();
    found.ok_or_else(|| {
        let create = "PUT /_mock/accounts/{appid} {\"kind\": \"component\"} creates one";
        ControlError::not_found(format!("there is no third-party platform {name:?}; {create}"))
    })
}

fn authorizer<'a>(world: &'a World, name: &str) -> Result<&'a Registered, ControlError> {
    let registered = world.account(name).ok_or_else(|| ControlError::no_account(name))?;
    match registered.account.kind {
        Kind::Component => {
            Err(ControlError::bad(format!("{name} is a third-party platform; accounts authorise")))
        }
        _ => Ok(registered),
    }
}
