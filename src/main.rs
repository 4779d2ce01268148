//! Command line: `wechat-gateway serve | check | migrate | verify`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use secrecy::ExposeSecret as _;
use wechat_gateway::app::Gateway;
use wechat_gateway::config::{Settings, environment};
use wechat_gateway::{check, store, telemetry, verify_log};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// A file over the defaults of config/default.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Receive pushes and answer them.
    Serve,
    /// Find what would fail in production, before it does.
    Check,
    /// Bring the database's tables up to date.
    Migrate,
    /// Fold the whole log again and compare it with every person's state.
    Verify,
}

#[actix_web::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments).await {
        Ok(code) => code,
        Err(error) => {
            complain(&*error);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let loaded = Settings::load(arguments.config.as_deref(), environment());
    if let Command::Check = arguments.command {
        return Ok(check::run(loaded).await);
    }
    let settings = loaded?;
    telemetry::log_lines(&settings.log)?;
    match arguments.command {
        Command::Serve => {
            let listen = settings.http.listen.clone();
            let gateway = Gateway::build(settings).await?;
            tracing::info!(listen, port = gateway.port()?, version = env!("CARGO_PKG_VERSION"), "listening");
            gateway.run().await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Migrate => {
            store::migrate(settings.store.url.expose_secret()).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Verify => verify_log::run(&settings).await,
        Command::Check => unreachable!("handled before the settings had to be valid"),
    }
}

#[expect(clippy::print_stderr, reason = "the command line's own voice")]
fn complain(error: &dyn std::error::Error) {
    eprintln!("wechat-gateway: {error}");
}
