//! One type per table of `config/default.toml`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

/// How strict to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Safe mode only.
    Production,
    /// Anything goes, on the loopback.
    Local,
}

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Address and port.
    pub listen: String,
    /// Threads; 0 for one per core.
    pub workers: usize,
    /// Per worker.
    pub max_connections: usize,
    /// Bytes of a callback's body.
    pub body_limit: usize,
    /// Milliseconds for a callback's body.
    pub body_timeout_ms: u64,
    /// Milliseconds for what is in hand at a stop.
    pub drain_ms: u64,
}

/// `[verify]`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// Seconds, either way.
    pub window_s: u64,
    /// Signatures remembered.
    pub replay_capacity: usize,
}

impl From<Verify> for crate::verify::Settings {
    fn from(verify: Verify) -> Self {
        Self { window: Duration::from_secs(verify.window_s), replay_capacity: verify.replay_capacity }
    }
}

/// `[budget]`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Milliseconds to find out who it is.
    pub who_ms: u64,
    /// Milliseconds to settle.
    pub settle_ms: u64,
    /// Milliseconds from the first byte to the answer.
    pub total_ms: u64,
}

impl Budget {
    /// Time to find out who it is.
    #[must_use]
    pub fn who(&self) -> Duration {
        Duration::from_millis(self.who_ms)
    }

    /// Time to settle.
    #[must_use]
    pub fn settle(&self) -> Duration {
        Duration::from_millis(self.settle_ms)
    }

    /// Time for everything.
    #[must_use]
    pub fn total(&self) -> Duration {
        Duration::from_millis(self.total_ms)
    }
}

/// `[store]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// `sqlite:` or `postgres:`; a secret, for it may hold a password.
    pub url: SecretString,
}

/// `[sessions]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// `memory:`, `redis:` or `redis+cluster:`; a secret, for it may hold a password.
    pub url: SecretString,
    /// Before every key.
    pub prefix: String,
}

/// `[platform]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Base URL without a trailing slash.
    pub api: String,
}

/// `[program]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgramFiles {
    /// Path, or empty.
    pub rules: PathBuf,
    /// Path, or empty.
    pub messages: PathBuf,
}

/// `[privacy]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// At least 16 characters.
    pub key: SecretString,
}

/// `[quarantine]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quarantine {
    /// Folder, or empty.
    pub dir: PathBuf,
    /// Files.
    pub keep: usize,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// JSON or pretty.
    pub format: LogFormat,
    /// Level or filter.
    pub level: String,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

/// `[api]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Clients by name.
    #[serde(default)]
    pub clients: BTreeMap<String, ApiClient>,
}

/// `[api.clients.NAME]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiClient {
    /// Bearer token.
    pub key: SecretString,
    /// Legal basis of events that name none.
    pub basis: Option<String>,
}
