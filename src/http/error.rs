//! What a failed callback means: its status, its label in metrics, its level in the log. One match each.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use tracing::Level;

use super::body::BodyError;
use crate::flow::FlowError;
use crate::verify::Refusal;

/// Everything that can keep a callback from being answered.
#[derive(Debug)]
pub(crate) enum CallbackError {
    /// `/wechat/{account}` of nobody. Told like every other refusal, so that names cannot be guessed.
    NoSuchAccount,
    /// The body broke a limit.
    Body(BodyError),
    /// A `Content-Encoding`: WeChat never sends one.
    Compressed,
    /// A stage refused.
    Flow(FlowError),
}

impl From<BodyError> for CallbackError {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<Refusal> for CallbackError {
    fn from(refusal: Refusal) -> Self {
        Self::Flow(FlowError::Refused(refusal))
    }
}

impl From<FlowError> for CallbackError {
    fn from(error: FlowError) -> Self {
        Self::Flow(error)
    }
}

impl CallbackError {
    fn label(&self) -> &'static str {
        match self {
            Self::NoSuchAccount => "no_such_account",
            Self::Body(BodyError::TooLarge) => "body_too_large",
            Self::Body(BodyError::TooSlow) => "body_too_slow",
            Self::Body(BodyError::Broken) => "body_broken",
            Self::Compressed => "compressed",
            Self::Flow(error) => error.label(),
        }
    }

    fn level(&self) -> Level {
        match self {
            Self::Flow(FlowError::NotStored(_) | FlowError::Late) => Level::ERROR,
            Self::Flow(FlowError::Unreadable(_)) => Level::WARN,
            Self::Flow(FlowError::Refused(_) | FlowError::WrongAccount) => Level::INFO,
            Self::NoSuchAccount | Self::Body(_) | Self::Compressed => Level::INFO,
        }
    }
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flow(error) => error.fmt(f),
            other => f.write_str(other.label()),
        }
    }
}

impl ResponseError for CallbackError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NoSuchAccount | Self::Flow(FlowError::WrongAccount) => StatusCode::FORBIDDEN,
            Self::Flow(FlowError::Refused(Refusal::Forbidden(_))) => StatusCode::FORBIDDEN,
            Self::Flow(FlowError::Refused(Refusal::Malformed(_)) | FlowError::Unreadable(_)) => {
                StatusCode::BAD_REQUEST
            }
            // WeChat tries again on anything but 200: what could not be stored must come again.
            Self::Flow(FlowError::NotStored(_) | FlowError::Late) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Body(BodyError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(BodyError::TooSlow) => StatusCode::REQUEST_TIMEOUT,
            Self::Body(BodyError::Broken) => StatusCode::BAD_REQUEST,
            Self::Compressed => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        metrics::counter!("gateway_refused_total", "reason" => self.label()).increment(1);
        match self.level() {
            Level::ERROR => {
                tracing::error!(reason = self.label(), error = %self, "a callback was not stored in time")
            }
            Level::WARN => {
                tracing::warn!(reason = self.label(), error = %self, "a signed push could not be read")
            }
            _ => tracing::info!(reason = self.label(), error = %self, "a callback was refused"),
        }
        // One body per status, so that a forger learns nothing from the difference.
        HttpResponse::build(self.status_code())
            .content_type("text/plain")
            .body(self.status_code().canonical_reason().unwrap_or_default())
    }
}
