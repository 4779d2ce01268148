//! `Authorization: Bearer KEY`: which system of the brand is calling.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, web};
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

use super::problem::Problem;
use crate::http::Parts;

/// A system of the brand, known by its key.
pub(crate) struct Client {
    /// Its name in `[api.clients]`.
    pub(super) name: String,
    /// Legal basis of events that name none.
    pub(super) basis: Option<String>,
}

impl FromRequest for Client {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).ok_or_else(|| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "Who is calling?",
                "send Authorization: Bearer with a key of [api.clients]",
            )
        }))
    }
}

/// Compares with every key, whichever matches: the time taken tells nothing about any of them.
fn authenticate(request: &HttpRequest) -> Option<Client> {
    let parts = request.app_data::<web::Data<Parts>>()?;
    let header = request.headers().get("Authorization")?.to_str().ok()?;
    let key = header.strip_prefix("Bearer ")?.trim().as_bytes();
    let mut found = None;
    for (name, client) in &parts.api.clients {
        if bool::from(client.key.expose_secret().as_bytes().ct_eq(key)) {
            found = Some(Client { name: name.clone(), basis: client.basis.clone() });
        }
    }
    found
}
