//! Addresses.

use serde_json::json;

use super::{
    call::{Answer, Call},
    error::ApiError,
};
use crate::{platform::Platform, world::Registered};

/// `GET /cgi-bin/getcallbackip`: where pushes come from; entries may be networks.
pub(super) fn callback_ips(_: &Platform, _: &Call, _: &Registered) -> Result<Answer, ApiError> {
    Answer::json(&json!({"ip_list": ["127.0.0.1", "127.0.0.0/8"]}))
}

/// `GET /cgi-bin/get_api_domain_ip`: where the API is.
pub(super) fn api_domain_ips(_: &Platform, _: &Call, _: &Registered) -> Result<Answer, ApiError> {
    Answer::json(&json!({"ip_list": ["127.0.0.1"]}))
}
