//! Stage 0, and the only place that names actix: requests in, responses out.
//!
//! - `callback.rs`: `GET` and `POST /wechat/{account}`
//! - `body.rs`: a body within its limits of size and time
//! - `v1/`: the brand's API, one file per resource
//! - `health.rs`: `/healthz`, `/readyz`, `/metrics`
//! - `parts.rs`: what the handlers may reach
//! - `error.rs`: what a failure means to its caller
//!
//! All routes stand here. To add a resource: write its handler in `v1/`, add its route below, and its path to
//! `v1/openapi.rs` and to the test that lists the paths there.

mod body;
mod callback;
mod error;
mod health;
mod parts;
mod v1;

pub(crate) use parts::Parts;

use std::future::{Future, ready};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::{App, FromRequest, Handler, HttpServer, Resource, Responder, web};

use crate::config::Http;

/// Every route of the gateway.
fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/wechat/{account}")
                .route(web::post().to(callback::push))
                .route(web::get().to(callback::echo)),
        )
        .service(
            web::scope("/v1")
                .service(only(Method::POST, "/events", v1::events::post))
                .service(only(Method::GET, "/persons/{who}", v1::persons::show))
                .service(only(Method::GET, "/persons/{who}/entries", v1::persons::entries))
                .default_service(web::to(v1::problem::no_such_route)),
        )
        .route("/openapi.json", web::get().to(v1::openapi::document))
        .route("/healthz", web::get().to(health::alive))
        .route("/readyz", web::get().to(health::ready))
        .route("/metrics", web::get().to(health::metrics));
}

/// A resource of the API: `method` leads to `handler`, every other one to a problem.
fn only<F, Args>(method: Method, path: &str, handler: F) -> Resource
where
    F: Handler<Args, Output: Responder + 'static>,
    Args: FromRequest + 'static,
{
    web::resource(path)
        .route(web::method(method.clone()).to(handler))
        .default_service(web::to(move || ready(v1::problem::method_not_allowed(&method))))
}

/// Answers on `listener` until `stop` resolves, then finishes what is in hand within `drain_ms`.
///
/// # Errors
/// When the listener cannot be used, or the server breaks.
pub(crate) async fn serve(
    parts: Arc<Parts>,
    settings: &Http,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let workers = match settings.workers {
        0 => std::thread::available_parallelism().map_or(2, usize::from),
        workers => workers,
    };
    let parts = web::Data::from(parts);
    HttpServer::new(move || App::new().app_data(parts.clone()).configure(routes))
        .workers(workers)
        .max_connections(settings.max_connections)
        .backlog(4096)
        .keep_alive(Duration::from_secs(15))
        .client_request_timeout(Duration::from_secs(5))
        .shutdown_timeout(settings.drain_ms / 1000)
        .shutdown_signal(stop)
        .listen(listener)?
        .run()
        .await
}
