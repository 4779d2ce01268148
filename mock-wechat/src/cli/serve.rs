//! `mock-wechat serve`: be WeChat until told to stop.

use std::net::SocketAddr;

use super::{Ended, say};
use crate::{ControlFrom, Server};

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "MOCK_WECHAT_LISTEN", default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// Let other machines use the control API too
    #[arg(long)]
    open_control: bool,
}

impl Serve {
    pub(super) async fn run(self) -> Result<Ended, String> {
        let control = if self.open_control { ControlFrom::Anywhere } else { ControlFrom::Loopback };
        let server = Server::bind(self.listen, control).await.map_err(|error| {
            format!("cannot listen on {}: {error}; choose another address with --listen", self.listen)
        })?;
        let address = server.address().map_err(|error| error.to_string())?;
        say(format_args!(
            "mock-wechat on http://{address}, a phone for the browser; control API under http://{address}/_mock"
        ));
        tokio::select! {
            never = server.run() => match never {},
            () = stopped() => Ok(Ended::Well),
        }
    }
}

/// SIGINT or SIGTERM.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
