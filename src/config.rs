//! Settings: the only reader of files and environment.
//!
//! Three layers, the later ones winning key by key: `config/default.toml` (compiled in, every key annotated), the file
//! given with `--config`, and `GATEWAY_<SECTION>__<KEY>`. The whole is validated before anything starts.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::account::{Account, AccountKind, Format, Lang, Mode};
use crate::ids::AppId;
use crate::ledger::Program;

const DEFAULTS: &str = include_str!("../config/default.toml");

/// The secrets of the local world: fine on the loopback, refused against the real WeChat.
const LOCAL_SECRETS: [&str; 4] = [
    "localtoken",
    "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "00000000000000000000000000000aaa",
    "00000000000000000000000000000bbb",
];

/// Why the gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that cannot be read.
    #[error("{file}: {why}")]
    File {
        /// Its path.
        file: String,
        /// The system's words.
        why: String,
    },
    /// A layer that cannot be parsed, or a key that is missing, unknown or of the wrong type.
    #[error("configuration: {0}; config/default.toml lists every key")]
    Shape(#[from] config::ConfigError),
    /// Settings that fit their types and still cannot work. One line each.
    #[error("configuration:\n  {}", .0.join("\n  "))]
    Invalid(Vec<String>),
    /// `program.toml` or `messages.toml`.
    #[error("{0}")]
    Program(String),
}

/// How strict to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Safe mode only.
    Production,
    /// Anything goes, on the loopback.
    Local,
}

/// All settings, validated.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How strict to be.
    pub profile: Profile,
    /// The listener.
    pub http: Http,
    /// Stage 1.
    pub verify: Verify,
    /// Time per callback.
    pub budget: Budget,
    /// The durable store.
    pub store: Store,
    /// Shared short-lived state.
    pub sessions: Sessions,
    /// WeChat's API.
    pub platform: Platform,
    /// Rules and words.
    pub program: ProgramFiles,
    /// Digests of erased names.
    pub privacy: Privacy,
    /// Pushes kept for inspection.
    pub quarantine: Quarantine,
    /// Log lines.
    pub log: Log,
    /// Who may call `/v1`.
    #[serde(default)]
    pub api: Api,
    /// Accounts by name.
    #[serde(default, rename = "accounts")]
    account_tables: BTreeMap<String, AccountTable>,
    /// The same accounts, validated.
    #[serde(skip)]
    pub accounts: Vec<Arc<Account>>,
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountTable {
    kind: AccountKind,
    app_id: String,
    secret: SecretString,
    original_id: String,
    token: SecretString,
    previous_token: Option<SecretString>,
    encoding_aes_key: Option<SecretString>,
    previous_encoding_aes_key: Option<SecretString>,
    #[serde(default = "safe")]
    mode: Mode,
    #[serde(default = "xml")]
    format: Format,
    #[serde(default)]
    lang: Lang,
    #[serde(default)]
    allow_plain: bool,
}

fn safe() -> Mode {
    Mode::Safe
}

fn xml() -> Format {
    Format::Xml
}

/// The environment as the process sees it: given to [`Settings::load`] by `main` alone.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn environment() -> HashMap<String, String> {
    std::env::vars().collect()
}

impl Settings {
    /// Reads and validates everything.
    ///
    /// # Errors
    /// [`ConfigError`] naming the key, or every key that cannot work.
    pub fn load(file: Option<&Path>, environment: HashMap<String, String>) -> Result<Self, ConfigError> {
        let mut layers =
            config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml));
        if let Some(file) = file {
            let text = read(file)?;
            layers = layers.add_source(config::File::from_str(&text, config::FileFormat::Toml));
        }
        let overrides = config::Environment::with_prefix("GATEWAY")
            .prefix_separator("_")
            .separator("__")
            .source(Some(environment));
        let mut settings: Self = layers.add_source(overrides).build()?.try_deserialize()?;
        let problems = settings.validate();
        if problems.is_empty() { Ok(settings) } else { Err(ConfigError::Invalid(problems)) }
    }

    /// Compiles rules and words: the files named in `[program]`, or the stock ones.
    ///
    /// # Errors
    /// [`ConfigError`] with file, line and column.
    pub fn program(&self) -> Result<Program, ConfigError> {
        let rules = stock_or(&self.program.rules, "config/program.toml", Program::STOCK_RULES)?;
        let words = stock_or(&self.program.messages, "config/messages.toml", Program::STOCK_MESSAGES)?;
        Program::load((&rules.0, &rules.1), (&words.0, &words.1))
            .map_err(|error| ConfigError::Program(error.to_string()))
    }

    /// True where WeChat itself is asked, not a mock.
    #[must_use]
    pub fn platform_is_real(&self) -> bool {
        self.platform.api.contains("weixin.qq.com")
    }

    fn validate(&mut self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.privacy.key.expose_secret().len() < 16 {
            problems.push("privacy.key must have at least 16 characters".to_owned());
        }
        if self.platform.api.ends_with('/') || !self.platform.api.starts_with("http") {
            problems.push("platform.api must be a URL without a trailing slash".to_owned());
        }
        for (name, client) in &self.api.clients {
            if client.key.expose_secret().len() < 8 {
                problems.push(format!("api.clients.{name}.key must have at least 8 characters"));
            }
        }
        if self.budget.total_ms >= 5_000 {
            problems.push(format!(
                "budget.total_ms is {}, but WeChat hangs up at 5000; 4000 leaves room for the way back",
                self.budget.total_ms
            ));
        }
        for (name, table) in &self.account_tables {
            match self.account(name, table) {
                Ok(account) => self.accounts.push(Arc::new(account)),
                Err(found) => problems.extend(found.into_iter().map(|why| format!("accounts.{name}: {why}"))),
            }
        }
        problems
    }

    fn account(&self, name: &str, table: &AccountTable) -> Result<Account, Vec<String>> {
        let mut problems = Vec::new();
        let app_id = AppId::parse(&table.app_id).map_err(|e| vec![format!("app_id: {e}")])?;
        let tokens: Vec<_> =
            [Some(&table.token), table.previous_token.as_ref()].into_iter().flatten().collect();
        let keys: Vec<_> = [table.encoding_aes_key.as_ref(), table.previous_encoding_aes_key.as_ref()]
            .into_iter()
            .flatten()
            .collect();
        if !tokens.iter().all(|t| is_alphanumeric(t, 3..=32)) {
            problems.push("token must be 3 to 32 letters and digits".to_owned());
        }
        if !keys.iter().all(|k| is_alphanumeric(k, 43..=43)) {
            problems.push("encoding_aes_key must be 43 letters and digits".to_owned());
        }
        if table.mode != Mode::Plain && keys.is_empty() {
            problems.push("encoding_aes_key is required in safe and compatible mode".to_owned());
        }
        if table.mode == Mode::Plain && self.profile == Profile::Production && !table.allow_plain {
            problems.push(
                "mode = \"plain\" does not sign the body; choose safe mode in WeChat's console, or set allow_plain = true"
                    .to_owned(),
            );
        }
        if table.kind == AccountKind::OfficialAccount && table.format == Format::Json {
            problems
                .push("format = \"json\" is for mini-programs; an Official Account pushes XML".to_owned());
        }
        let secrets = tokens.iter().chain(&keys).copied().chain([&table.secret]);
        if self.platform_is_real() && secrets.into_iter().any(|s| LOCAL_SECRETS.contains(&s.expose_secret()))
        {
            problems.push(
                "token, key or secret of the local world: never use it against the real WeChat".to_owned(),
            );
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Account {
            name: name.into(),
            app_id,
            kind: table.kind,
            original_id: table.original_id.as_str().into(),
            secret: table.secret.clone(),
            tokens: tokens.into_iter().cloned().collect(),
            aes_keys: keys.into_iter().cloned().collect(),
            mode: table.mode,
            format: table.format,
            lang: table.lang,
        })
    }
}

fn is_alphanumeric(secret: &SecretString, length: std::ops::RangeInclusive<usize>) -> bool {
    let text = secret.expose_secret();
    length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn read(file: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(file)
        .map_err(|e| ConfigError::File { file: file.display().to_string(), why: e.to_string() })
}

fn stock_or(file: &Path, stock_name: &str, stock: &str) -> Result<(String, String), ConfigError> {
    if file.as_os_str().is_empty() {
        Ok((stock_name.to_owned(), stock.to_owned()))
    } else {
        Ok((file.display().to_string(), read(file)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("config/local.toml")
    }

    fn environment(pairs: &[(&str, &str)]) -> HashMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn the_local_world_loads() {
        let settings = Settings::load(Some(&local()), HashMap::new()).unwrap();
        assert_eq!(settings.accounts.len(), 2);
        assert_eq!(&*settings.accounts[0].name, "brand");
        assert_eq!(settings.accounts[1].format, Format::Json);
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let over = environment(&[
            ("GATEWAY_HTTP__LISTEN", "127.0.0.1:0"),
            ("GATEWAY_ACCOUNTS__BRAND__TOKEN", "othertoken"),
        ]);
        let settings = Settings::load(Some(&local()), over).unwrap();
        assert_eq!(settings.http.listen, "127.0.0.1:0");
        assert_eq!(settings.accounts[0].tokens[0].expose_secret(), "othertoken");
    }

    #[test]
    fn no_secret_has_a_default() {
        let error = Settings::load(None, HashMap::new()).unwrap_err().to_string();
        assert!(error.contains("key"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let over = environment(&[("GATEWAY_HTTP__LISTNE", "x")]);
        let error = Settings::load(Some(&local()), over).unwrap_err().to_string();
        assert!(error.contains("listne"), "{error}");
    }

    #[test]
    fn the_local_secrets_are_refused_against_the_real_wechat() {
        let over = environment(&[("GATEWAY_PLATFORM__API", "https://api.weixin.qq.com")]);
        let error = Settings::load(Some(&local()), over).unwrap_err().to_string();
        assert!(error.contains("accounts.brand") && error.contains("local world"), "{error}");
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let over = environment(&[
            ("GATEWAY_PROFILE", "production"),
            ("GATEWAY_ACCOUNTS__BRAND__MODE", "plain"),
            ("GATEWAY_ACCOUNTS__SHOP__ENCODING_AES_KEY", "short"),
            ("GATEWAY_BUDGET__TOTAL_MS", "9000"),
        ]);
        let error = Settings::load(Some(&local()), over).unwrap_err().to_string();
        for part in ["allow_plain", "accounts.shop: encoding_aes_key", "hangs up at 5000"] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn settings_never_print_a_secret() {
        let shown = format!("{:?}", Settings::load(Some(&local()), HashMap::new()).unwrap());
        for secret in LOCAL_SECRETS.iter().chain(&["local-api-key", "local-privacy-key"]) {
            assert!(!shown.contains(secret));
        }
    }
}
