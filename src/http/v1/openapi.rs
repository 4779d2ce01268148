//! `/openapi.json`, written from the handlers themselves.

use actix_web::HttpResponse;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{events, persons};

#[derive(OpenApi)]
#[openapi(
    info(title = "wechat-gateway", description = "The brand's side: touchpoints in, points out."),
    paths(events::post, persons::show, persons::entries),
    modifiers(&Key)
)]
struct Document;

struct Key;

impl Modify for Key {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// OpenAPI 3.1.
pub(crate) async fn document() -> HttpResponse {
    HttpResponse::Ok().json(Document::openapi())
}
