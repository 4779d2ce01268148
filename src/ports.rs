//! The ports of one gateway: everything outside that it stands on, opened as the settings say.

use std::sync::Arc;

use secrecy::ExposeSecret as _;

use crate::clock::{Clock, Entropy, SystemClock, SystemEntropy};
use crate::config::Settings;
use crate::ledger::Program;
use crate::platform::WeChat;
use crate::session::Sessions;
use crate::store::{self, Store};
use crate::{config, platform, session};

/// Why a port could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// Rules or words.
    #[error(transparent)]
    Program(#[from] config::ConfigError),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::OpenError),
    /// Sessions.
    #[error(transparent)]
    Sessions(#[from] session::OpenError),
    /// WeChat's address.
    #[error(transparent)]
    Platform(#[from] platform::SettingsError),
}

/// The ports of one gateway, opened.
#[derive(Clone)]
pub struct Ports {
    /// Rules and words.
    pub program: Arc<Program>,
    /// The durable place.
    pub store: Arc<dyn Store>,
    /// Shared short-lived state.
    pub sessions: Arc<dyn Sessions>,
    /// WeChat.
    pub wechat: Arc<WeChat>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Ports {
    /// Opens what the settings name.
    ///
    /// # Errors
    /// [`PortError`].
    pub async fn open(settings: &Settings) -> Result<Self, PortError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let program = Arc::new(settings.program()?);
        let sessions =
            session::open(settings.sessions.url.expose_secret(), &settings.sessions.prefix, clock.clone())
                .await?;
        let wechat = Arc::new(WeChat::new(
            &platform::Settings::at(&settings.platform.api),
            sessions.clone(),
            clock.clone(),
            entropy.clone(),
        )?);
        let deps = store::Deps {
            program: program.clone(),
            privacy_key: settings.privacy.key.clone(),
            entropy: entropy.clone(),
            clock: clock.clone(),
        };
        let store = store::open(settings.store.url.expose_secret(), deps).await?;
        Ok(Self { program, store, sessions, wechat, clock, entropy })
    }
}
