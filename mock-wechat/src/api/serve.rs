//! From HTTP request to response: faults, the checks that all APIs share in WeChat's order, the journal.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Instant,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use futures::{future, stream};

use super::{
    call::{Answer, Call, Handler, Other, Route},
    charge::charge,
    error::{
        ApiError, COMPONENT_TOKEN_EXPIRED, COMPONENT_TOKEN_MISSING, FORBIDDEN, INVALID_CREDENTIAL, LIMITED,
        NEEDS_ACCOUNT_TOKEN, NEEDS_COMPONENT_TOKEN, NOT_ALLOWED_TO_COMPONENT, NOT_AUTHORIZED_BY_ACCOUNT,
        REQUIRE_GET, REQUIRE_POST, TOKEN_EXPIRED, TOKEN_MISSING, UNAUTHORIZED,
    },
    route,
};
use crate::{
    faults::{Effect, Place},
    journal::CallRecord,
    platform::Platform,
    push::Push,
    world::{
        Registered, World,
        account::Kind,
        components::function_of,
        standing::Standing,
        tokens::{Holder, Refused},
    },
};

/// Larger bodies are cut off: the largest that an API takes is an upload of 10 MB.
const LARGEST_BODY: usize = 12 << 20;

/// Who calls: the other end of the connection, whatever headers say of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Marks a response that must not be sent: the server cuts the connection instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unsent;

/// Answers any request to one of WeChat's paths, and writes it down.
pub(crate) async fn serve(State(platform): State<Arc<Platform>>, request: Request) -> Response {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await.unwrap_or_default();
    let peer = head.extensions.get::<Peer>().map_or(Ipv4Addr::LOCALHOST.into(), |Peer(peer)| *peer);
    let call = Call::new(&head.uri, &head.headers, body, peer, platform.clock.seconds());
    let (method, path) = (head.method.as_str(), head.uri.path());
    let caller = caller(&platform, &call);
    let account = caller.as_ref().map(|a| (a.account.name.as_str(), a.account.app_id.as_str()));
    let effects = platform.faults.strike(&Place { on: path, account, event: None });
    let mut record = CallRecord::begun(&platform, method, path, &call);
    record.account = account.map(|(name, _)| name.to_owned());
    record.faults = effects.iter().map(|effect| format!("{effect:?}")).collect();

    let disturbed = disturb(&effects).await;
    let mut other = None;
    match &disturbed {
        None => {
            let (answered, pushes) = record.answer(&platform, method, &call, &effects);
            other = answered;
            deliver_later(&platform, pushes);
        }
        Some(Disturbed::Page(status)) => {
            record.status = *status;
            record.response = Bytes::from_static(PAGE);
        }
        Some(Disturbed::Silence | Disturbed::Cut) => {}
    }
    if effects.contains(&Effect::ControlCharacters) {
        record.response = with_control_characters(&record.response);
    }
    record.ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let body = record.response.clone();
    if other.is_some() && std::str::from_utf8(&body).is_err() {
        record.response = format!("({} bytes)", body.len()).into();
    }
    platform.calls.add(record);

    let content_type =
        if path.starts_with("/sns/") { "text/plain" } else { "application/json; encoding=utf-8" };
    match disturbed {
        Some(Disturbed::Silence) => future::pending().await,
        Some(Disturbed::Cut) => unsent(),
        Some(Disturbed::Page(status)) => respond(status, "text/html", body),
        None if effects.contains(&Effect::Truncate) => truncated(content_type, &body),
        None => match other {
            None => respond(200, content_type, body),
            Some(other) => respond_otherwise(other, body),
        },
    }
}

/// Raw control characters and a lone backslash at the start of the first text: no JSON that a strict reader takes.
fn with_control_characters(body: &Bytes) -> Bytes {
    let Some(at) = body.windows(3).position(|window| window == b"\":\"") else { return body.clone() };
    let (head, tail) = body.split_at(at + 3);
    [head, b"\x01\x1f\\ ", tail].concat().into()
}

/// What follows from a call is pushed behind its answer.
fn deliver_later(platform: &Arc<Platform>, pushes: Vec<Push>) {
    if pushes.is_empty() {
        return;
    }
    let platform = platform.clone();
    tokio::spawn(async move {
        for push in pushes {
            platform.push(push).await;
        }
    });
}

/// What a fault makes of a call in the place of an answer.
enum Disturbed {
    Silence,
    Cut,
    Page(u16),
}

const PAGE: &[u8] = b"<html><body>mock-wechat: a fault was asked for</body></html>";

/// Waits as long as faults say, and whether there will be an answer at all.
async fn disturb(effects: &[Effect]) -> Option<Disturbed> {
    for effect in effects {
        match effect {
            Effect::Delay(delay) => tokio::time::sleep(*delay).await,
            Effect::Hang => return Some(Disturbed::Silence),
            Effect::Reset => return Some(Disturbed::Cut),
            Effect::Status(status) => return Some(Disturbed::Page(*status)),
            _ => {}
        }
    }
    None
}

impl CallRecord {
    fn begun(platform: &Platform, method: &str, path: &str, call: &Call) -> Self {
        Self {
            id: platform.sequence.next(),
            at: platform.clock.millis(),
            account: None,
            method: method.to_owned(),
            path: path.to_owned(),
            query: call.query().to_vec(),
            request: call.body().clone(),
            status: 0,
            response: Bytes::new(),
            errcode: 0,
            rid: None,
            ms: 0,
            unmodelled: route(path).is_none(),
            faults: Vec::new(),
        }
    }

    /// Fills in what the API, or an errcode that was asked for, answers; what is special about its form, and what
    /// is to be pushed.
    fn answer(
        &mut self,
        platform: &Platform,
        method: &str,
        call: &Call,
        effects: &[Effect],
    ) -> (Option<Other>, Vec<Push>) {
        let injected =
            effects.iter().find_map(|e| if let Effect::Errcode(code) = e { Some(*code) } else { None });
        let result = match (injected, route(&self.path)) {
            (Some(code), _) => Err(ApiError::code(code)),
            (None, Some(route)) => answer(platform, method, route, call),
            (None, None) => Err(ApiError::unmodelled(method, &self.path)),
        };
        self.status = 200;
        match result {
            Ok(answer) => {
                self.response = answer.body;
                self.status = answer.other.as_ref().map_or(200, |other| other.status);
                (answer.other, answer.pushes)
            }
            Err(error) => {
                let rid = platform.sequence.rid(call.now);
                self.errcode = error.code;
                self.response = error.body(&self.path, &rid).into();
                self.rid = Some(rid);
                (None, Vec::new())
            }
        }
    }
}

/// The checks in the order in which live answers show them: token missing, token invalid, not permitted, method,
/// and only then what the handler finds in body, arguments and state.
fn answer(platform: &Platform, method: &str, route: &Route, call: &Call) -> Result<Answer, ApiError> {
    let method_fits = || match (route.method, method) {
        ("GET", "GET") | ("POST", "POST") | ("GET or POST", "GET" | "POST") => Ok(()),
        ("GET", _) => Err(REQUIRE_GET),
        _ => Err(REQUIRE_POST),
    };
    match route.handler {
        Handler::Open(handler) => {
            method_fits()?;
            handler(platform, call)
        }
        Handler::Account(who, handler) => {
            let token = call.param("access_token").ok_or(TOKEN_MISSING)?;
            let registered = account_of(&platform.world(), token, route.path, call.now)?;
            let account = &registered.account;
            if !who.includes(account.kind) || account.unauthorized.iter().any(|path| path == route.path) {
                return Err(UNAUTHORIZED);
            }
            match account.standing {
                Standing::Good => {}
                Standing::Irregular => return Err(FORBIDDEN),
                Standing::Limited => return Err(LIMITED),
            }
            method_fits()?;
            // What gives quotas back must not be out of quota itself.
            if !route.path.contains("quota") {
                charge(platform, &registered.account, route.path, call.now)?;
            }
            handler(platform, call, &registered)
        }
        Handler::Component(handler) => {
            let component = component_of(&platform.world(), call)?;
            method_fits()?;
            charge(platform, &component.account, route.path, call.now)?;
            handler(platform, call, &component)
        }
    }
}

/// The account whose token it is, or which a third-party platform may call that API for.
fn account_of(world: &World, token: &str, path: &str, now: i64) -> Result<Arc<Registered>, ApiError> {
    let Holder { app_id, component } = world.tokens.check(token, now).map_err(|refused| match refused {
        Refused::Invalid => INVALID_CREDENTIAL,
        Refused::Expired => TOKEN_EXPIRED,
    })?;
    let registered = world.account(app_id).ok_or(INVALID_CREDENTIAL)?;
    let kind = registered.account.kind;
    if kind == Kind::Component {
        return Err(NEEDS_ACCOUNT_TOKEN);
    }
    if let Some(component) = component {
        let authorization =
            world.components.authorization(component, app_id).ok_or(NOT_AUTHORIZED_BY_ACCOUNT)?;
        if function_of(path, kind).is_some_and(|id| !authorization.functions.contains(&id)) {
            return Err(NOT_ALLOWED_TO_COMPONENT);
        }
    }
    Ok(registered.clone())
}

/// The third-party platform whose token it is.
pub(super) fn component_of(world: &World, call: &Call) -> Result<Arc<Registered>, ApiError> {
    let token = call.component_token().ok_or(COMPONENT_TOKEN_MISSING)?;
    let holder = world.tokens.check(token, call.now).map_err(|refused| match refused {
        Refused::Invalid => INVALID_CREDENTIAL,
        Refused::Expired => COMPONENT_TOKEN_EXPIRED,
    })?;
    let registered = world.account(holder.app_id).ok_or(INVALID_CREDENTIAL)?;
    match registered.account.kind {
        Kind::Component => Ok(registered.clone()),
        _ => Err(NEEDS_COMPONENT_TOKEN),
    }
}

/// Whose call it is, for the journal and for faults that are meant for one account.
fn caller(platform: &Platform, call: &Call) -> Option<Arc<Registered>> {
    if let Some(token) = call.component_token() {
        let world = platform.world();
        let holder = world.tokens.check(token, call.now).ok()?;
        return world.account(holder.app_id).cloned();
    }
    let in_body = || {
        let body = call.json().ok()?;
        Some(body.get("appid").or_else(|| body.get("component_appid"))?.as_str()?.to_owned())
    };
    let app_id = call.param("appid").map(str::to_owned).or_else(in_body)?;
    platform.world().account(&app_id).cloned()
}

fn respond(status: u16, content_type: &'static str, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn respond_otherwise(other: Other, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(other.status).unwrap_or(StatusCode::OK);
    for (name, value) in other.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn unsent() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Unsent);
    response
}

/// Promises the whole body, sends half of it and cuts the connection.
fn truncated(content_type: &'static str, body: &Bytes) -> Response {
    let half = body.slice(..body.len() / 2);
    let cut = stream::once(future::ready(Err(std::io::Error::other("cut by a fault"))));
    // The half must be flushed before the error ends the connection.
    let pause = stream::once(async {
        tokio::task::yield_now().await;
        Ok(Bytes::new())
    });
    let halves = futures::StreamExt::chain(stream::iter([Ok(half)]), futures::StreamExt::chain(pause, cut));
    let mut response = respond(200, content_type, Bytes::new());
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.body_mut() = Body::from_stream(halves);
    response
}
