//! The pools, the migrations, the partitions.

use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
    Timeouts,
};
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

use super::super::{OpenError, StoreError};
use super::limits::TASKS;
use super::security::{self, Security};
use super::unavailable;

/// Versions that were never released.
const UNRELEASED: i64 = 1;
/// The versions after those.
const MIGRATIONS: [&str; 1] = [include_str!("../migrations/postgres/0002_log.sql")];
const PARTITIONS: &str = include_str!("../migrations/postgres/partitions.sql");
const PARTITIONS_EVERY: Duration = Duration::from_secs(12 * 3_600);

/// Connections of one gateway at most, besides those that settle: for `/v1`, readiness and the outbox.
const CONNECTIONS: usize = 8;
/// How long a connection is waited for by who settles, well inside the half second that a callback can spare.
const CONNECT: Duration = Duration::from_millis(300);
/// The same by whoever else there is: no callback waits for them, and a busy server may need longer for a new one.
const OTHER_CONNECT: Duration = Duration::from_secs(2);
/// The same at the start and for migrations.
const FIRST_CONNECT: Duration = Duration::from_secs(5);

/// What every connection is set to.
///
/// A commit is on the disk before anybody is answered. Nobody waits long for a lock, so that others are not kept waiting
/// for whoever does, and a gateway that hangs in the
/// middle of a transaction loses its locks. Every statement goes by key, whatever the statistics of young tables say.
const SETTINGS: &str = "SET synchronous_commit = on; SET lock_timeout = 100; SET statement_timeout = 5000;
     SET idle_in_transaction_session_timeout = 2000; SET plan_cache_mode = force_generic_plan;
     SET jit = off; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

/// A database on a server, and connections to it.
#[derive(Clone)]
pub(super) struct Server {
    config: Config,
    security: Security,
    pool: Pool,
    /// One connection for each task that settles.
    settling: Pool,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Server({})", place(&self.config))
    }
}

impl Server {
    /// Connects to nothing yet.
    pub(super) fn parse(url: &str) -> Result<Self, OpenError> {
        let (mut config, security) = security::parse(url)?;
        if config.get_application_name().is_none() {
            config.application_name("wechat-gateway");
        }
        config.connect_timeout(FIRST_CONNECT).tcp_user_timeout(Duration::from_secs(10));
        let (pool, settling) = (
            pool(&config, &security, CONNECTIONS, OTHER_CONNECT)?,
            pool(&config, &security, TASKS, CONNECT)?,
        );
        Ok(Self { config, security, pool, settling })
    }

    /// A connection, given back when it is dropped.
    pub(super) async fn client(&self) -> Result<Object, StoreError> {
        connection(&self.pool, OTHER_CONNECT).await
    }

    /// The same for a task that settles.
    pub(super) async fn settling(&self) -> Result<Object, StoreError> {
        connection(&self.settling, CONNECT).await
    }

    /// The tables must be those of this program.
    pub(super) async fn check(&self) -> Result<(), OpenError> {
        let client = self.first_client().await?;
        let found = self.version(&client).await?;
        let known = UNRELEASED + MIGRATIONS.len() as i64;
        match found {
            found if found < known => Err(OpenError::Outdated { found, needed: known }),
            found if found > known => Err(OpenError::TooNew { found, known }),
            _ => Ok(()),
        }
    }

    /// That nothing is encrypted, where the URL leaves it to the server and the server does not. Asked of the server: a
    /// connection does not say how it was made, and a pooler in between would answer for the way behind it.
    pub(super) async fn in_clear(&self) -> Option<String> {
        let (config, tls) = (self.security.insisting(&self.config)?, self.security.tls.clone()?);
        // The configuration's own limit ends with the TCP connection, before anything is said.
        let refused = tokio::time::timeout(FIRST_CONNECT, config.connect(tls)).await.ok()?.err()?;
        security::is_not_offered(&refused).then(|| {
            format!(
                "{} offers no TLS, so sslmode=prefer sends passwords and people's data in clear; turn it on there \
                 (ssl = on) and write sslmode=verify-full, or sslmode=disable where the network is yours alone",
                place(&self.config)
            )
        })
    }

    /// Applies what has not been applied, all of it in one transaction.
    pub(super) async fn migrate(&self) -> Result<(), OpenError> {
        let mut client = self.first_client().await?;
        let run = async {
            let transaction = client.transaction().await?;
            // One gateway at a time; the others then find nothing to do. Waiting for it is not waiting for a callback.
            let lock = "SET LOCAL lock_timeout = 60000; SET LOCAL statement_timeout = 0;
                        SELECT pg_advisory_xact_lock(hashtext('wechat-gateway migrate'));
                        CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL PRIMARY KEY)";
            transaction.batch_execute(lock).await?;
            let found =
                transaction.query_one("SELECT coalesce(max(version), 0) FROM schema_version", &[]).await?;
            let found: i64 = found.get(0);
            if (1..=UNRELEASED).contains(&found) {
                return Ok(found);
            }
            for (number, sql) in (UNRELEASED + 1..).zip(MIGRATIONS).filter(|(number, _)| *number > found) {
                transaction.batch_execute(sql).await?;
                transaction.execute("INSERT INTO schema_version (version) VALUES ($1)", &[&number]).await?;
            }
            if found <= UNRELEASED + MIGRATIONS.len() as i64 {
                transaction.batch_execute(PARTITIONS).await?;
            }
            transaction.commit().await?;
            Ok(found)
        };
        let found: i64 = run.await.map_err(|error| self.unreachable(error))?;
        let known = UNRELEASED + MIGRATIONS.len() as i64;
        match found {
            1..=UNRELEASED => Err(OpenError::Unreleased),
            found if found > known => Err(OpenError::TooNew { found, known }),
            _ => Ok(()),
        }
    }

    /// Makes the partitions of the coming months for as long as the gateway runs. Without them events go to the default
    /// partition: nothing is lost, and old months are harder to move away.
    pub(super) async fn keep_partitions(self) {
        let mut interval = tokio::time::interval(PARTITIONS_EVERY);
        loop {
            interval.tick().await;
            let made = async { self.client().await?.batch_execute(PARTITIONS).await.map_err(unavailable) };
            if let Err(error) = made.await {
                tracing::warn!(%error, "no partitions for the coming months; run `wechat-gateway migrate`");
            }
        }
    }

    async fn first_client(&self) -> Result<Object, OpenError> {
        let patient =
            Timeouts { wait: Some(FIRST_CONNECT), create: Some(FIRST_CONNECT), recycle: Some(FIRST_CONNECT) };
        self.pool.timeout_get(&patient).await.map_err(|error| match error {
            PoolError::Backend(error) => self.unreachable(error),
            error => OpenError::Unreachable {
                place: place(&self.config),
                why: error.to_string(),
                hint: "check that PostgreSQL is running there and reachable from here",
            },
        })
    }

    async fn version(&self, client: &Client) -> Result<i64, OpenError> {
        let exists = client.query_one("SELECT to_regclass('schema_version') IS NOT NULL", &[]).await;
        if !exists.map_err(|error| self.unreachable(error))?.get::<_, bool>(0) {
            return Ok(0);
        }
        let version = client.query_one("SELECT coalesce(max(version), 0) FROM schema_version", &[]).await;
        Ok(version.map_err(|error| self.unreachable(error))?.get(0))
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
    fn unreachable(&self, error: tokio_postgres::Error) -> OpenError {
        let hint = match error.code().map(tokio_postgres::error::SqlState::code) {
            Some("28000") if self.security.tls.is_none() => {
                "check user and password in store.url; where the server demands TLS, add sslmode=verify-full"
            }
            Some("28000") => {
                "check the user in store.url and the server's pg_hba.conf; a client certificate, if it wants one, is not supported"
            }
            Some("28P01") => "check user and password in store.url",
            Some("3D000") => "create the database, or name another one in store.url",
            Some("42501") => {
                "grant the user CREATE on the schema, or run `wechat-gateway migrate` as its owner"
            }
            Some("53300") => "raise max_connections, or run fewer gateways",
            Some(_) => "see PostgreSQL's message",
            None => "check that PostgreSQL is running there and reachable from here",
        };
        let why = match error.as_db_error() {
            Some(db) => db.message().to_owned(),
            None => std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string),
        };
        let (why, hint) = self.security.trouble(&why).unwrap_or((why, hint));
        OpenError::Unreachable { place: place(&self.config), why, hint }
    }
}

/// Connects to nothing yet.
fn pool(
    config: &Config,
    security: &Security,
    connections: usize,
    patience: Duration,
) -> Result<Pool, OpenError> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match &security.tls {
        None => Manager::from_config(config.clone(), NoTls, recycling),
        Some(tls) => Manager::from_config(config.clone(), tls.clone(), recycling),
    };
    let settings = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, _| {
        Box::pin(async move { client.batch_execute(SETTINGS).await.map_err(HookError::Backend) })
    });
    Pool::builder(manager)
        .max_size(connections)
        .wait_timeout(Some(patience))
        .create_timeout(Some(patience))
        .recycle_timeout(Some(patience))
        .post_create(settings)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| OpenError::Url(error.to_string()))
}

async fn connection(pool: &Pool, patience: Duration) -> Result<Object, StoreError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(error) => unavailable(error),
        PoolError::Timeout(TimeoutType::Wait) => {
            StoreError::Unavailable(format!("PostgreSQL: all connections were in use for {patience:?}"))
        }
        PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => StoreError::Unavailable(format!(
            "PostgreSQL gave no connection within {patience:?}; check that it can be reached and is not overloaded"
        )),
        error => StoreError::Unavailable(format!("PostgreSQL: {error}")),
    })
}

/// Hosts and database, without credentials.
fn place(config: &Config) -> String {
    let hosts: Vec<String> = match config.get_hosts() {
        [] if config.get_hostaddrs().is_empty() => vec!["localhost".into()],
        [] => config.get_hostaddrs().iter().map(ToString::to_string).collect(),
        hosts => hosts.iter().map(name).collect(),
    };
    // One port may do for all.
    let port = |n: usize| config.get_ports().get(n).or_else(|| config.get_ports().last()).copied();
    let places = hosts.iter().enumerate().map(|(n, host)| format!("{host}:{}", port(n).unwrap_or(5432)));
    let places = places.collect::<Vec<_>>().join(",");
    format!("{places}/{}", config.get_dbname().unwrap_or("(the user's own)"))
}

fn name(host: &Host) -> String {
    match host {
        Host::Tcp(host) => host.clone(),
        Host::Unix(path) => path.display().to_string(),
    }
}
