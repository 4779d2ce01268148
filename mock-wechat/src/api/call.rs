//! A request as the handlers see it, and what they answer.

use std::net::IpAddr;

use axum::{
    extract::Query,
    http::{HeaderMap, HeaderName, Uri, header},
};
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use super::error::{ApiError, BAD_JSON, EMPTY_POST, SYSTEM_ERROR};
use crate::{
    page::{PHONE, cookie},
    platform::Platform,
    push::Push,
    world::{Registered, account::Kind},
};

/// One API: its path and what handles it.
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) handler: Handler,
}

/// A handler, by what it needs.
pub(super) enum Handler {
    /// Checks its caller itself (by appid and secret).
    Open(fn(&Platform, &Call) -> Result<Answer, ApiError>),
    /// Is called with the account of a valid access token.
    Account(Who, fn(&Platform, &Call, &Registered) -> Result<Answer, ApiError>),
    /// Is called with the third-party platform of a valid component token.
    Component(fn(&Platform, &Call, &Registered) -> Result<Answer, ApiError>),
}

/// Which kinds of account may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    OfficialAccount,
    MiniProgram,
    Both,
}

/// A request, read whole.
#[derive(Debug)]
pub(super) struct Call {
    query: Vec<(String, String)>,
    body: Bytes,
    /// Unix seconds of the mock's clock.
    pub(super) now: i64,
    /// Where it comes from.
    pub(super) peer: IpAddr,
    /// Whose phone the calling browser showed last, where a browser calls.
    pub(super) phone: Option<String>,
}

/// A successful answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: Bytes,
    /// Where it is not JSON of the path's family: an image, a page, a redirection.
    pub(super) other: Option<Other>,
    /// What WeChat tells accounts' servers afterwards.
    pub(super) pushes: Vec<Push>,
}

/// An answer that is no JSON.
#[derive(Debug)]
pub(super) struct Other {
    pub(super) status: u16,
    /// Headers, the content type among them.
    pub(super) headers: Vec<(HeaderName, String)>,
}

impl Route {
    pub(super) const fn open(
        method: &'static str,
        path: &'static str,
        handler: fn(&Platform, &Call) -> Result<Answer, ApiError>,
    ) -> Self {
        Self { method, path, handler: Handler::Open(handler) }
    }

    pub(super) const fn get(
        path: &'static str,
        who: Who,
        handler: fn(&Platform, &Call, &Registered) -> Result<Answer, ApiError>,
    ) -> Self {
        Self { method: "GET", path, handler: Handler::Account(who, handler) }
    }

    pub(super) const fn post(
        path: &'static str,
        who: Who,
        handler: fn(&Platform, &Call, &Registered) -> Result<Answer, ApiError>,
    ) -> Self {
        Self { method: "POST", path, handler: Handler::Account(who, handler) }
    }

    /// For what third-party platforms call on their own behalf.
    pub(super) const fn component(
        method: &'static str,
        path: &'static str,
        handler: fn(&Platform, &Call, &Registered) -> Result<Answer, ApiError>,
    ) -> Self {
        Self { method, path, handler: Handler::Component(handler) }
    }

    /// For what SDKs call with either method.
    pub(super) const fn either(
        path: &'static str,
        who: Who,
        handler: fn(&Platform, &Call, &Registered) -> Result<Answer, ApiError>,
    ) -> Self {
        Self { method: "GET or POST", path, handler: Handler::Account(who, handler) }
    }
}

impl Who {
    pub(super) fn includes(self, kind: Kind) -> bool {
        match self {
            Self::OfficialAccount => kind == Kind::OfficialAccount,
            Self::MiniProgram => kind == Kind::MiniProgram,
            Self::Both => kind != Kind::Component,
        }
    }
}

impl Call {
    pub(super) fn new(uri: &Uri, headers: &HeaderMap, body: Bytes, peer: IpAddr, now: i64) -> Self {
        let query = |uri: &Uri| {
            Query::<Vec<(String, String)>>::try_from_uri(uri).map(|query| query.0).unwrap_or_default()
        };
        // The cookie's value is encoded as a query's is.
        let phone = cookie(headers, PHONE).and_then(|name| format!("/?phone={name}").parse::<Uri>().ok());
        let phone = phone.and_then(|uri| query(&uri).into_iter().next()).map(|(_, name)| name);
        Self { query: query(uri), body, now, peer, phone }
    }

    /// A query parameter; an empty one counts as missing.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, value)| value.as_str())
    }

    /// What a third-party platform proves itself with; the newer documents call it `access_token` too.
    pub(super) fn component_token(&self) -> Option<&str> {
        self.param("component_access_token").or_else(|| self.param("access_token"))
    }

    pub(super) fn query(&self) -> &[(String, String)] {
        &self.query
    }

    pub(super) fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as a JSON object, whatever its content type says: several SDKs send none or a wrong one.
    pub(super) fn json(&self) -> Result<Map<String, Value>, ApiError> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Err(EMPTY_POST);
        }
        serde_json::from_slice(&self.body).map_err(|_| BAD_JSON)
    }
}

impl Answer {
    /// Any value as JSON.
    pub(super) fn json(value: &impl Serialize) -> Result<Self, ApiError> {
        serde_json::to_vec(value).map(Self::of).map_err(|_| SYSTEM_ERROR)
    }

    /// What every "do something" call answers.
    pub(super) fn ok() -> Self {
        Self::of(&br#"{"errcode":0,"errmsg":"ok"}"#[..])
    }

    /// Bytes of a content type of their own.
    pub(super) fn file(content_type: &str, bytes: impl Into<Bytes>) -> Self {
        Self::of(bytes).with_status(200).with_header(header::CONTENT_TYPE, content_type)
    }

    /// A page for a person.
    pub(super) fn page(status: u16, html: impl Into<Bytes>) -> Self {
        Self::of(html).with_status(status).with_header(header::CONTENT_TYPE, "text/html; charset=utf-8")
    }

    /// Sends a browser elsewhere.
    pub(super) fn redirect(to: &str) -> Self {
        Self::of("").with_status(302).with_header(header::LOCATION, to)
    }

    pub(super) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        self.other().headers.push((name, value.to_owned()));
        self
    }

    /// Lets this be pushed once the call is answered.
    pub(super) fn then(mut self, pushes: impl IntoIterator<Item = Push>) -> Self {
        self.pushes.extend(pushes);
        self
    }

    fn of(body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), other: None, pushes: Vec::new() }
    }

    fn with_status(mut self, status: u16) -> Self {
        self.other().status = status;
        self
    }

    fn other(&mut self) -> &mut Other {
        self.other.get_or_insert_with(|| Other { status: 200, headers: Vec::new() })
    }
}
