//! `/healthz` (the process), `/readyz` (what it depends on, with reasons), `/metrics`.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::http::Parts;

/// 200 as long as the process answers.
pub(crate) async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok")
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    store: String,
    sessions: String,
}

/// 200 `ready` or `degraded` (sessions are a cache), 503 `unready` without a store.
pub(crate) async fn ready(parts: web::Data<Parts>) -> HttpResponse {
    let (store, sessions) = futures::join!(parts.ports.store.ready(), parts.ports.sessions.ping());
    let readiness = Readiness {
        status: match (&store, &sessions) {
            (Err(_), _) => "unready",
            (Ok(()), Err(_)) => "degraded",
            (Ok(()), Ok(())) => "ready",
        },
        store: store.map_or_else(|e| e.to_string(), |()| "ok".to_owned()),
        sessions: sessions.map_or_else(|e| e.to_string(), |()| "ok".to_owned()),
    };
    let mut response =
        if readiness.status == "unready" { HttpResponse::ServiceUnavailable() } else { HttpResponse::Ok() };
    response.json(readiness)
}

/// Prometheus' text format.
pub(crate) async fn metrics(parts: web::Data<Parts>) -> HttpResponse {
    parts.metrics.run_upkeep();
    for account in parts.accounts.values() {
        if let Some(age) = parts.ports.wechat.token_age(&account.app_id) {
            metrics::gauge!("gateway_token_age_seconds", "account" => account.name.to_string())
                .set(age.as_secs_f64());
        }
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(parts.metrics.render())
}
