//! Tickets, the platform's own token, codes for the page of authorisation.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{must_be, text};
use crate::{
    api::{
        call::{Answer, Call},
        charge::charge,
        error::{
            ADDRESS_NOT_REGISTERED, ApiError, COMPONENT_APPID_MISSING, COMPONENT_SECRET_MISSING,
            INVALID_APPID, INVALID_SECRET, INVALID_TICKET, TICKET_EXPIRED, TICKET_MISSING,
        },
    },
    platform::Platform,
    world::{
        Registered, World,
        account::Kind,
        components::{PRE_AUTH_LIFE, Stale},
    },
};

/// `POST /cgi-bin/component/api_start_push_ticket {"component_appid", "component_secret"}`: the first ticket is pushed at
/// once, and one every ten minutes from then on.
pub(in crate::api) fn start_tickets(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let component = authenticate(&platform.world(), &body, "component_secret")?;
    let push = platform.next_ticket(&component.account.app_id, call.now);
    Ok(Answer::ok().then(push))
}

/// `POST /cgi-bin/component/api_component_token {"component_appid", "component_appsecret", "component_verify_ticket"}`
pub(in crate::api) fn token(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let mut world = platform.world_mut();
    let component = authenticate(&world, &body, "component_appsecret")?;
    let app_id = &component.account.app_id;
    if !component.account.lists(call.peer) {
        return Err(ADDRESS_NOT_REGISTERED);
    }
    let ticket = text(&body, "component_verify_ticket").ok_or(TICKET_MISSING)?;
    world.components.check_ticket(app_id, ticket, call.now).map_err(|stale| match stale {
        Stale::Unknown => INVALID_TICKET,
        Stale::Expired => TICKET_EXPIRED,
    })?;
    charge(platform, &component.account, "/cgi-bin/component/api_component_token", call.now)?;
    let issued = world.tokens.mint(app_id, call.now);
    Answer::json(&json!({"component_access_token": issued.access_token, "expires_in": issued.expires_in}))
}

/// `POST /cgi-bin/component/api_create_preauthcode {"component_appid"}`
pub(in crate::api) fn create_pre_auth_code(
    platform: &Platform,
    call: &Call,
    component: &Registered,
) -> Result<Answer, ApiError> {
    must_be(component, text(&call.json()?, "component_appid"))?;
    let code = platform.world_mut().components.pre_auth_code(&component.account.app_id, call.now);
    Answer::json(&json!({"pre_auth_code": code, "expires_in": PRE_AUTH_LIFE}))
}

/// The AppID is checked before the secret, as for accounts.
fn authenticate(world: &World, body: &Map<String, Value>, secret: &str) -> Result<Arc<Registered>, ApiError> {
    let app_id = text(body, "component_appid").ok_or(COMPONENT_APPID_MISSING)?;
    let component = world
        .account(app_id)
        .filter(|one| one.account.app_id == app_id && one.account.kind == Kind::Component)
        .ok_or(INVALID_APPID)?;
    if text(body, secret).ok_or(COMPONENT_SECRET_MISSING)? != component.account.secret {
        return Err(INVALID_SECRET);
    }
    Ok(component.clone())
}
