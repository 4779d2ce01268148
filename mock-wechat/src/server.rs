//! The listener: one HTTP/1.1 connection, one task.
//!
//! It is hyper and not `axum::serve`, because a fault may have to cut a connection instead of answering.

use std::{
    borrow::Borrow,
    convert::Infallible,
    future::poll_fn,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};

use crate::{
    api::{PREFIXES, Peer, Unsent, serve},
    control, page,
    platform::Platform,
};

/// Answers connections until the future is dropped.
pub(crate) async fn run(
    listener: impl Borrow<TcpListener> + Send + Sync,
    platform: Arc<Platform>,
    control_from: ControlFrom,
) -> Infallible {
    let timekeeping = platform.clone().keep_time();
    let accepting = accept(listener.borrow(), router(platform), control_from);
    tokio::select! {
        never = timekeeping => never,
        never = accepting => never,
    }
}

async fn accept(listener: &TcpListener, router: Router, control_from: ControlFrom) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                tokio::spawn(connection(stream, peer.ip(), router.clone(), control_from));
            }
            // Out of file descriptors, most likely: others may be closed meanwhile.
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

/// Who may use the control API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlFrom {
    /// This machine.
    Loopback,
    /// Whoever reaches the port.
    Anywhere,
}

impl ControlFrom {
    fn admits(self, peer: IpAddr) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Loopback => peer.to_canonical().is_loopback(),
        }
    }
}

/// All paths in one place: the control API, the page, and everything else is WeChat's.
fn router(platform: Arc<Platform>) -> Router {
    control::routes()
        .layer(from_fn_with_state(platform.clone(), page::touching))
        .layer(from_fn(control::not_for_other_sites))
        .merge(page::routes())
        .fallback(wechat)
        .with_state(platform)
}

async fn wechat(state: axum::extract::State<Arc<Platform>>, request: Request) -> Response {
    let path = request.uri().path();
    if PREFIXES.iter().any(|prefix| path.starts_with(prefix)) {
        return serve(state, request).await;
    }
    // The commonest slip of whoever leads an SDK here.
    let hint = if path.starts_with("//") { "; does the base URL end in a slash?" } else { "" };
    let message = format!("mock-wechat: {path} is neither one of WeChat's paths nor under /_mock{hint}\n");
    (StatusCode::NOT_FOUND, message).into_response()
}

async fn connection(stream: TcpStream, peer: IpAddr, router: Router, control_from: ControlFrom) {
    let _ = stream.set_nodelay(true);
    let control = control_from.admits(peer);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = TowerToHyperService::new(router.clone());
        Box::pin(async move {
            if !control && is_control(request.uri().path()) {
                return Ok(refused());
            }
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            let Ok(response) = hyper::service::Service::call(&router, request).await;
            if response.extensions().get::<Unsent>().is_some() { Err(Cut) } else { Ok(response) }
        })
    });
    let mut connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    if ended.is_err() {
        // The receiver shall see a reset and not an orderly end.
        let _ = stream.set_zero_linger();
    }
}

/// Whether a path is one that moves the world or shows all of it.
fn is_control(path: &str) -> bool {
    path == "/" || path.starts_with("/_mock")
}

fn refused() -> Response {
    let message = "the control API and the page answer this machine only; start mock-wechat with --open-control to change that\n";
    (StatusCode::FORBIDDEN, message).into_response()
}

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("cut by a fault")]
struct Cut;

/// Where a server listens.
pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_api_is_for_this_machine_unless_told_otherwise() {
        for (peer, admitted) in
            [("127.0.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("192.0.2.7", false)]
        {
            assert_eq!(ControlFrom::Loopback.admits(peer.parse().unwrap()), admitted, "{peer}");
            assert!(ControlFrom::Anywhere.admits(peer.parse().unwrap()));
        }
    }
}
