//! Servers as child processes, and what the kernel says about them.

use std::error::Error;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::http;

/// A server that ends with this value.
pub(crate) struct Server {
    child: Child,
    log: PathBuf,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a program that will listen at `address`; what it prints goes to `log`.
    pub(crate) fn start(
        command: &mut Command,
        address: SocketAddr,
        log: &Path,
    ) -> Result<Self, Box<dyn Error>> {
        let output = File::create(log)?;
        let child = command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn()?;
        Ok(Self { child, log: log.to_owned(), address })
    }

    /// Waits until `path` answers with a 2xx.
    ///
    /// # Errors
    /// When the program ends instead, or stays silent for half a minute; with its last words.
    pub(crate) async fn ready(&mut self, path: &str) -> Result<(), Box<dyn Error>> {
        for _ in 0..600 {
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("it ended ({status}): {}", self.last_words()).into());
            }
            if http::call(self.address, "GET", path, "", "").await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Err(format!("no answer at {}{path}: {}", self.address, self.last_words()).into())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory, MiB.
    pub(crate) fn resident_mib(&self) -> Result<f64, Box<dyn Error>> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }

    /// Asks the server to end, and waits until it has. One that was built to be profiled writes then what it has counted.
    ///
    /// # Errors
    /// When it does not end within six seconds, or ends badly.
    pub(crate) fn end(&mut self) -> Result<(), Box<dyn Error>> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("it had ended before ({status}): {}", self.last_words()).into());
        }
        // The shell's own kill: a program of that name is not on every machine.
        Command::new("sh").arg("-c").arg(format!("kill {}", self.pid())).status()?;
        for _ in 0..TO_END {
            match self.child.try_wait()? {
                None => std::thread::sleep(Duration::from_millis(50)),
                Some(status) if status.success() => return Ok(()),
                Some(status) => {
                    return Err(format!("it ended badly ({status}): {}", self.last_words()).into());
                }
            }
        }
        Err(format!("it does not end: {}", self.last_words()).into())
    }

    /// The end of what it printed.
    pub(crate) fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }
}

/// How long a server may take to end, in twentieths of a second: all have less to do than the gateway, which has 4.5 s.
const TO_END: u32 = 120;

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// An address of this machine that nobody listens on.
pub(crate) fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

/// CPU time that the processes and their living children have had so far, us. Children are counted because PostgreSQL
/// has a process for each connection.
pub(crate) fn cpu_us(pids: &[u32]) -> Result<u64, Box<dyn Error>> {
    let mut ticks = 0;
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // A process may end between the listing and the reading.
        let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        // The second field, the name in parentheses, may hold anything.
        let Some((_, fields)) = stat.rsplit_once(") ") else { continue };
        let fields: Vec<&str> = fields.split(' ').collect();
        let parent = fields[1].parse()?;
        if pids.contains(&pid) || pids.contains(&parent) {
            ticks += fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
        }
    }
    // Linux reports in hundredths of a second on every architecture (USER_HZ).
    Ok(ticks * 10_000)
}

/// Waits until the disk has whatever anybody has left it to write: a turn shall not pay for the one before it.
pub(crate) fn settle_disk() -> Result<(), Box<dyn Error>> {
    let status = Command::new("sync").status().map_err(|error| format!("sync: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("sync: {status}").into()) }
}
