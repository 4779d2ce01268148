//! Settings: the only reader of files and environment.
//!
//! Three layers, the later ones winning key by key: `config/default.toml` (compiled in, every key annotated), the file
//! given with `--config`, and `GATEWAY_<SECTION>__<KEY>`. The whole is validated before anything starts.
//!
//! - `sections.rs`: one type per table of `default.toml`
//! - `accounts.rs`: `[accounts.NAME]`, and what makes an account impossible
//!
//! To add a key: write it into `config/default.toml` with a comment, and into its section's type.

mod accounts;
mod sections;

pub use sections::{
    Api, ApiClient, Budget, Http, Log, LogFormat, Platform, Privacy, Profile, ProgramFiles, Quarantine,
    Sessions, Store, Verify,
};

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use self::accounts::AccountTable;
use crate::account::Account;
use crate::ledger::Program;

const DEFAULTS: &str = include_str!("../../config/default.toml");

/// The secrets of the local world: fine on the loopback, refused against the real WeChat.
const LOCAL_SECRETS: [&str; 6] = [
    "local-api-key",
    "local-privacy-key",
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
            match table.account(name, self.profile) {
                Ok(account) => self.accounts.push(Arc::new(account)),
                Err(found) => problems.extend(found.into_iter().map(|why| format!("accounts.{name}: {why}"))),
            }
        }
        if self.platform_is_real() {
            problems.extend(self.local_secrets());
        }
        problems
    }

    /// The keys that hold a secret of the local world.
    fn local_secrets(&self) -> Vec<String> {
        let accounts = self.account_tables.iter().flat_map(|(name, table)| {
            table.secrets().map(move |(key, secret)| (format!("accounts.{name}.{key}"), secret))
        });
        let clients =
            self.api.clients.iter().map(|(name, client)| (format!("api.clients.{name}.key"), &client.key));
        let privacy = [("privacy.key".to_owned(), &self.privacy.key)];
        let is_local = |secret: &SecretString| LOCAL_SECRETS.contains(&secret.expose_secret());
        let found = accounts.chain(clients).chain(privacy).filter(|(_, secret)| is_local(secret));
        found
            .map(|(key, _)| format!("{key} is the local world's: never use it against the real WeChat"))
            .collect()
    }
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
    use std::path::PathBuf;

    use super::*;
    use crate::account::Format;

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
        for key in
            ["accounts.brand.token", "accounts.shop.encoding_aes_key", "api.clients.crm.key", "privacy.key"]
        {
            assert!(error.contains(key), "{error}");
        }
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
        for secret in LOCAL_SECRETS {
            assert!(!shown.contains(secret));
        }
    }
}
