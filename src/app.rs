//! Composition root: settings become ports, ports become a gateway.

use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;

use crate::answer::Outbox;
use crate::config::{Http, Settings};
use crate::flow::Flow;
use crate::http::Parts;
use crate::identity::Resolver;
use crate::platform::Platform;
use crate::ports::{PortError, Ports};
use crate::quarantine::Quarantine;
use crate::telemetry::{self, Stages};
use crate::verify::Verifier;
use crate::{http, identity, verify};

/// Why a gateway could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something that it stands on.
    #[error(transparent)]
    Port(#[from] PortError),
    /// A token or key that cannot be used.
    #[error("accounts: {0}")]
    Keys(#[from] verify::KeyError),
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {why}; choose another with GATEWAY_HTTP__LISTEN")]
    Listen {
        /// `http.listen`
        address: String,
        /// The system's words.
        why: std::io::Error,
    },
    /// The quarantine's folder.
    #[error("quarantine.dir: {0}")]
    Quarantine(std::io::Error),
    /// Metrics.
    #[error("metrics: {0}")]
    Metrics(String),
}

/// A gateway that listens; [`Gateway::run`] makes it answer.
pub struct Gateway {
    parts: Arc<Parts>,
    outbox: Arc<Outbox>,
    listener: TcpListener,
    http: Http,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("listener", &self.listener).finish_non_exhaustive()
    }
}

impl Gateway {
    /// Opens every port, binds the listener, and answers nothing yet.
    ///
    /// # Errors
    /// [`StartError`], saying what to change.
    pub async fn build(settings: Settings) -> Result<Self, StartError> {
        let ports = Ports::open(&settings).await?;
        let metrics = telemetry::metrics().map_err(StartError::Metrics)?;
        let wechat: Arc<dyn Platform> = ports.wechat.clone();
        let resolver =
            Arc::new(Resolver::new(ports.sessions.clone(), wechat.clone(), identity::Settings::default()));
        let outbox = Arc::new(Outbox::new(
            ports.store.clone(),
            wechat,
            resolver.clone(),
            &settings.accounts,
            ports.clock.clone(),
        ));
        let flow = Flow {
            verifier: Verifier::new(settings.verify.into(), settings.accounts.iter().map(AsRef::as_ref))?,
            resolver,
            store: ports.store.clone(),
            outbox: outbox.clone(),
            quarantine: Quarantine::open(&settings.quarantine.dir, settings.quarantine.keep)
                .map_err(StartError::Quarantine)?,
            entropy: ports.entropy.clone(),
            clock: ports.clock.clone(),
            budget: settings.budget,
            stages: Stages::register(),
        };
        let listener = TcpListener::bind(&settings.http.listen)
            .map_err(|why| StartError::Listen { address: settings.http.listen.clone(), why })?;
        let accounts = settings.accounts.iter().map(|a| (a.name.to_string(), a.clone())).collect();
        let http = settings.http.clone();
        let clock = ports.clock.clone();
        let parts = Parts { accounts, flow, ports, clock, http: http.clone(), api: settings.api, metrics };
        Ok(Self { parts: Arc::new(parts), outbox, listener, http })
    }

    /// The port that it listens on, also when `http.listen` said 0.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn port(&self) -> std::io::Result<u16> {
        Ok(self.listener.local_addr()?.port())
    }

    /// Answers until SIGTERM or SIGINT, then finishes what is in hand within `http.drain_ms`.
    ///
    /// # Errors
    /// When the server breaks.
    pub async fn run(self) -> std::io::Result<()> {
        self.run_until(termination()).await
    }

    /// The same, until `signal` resolves.
    ///
    /// # Errors
    /// When the server breaks.
    pub async fn run_until(self, signal: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        let outbox = self.outbox;
        let errands = tokio::spawn(async move { outbox.run().await });
        let metrics = tokio::spawn(telemetry::keep_metrics(self.parts.metrics.clone()));
        let ended = http::serve(self.parts, &self.http, self.listener, signal).await;
        errands.abort();
        metrics.abort();
        tracing::info!("stopped");
        ended
    }
}

/// Resolves on the first SIGTERM or SIGINT.
async fn termination() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
    tracing::info!("draining");
}
