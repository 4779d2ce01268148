//! Command line of the mock.

use std::{net::SocketAddr, process::ExitCode};

use clap::{Parser, Subcommand};
use mock_wechat::{ControlFrom, Server};
use tracing_subscriber::EnvFilter;

/// The WeChat platform on a laptop.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Be WeChat (the default)
    Serve(Serve),
}

#[derive(Debug, clap::Args)]
struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "MOCK_WECHAT_LISTEN", default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// Let other machines use the control API too
    #[arg(long)]
    open_control: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")))
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let serve = match arguments.command {
        Some(Command::Serve(serve)) => serve,
        None => arguments.serve,
    };
    match run(serve).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            tracing::error!("{message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(serve: Serve) -> Result<(), String> {
    let control = if serve.open_control { ControlFrom::Anywhere } else { ControlFrom::Loopback };
    let server = Server::bind(serve.listen, control).await.map_err(|error| {
        format!("cannot listen on {}: {error}; choose another address with --listen", serve.listen)
    })?;
    let address = server.address().map_err(|error| error.to_string())?;
    announce(address);
    tokio::select! {
        never = server.run() => match never {},
        () = stopped() => Ok(()),
    }
}

#[expect(clippy::print_stdout, reason = "the address is the program's output")]
fn announce(address: SocketAddr) {
    println!(
        "mock-wechat on http://{address}, a phone for the browser; control API under http://{address}/_mock"
    );
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
