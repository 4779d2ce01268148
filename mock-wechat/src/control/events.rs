//! Events without an act behind them: of the catalogue, or anything, signed and pushed as it is.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ControlError, body};
use crate::{
    grade::{
        catalogue::{ALL, Audience},
        kind::Kind,
    },
    platform::Platform,
    push::{Outcome, Push},
    wire::fields::Fields,
    world::account,
};

/// Kinds of push.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Events {
    events: Vec<Event>,
}

/// A kind of push.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Event {
    /// `Event`, `MsgType` of a message, or `InfoType` of what a third-party platform is told.
    event: &'static str,
    is_event: bool,
    /// `official_account`, `mini_program`, `both` or `component`.
    r#for: &'static str,
    /// An example.
    #[schema(value_type = Object)]
    fields: Value,
}

/// Every kind of push with its fields.
#[utoipa::path(get, path = "/_mock/events", responses((status = 200, body = Events)))]
pub(super) async fn list() -> Json<Events> {
    let shown = |audience: Audience, kind: &'static Kind| Event {
        event: kind.name,
        is_event: kind.is_event,
        r#for: match audience {
            Audience::OfficialAccount => "official_account",
            Audience::MiniProgram => "mini_program",
            Audience::Both => "both",
            Audience::Component => "component",
        },
        fields: serde_json::from_str(&kind.fields().to_json()).unwrap_or_default(),
    };
    let kinds = ALL.iter().flat_map(|(audience, kinds)| kinds.iter().map(|kind| shown(*audience, kind)));
    Json(Events { events: kinds.collect() })
}

/// A kind of push, and whom it is from.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EventPush)]
struct Wanted {
    /// Name or AppID.
    account: String,
    /// WeChat itself where it is left out.
    person: Option<String>,
    /// In the place of the example's.
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: Map<String, Value>,
}

/// Pushes a kind of the catalogue, in the account's mode and format.
///
/// Fields that name the person or the account are filled in. Nothing else happens: nobody follows by a `subscribe` from
/// here.
#[utoipa::path(post, path = "/_mock/events/{event}", params(("event" = String, Path)), request_body = Wanted, responses((status = 200, body = Outcome)))]
pub(super) async fn push(
    State(platform): State<Arc<Platform>>,
    Path(event): Path<String>,
    bytes: Bytes,
) -> Result<Json<Outcome>, ControlError> {
    let Wanted { account, person, fields } = body(&bytes)?;
    let fields = Fields::parse_json(&Value::Object(fields).to_string()).map_err(ControlError::bad)?;
    let (now, message_id) = (platform.clock.seconds(), platform.sequence.message_id());
    let push = {
        let mut world = platform.world_mut();
        let registered = world.account(&account).ok_or_else(|| ControlError::no_account(&account))?.clone();
        let kind = kind(&event, registered.account.kind)?;
        let person = person.map(|name| world.person(&name));
        Push::of_catalogue(&mut world, &registered, person, kind, fields, now, message_id)
    };
    let task = tokio::spawn(async move { platform.push(push).await });
    Ok(Json(task.await.map_err(|error| ControlError::bad(format!("it broke off: {error}")))?))
}

/// The first kind of that name that such an account is told of.
fn kind(event: &str, of: account::Kind) -> Result<&'static Kind, ControlError> {
    let fits = |audience: Audience| match of {
        account::Kind::OfficialAccount => matches!(audience, Audience::OfficialAccount | Audience::Both),
        account::Kind::MiniProgram => matches!(audience, Audience::MiniProgram | Audience::Both),
        account::Kind::Component => audience == Audience::Component,
    };
    let kinds = ALL.iter().filter(|(audience, _)| fits(*audience)).flat_map(|(_, kinds)| kinds.iter());
    let exact = kinds.clone().find(|kind| kind.name == event);
    // The case tells `location` from `LOCATION`, and else nothing.
    exact.or_else(|| kinds.clone().find(|kind| kind.name.eq_ignore_ascii_case(event))).ok_or_else(|| {
        let mut names: Vec<&str> = kinds.map(|kind| kind.name).collect();
        names.dedup();
        let names = names.join(", ");
        ControlError::not_found(format!(
            "no such account is told of {event:?}; POST /_mock/events/raw sends any text; there are: {names}"
        ))
    })
}

/// What is pushed as it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RawEvent)]
struct Raw {
    /// Name or AppID.
    account: String,
    /// Text that is sent byte for byte, or a JSON object.
    body: Value,
}

/// Signs (and in safe mode encrypts) any text and pushes it. A reply is
/// shown where `FromUserName` is a person of this account.
#[utoipa::path(post, path = "/_mock/events/raw", request_body = Raw, responses((status = 200, body = Outcome)))]
pub(super) async fn raw(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<Outcome>, ControlError> {
    let raw: Raw = body(&bytes)?;
    let plaintext = match raw.body {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let push =
        platform.raw_push(&raw.account, plaintext).ok_or_else(|| ControlError::no_account(&raw.account))?;
    let task = tokio::spawn(async move { platform.push(push).await });
    Ok(Json(task.await.map_err(|error| ControlError::bad(format!("it broke off: {error}")))?))
}
