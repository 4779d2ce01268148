//! Both programs as `scripts/dev` starts them, on free ports, with their data in a temporary folder.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

use tempfile::TempDir;

use crate::tree;

/// A running `scripts/dev`; stopped when dropped.
pub(crate) struct LocalWorld {
    /// `127.0.0.1:PORT`
    pub(crate) gateway: String,
    /// `127.0.0.1:PORT`
    pub(crate) mock: String,
    /// What it printed when both were ready.
    pub(crate) lines: Vec<String>,
    _data: TempDir,
    dev: Child,
    stdout: BufReader<ChildStdout>,
}

impl LocalWorld {
    pub(crate) fn start() -> Self {
        let (gateway, mock) = (free_address(), free_address());
        let data = tempfile::tempdir().unwrap();
        let mut dev = dev(&gateway, &mock)
            .env("DEV_DATA", data.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(dev.stdout.take().unwrap());
        let mut lines = Vec::new();
        while lines.len() < 3 {
            let mut line = String::new();
            if stdout.read_line(&mut line).unwrap() == 0 {
                let mut said = String::new();
                dev.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                panic!("scripts/dev ended before both programs were ready:\n{said}");
            }
            if !line.starts_with("==>") {
                lines.push(line.trim_end().to_owned());
            }
        }
        Self { gateway, mock, lines, _data: data, dev, stdout }
    }

    /// Runs what a README says, on the ports of this world. Every `curl` in it fails on a status of 400 or more.
    pub(crate) fn run(&self, commands: &str) -> String {
        let commands =
            commands.replace("127.0.0.1:8080", &self.gateway).replace("127.0.0.1:9090", &self.mock);
        let strict = "curl() { command curl --silent --show-error --fail-with-body \"$@\"; }";
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &format!("{strict}\n{commands}")])
            .current_dir(tree::root())
            .output()
            .unwrap();
        said_by(&output, &commands)
    }

    /// Ctrl-C, as a service manager says it.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        Command::new("kill").args(["-TERM", &self.dev.id().to_string()]).status().unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        self.dev.wait().unwrap()
    }
}

impl Drop for LocalWorld {
    fn drop(&mut self) {
        if self.dev.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.stop();
        }
    }
}

/// `scripts/dev` at these two addresses, not started yet.
pub(crate) fn dev(gateway: &str, mock: &str) -> Command {
    let mut dev = Command::new("scripts/dev");
    dev.current_dir(tree::root()).env("GATEWAY_HTTP__LISTEN", gateway).env("MOCK_WECHAT_LISTEN", mock);
    // What cargo tells a test about itself would make it build everything anew for scripts/dev.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let told = name.starts_with("CARGO") && !["CARGO_HOME", "CARGO_TARGET_DIR"].contains(&name.as_str());
        if told || name.starts_with("NEXTEST") {
            dev.env_remove(name);
        }
    }
    dev
}

/// `127.0.0.1:PORT` of a port that nobody had a moment ago.
pub(crate) fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// What a command that must succeed printed.
#[track_caller]
pub(crate) fn said_by(output: &Output, command: &str) -> String {
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command}\nended with {}\n{said}\n{complained}", output.status);
    said.into_owned()
}
