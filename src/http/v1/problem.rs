//! RFC 9457 `application/problem+json` with a stable `code`; `docs/errors.md` lists them.

use std::fmt;

use actix_web::http::header::ALLOW;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::store::StoreError;

/// One refusal of `/v1`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Problem {
    /// HTTP status.
    status: u16,
    /// Stable, for programs.
    code: &'static str,
    /// Short, for people.
    title: &'static str,
    /// What is wrong with this request, and what to do.
    detail: String,
}

impl Problem {
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self { status: status.as_u16(), code, title, detail: detail.into() }
    }

    pub(super) fn bad(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, "The request cannot be understood", detail)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store_unavailable",
                "The store is unavailable",
                "send the same request again in a moment; events of it may have been stored, and with the same \
                 Idempotency-Key none counts twice",
            ),
            StoreError::KeyReused => Self::new(
                StatusCode::CONFLICT,
                "idempotency_key_reused",
                "This Idempotency-Key belongs to another request",
                error.to_string(),
            ),
            StoreError::Corrupt { .. } => {
                tracing::error!(%error, "a row cannot be read");
                Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "store_corrupt",
                    "A stored row cannot be read",
                    "tell the gateway's operator, who finds it with `wechat-gateway verify`",
                )
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if self.status == StatusCode::SERVICE_UNAVAILABLE.as_u16() {
            response.insert_header(("Retry-After", "1"));
        }
        if self.status == StatusCode::UNAUTHORIZED.as_u16() {
            response.insert_header(("WWW-Authenticate", "Bearer"));
        }
        response.content_type("application/problem+json").body(serde_json::to_vec(self).unwrap_or_default())
    }
}

/// Whatever else is asked under `/v1`.
pub(crate) async fn no_such_route() -> Result<HttpResponse, Problem> {
    Err(Problem::new(StatusCode::NOT_FOUND, "no_such_route", "There is nothing here", "see /openapi.json"))
}

/// A resource of `/v1` that has only the method `allowed`.
pub(crate) fn method_not_allowed(allowed: &Method) -> HttpResponse {
    let problem = Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "This is asked for in another way",
        format!("send it with {allowed}; see /openapi.json"),
    );
    let mut response = problem.error_response();
    // Always: a method's name can be a header's value.
    if let Ok(allowed) = allowed.as_str().parse() {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}
