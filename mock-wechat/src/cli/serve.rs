//! `mock-wechat serve`: be WeChat until told to stop.

use std::{
    fs,
    io::{ErrorKind, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use super::{Ended, say};
use crate::{ControlFrom, Scenario, Server, scenario::Beginning};

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "MOCK_WECHAT_LISTEN", default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// Let other machines use the control API too
    #[arg(long)]
    open_control: bool,
    /// Start with the world of this file (TOML) in the place of brand and shop
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    /// What faults by probability are drawn from: the same seed, the same faults [default: the scenario's, or 1]
    #[arg(long)]
    seed: Option<u64>,
    /// Go on with the state of this file, and save it there at the end; a file that does not exist is created
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

impl Serve {
    pub(super) async fn run(self) -> Result<Ended, String> {
        let control = if self.open_control { ControlFrom::Anywhere } else { ControlFrom::Loopback };
        let beginning = Beginning { scenario: self.scenario()?, seed: self.seed };
        let server = Server::bind_with(self.listen, control, beginning).await.map_err(|error| {
            format!("cannot listen on {}: {error}; choose another address with --listen", self.listen)
        })?;
        if let Some(path) = &self.state {
            begin_with(path, &server)?;
        }
        let address = server.address().map_err(|error| error.to_string())?;
        say(format_args!(
            "mock-wechat on http://{address}, a phone for the browser; control API under http://{address}/_mock\n\
             faults by probability are drawn from seed {}",
            server.seed()
        ));
        tokio::select! {
            never = server.run() => match never {},
            () = stopped() => {}
        }
        if let Some(path) = &self.state {
            save(path, &server)?;
            say(format_args!("state saved in {}", path.display()));
        }
        Ok(Ended::Well)
    }

    fn scenario(&self) -> Result<Option<Scenario>, String> {
        let Some(path) = &self.scenario else { return Ok(None) };
        let named = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| {
            format!("the scenario {named} cannot be read: {error}; name a file that exists with --scenario")
        })?;
        Scenario::parse(&text).map(Some).map_err(|error| format!("the scenario cannot be: {named}:{error}"))
    }
}

/// Loads the state; or saves it, where there is none yet: that it cannot be saved is better known now than at the end.
fn begin_with(path: &Path, server: &Server) -> Result<(), String> {
    let named = path.display();
    match fs::read(path) {
        Ok(state) => server.load(&state).map_err(|error| format!("{named}: {error}")),
        Err(error) if error.kind() == ErrorKind::NotFound => save(path, server),
        Err(error) => {
            Err(format!("the state {named} cannot be read: {error}; name another file with --state"))
        }
    }
}

/// Beside the old state first, so that there is always a whole one.
fn save(path: &Path, server: &Server) -> Result<(), String> {
    let state = server.state().map_err(|error| error.to_string())?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let written = fs::File::create(&beside).and_then(|mut file| {
        file.write_all(&state)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    });
    written.map_err(|error| {
        format!("the state cannot be saved in {}: {error}; name another file with --state", path.display())
    })
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
