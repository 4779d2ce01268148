//! The real binary, started, killed and started again.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{client, wait_until};

const BINARY: &str = env!("CARGO_BIN_EXE_wechat-gateway");

/// The program that `run` starts, over `dir`, told to do `command`.
fn told(mut run: Command, dir: &Path, command: &str) -> Command {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/local.toml");
    run.args([command, "--config"])
        .arg(config)
        .env("GATEWAY_STORE__URL", format!("sqlite:{}", dir.join("gateway.db").display()))
        .env("GATEWAY_QUARANTINE__DIR", dir.join("quarantine"));
    run
}

/// The binary, none of whose files may grow beyond `kib` KiB: to write there fails with EFBIG.
fn limited(kib: u64) -> Command {
    // The signal that comes with it would end a process that does not ignore it. What is ignored stays so.
    const LIMITED: &str = r#"trap '' XFSZ; ulimit -f "$1"; shift; exec "$@""#;
    let mut shell = Command::new("sh");
    // In blocks of 512 bytes.
    shell.args(["-c", LIMITED, "sh", &(2 * kib).to_string(), BINARY]);
    shell
}

/// Runs `wechat-gateway {command}` over `dir` to its end: whether it succeeded, and what it printed.
pub(crate) fn run(dir: &Path, command: &str, settings: &[(&str, String)]) -> (bool, String) {
    let output =
        told(Command::new(BINARY), dir, command).envs(settings.iter().map(|(k, v)| (k, v))).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    (output.status.success(), printed.into_owned())
}

/// A gateway process on a port of its own. Killed, not stopped, when dropped.
pub(crate) struct Process {
    child: Child,
    port: u16,
}

impl Process {
    /// Starts the binary over `dir`, and waits until it is ready.
    pub(crate) async fn start(dir: &Path, port: u16, settings: &[(&str, String)]) -> Self {
        Self::serve(Command::new(BINARY), dir, port, settings).await
    }

    /// The same on a system that lets no file of it grow beyond `kib` KiB.
    pub(crate) async fn start_limited(dir: &Path, port: u16, settings: &[(&str, String)], kib: u64) -> Self {
        Self::serve(limited(kib), dir, port, settings).await
    }

    async fn serve(run: Command, dir: &Path, port: u16, settings: &[(&str, String)]) -> Self {
        let mut command = told(run, dir, "serve");
        command
            .env("GATEWAY_HTTP__LISTEN", format!("127.0.0.1:{port}"))
            .envs(settings.iter().map(|(k, v)| (k, v)))
            .stdout(Stdio::null())
            .stderr(std::fs::File::options().create(true).append(true).open(dir.join("log")).unwrap());
        let process = Self { child: command.spawn().unwrap(), port };
        process.wait_until_ready(dir).await;
        process
    }

    async fn wait_until_ready(&self, dir: &Path) {
        let http = client();
        let url = self.url("/readyz");
        let ready = wait_until(async || http.get(&url).send().await.is_ok_and(|r| r.status().is_success()));
        if tokio::time::timeout(Duration::from_secs(15), ready).await.is_err() {
            panic!(
                "not ready within 15 s:\n{}",
                std::fs::read_to_string(dir.join("log")).unwrap_or_default()
            );
        }
    }

    /// The process's URL of `path`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// SIGKILL, and waits for the end.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and how long it took to end, and how.
    pub(crate) fn terminate(mut self) -> (Duration, std::process::ExitStatus) {
        let started = Instant::now();
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        let status = self.child.wait().unwrap();
        (started.elapsed(), status)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A port that nobody had a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
