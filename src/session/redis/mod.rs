//! Sessions in Redis, one server or a cluster.
//!
//! A value is whatever [`Sessions::keep`] was given, under `{prefix}{key}`, with its time in milliseconds. A key that
//! holds something else (another type, written by hand) counts as absent and is deleted. What is said to Redis is
//! here; `lane.rs` holds the connections on which it is said, `security.rs` says how they are secured, and `cluster.rs`
//! makes those to a cluster.

mod cluster;
mod lane;
mod security;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use deadpool_redis::redis::{AsyncConnectionConfig, Cmd, RedisError, Value, cmd};
use deadpool_redis::{Manager, Pool, Runtime};

use self::lane::{Lanes, Source};
use self::security::Address;
use crate::session::{OpenError, SessionError, Sessions};
use crate::tls;

/// Deletes a key that still holds a value, in one step.
const FORGET_IF: &str =
    "if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";
/// What Redis answers where the key holds a list, a set, a hash.
const WRONG_TYPE: &str = "WRONGTYPE";
/// Redis refuses times whose end it cannot represent; nothing here is meant to live longer.
const TTL_MAX: Duration = Duration::from_secs(10 * 365 * 86_400);
/// Wait for a connection, in a task of its own: the callers wait no longer than the breaker lets them.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Sessions in Redis. Put a [`crate::session::Breaker`] around it: its calls last as long as Redis takes.
pub struct Redis {
    prefix: Box<str>,
    lanes: Lanes,
}

impl Redis {
    /// One server, named by a `redis://` or `rediss://` URL. Connects when first used.
    ///
    /// # Errors
    /// [`OpenError::Redis`] when `url` is not a Redis URL, [`OpenError::Security`] for what it says about TLS.
    pub fn single(url: &str, prefix: &str) -> Result<Self, OpenError> {
        // No timeout of its own for answers: the breaker has the only one, and each timer costs.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(None);
        let address = security::parse(url)?;
        let secure = address.is_secure();
        let server = address.server().map_err(|_| OpenError::Redis)?;
        let manager = Manager::new_with_config(server, config).map_err(|_| OpenError::Redis)?;
        let lanes = lanes();
        let pool = Pool::builder(manager).max_size(lanes).runtime(Runtime::Tokio1).build();
        Ok(Self::over(Source::Single(pool.map_err(|_| OpenError::Redis)?), secure, lanes, prefix))
    }

    /// A cluster, found through any of `nodes` (`redis://` URLs, or `rediss://` all of them). What the first says about
    /// TLS holds for all. Connects when first used.
    ///
    /// # Errors
    /// [`OpenError::Cluster`] when a node is not a Redis URL, [`OpenError::Security`] for what it says about TLS.
    pub fn cluster(nodes: Vec<String>, prefix: &str) -> Result<Self, OpenError> {
        let nodes = nodes.iter().map(|node| security::parse(node)).collect::<Result<Vec<_>, _>>()?;
        let secure = nodes.iter().any(Address::is_secure);
        let manager = cluster::Manager::new(nodes).map_err(|_| OpenError::Cluster)?;
        let lanes = lanes();
        let pool = cluster::Pool::builder(manager).max_size(lanes).runtime(Runtime::Tokio1).build();
        Ok(Self::over(Source::Cluster(pool.map_err(|_| OpenError::Cluster)?), secure, lanes, prefix))
    }

    fn over(source: Source, secure: bool, lanes: usize, prefix: &str) -> Self {
        Self { prefix: prefix.into(), lanes: Lanes::new(source, secure, lanes) }
    }

    fn command(&self, name: &str, key: &str) -> Cmd {
        let mut command = cmd(name);
        command.arg(format!("{}{key}", self.prefix));
        command
    }

    fn set(&self, key: &str, value: &Bytes, ttl: Duration) -> Cmd {
        let mut command = self.command("SET", key);
        command.arg(&**value).arg("PX").arg(ttl.min(TTL_MAX).as_millis().max(1) as u64);
        command
    }

    /// Says `command` and reads the answer. A command that may be said twice is, when Redis has closed the connection
    /// meanwhile (it does so to idle ones, and when it restarts). After an answer that no server gives to this command
    /// nothing on that connection is to be trusted.
    async fn say<T>(
        &self,
        command: &Cmd,
        twice: Twice,
        read: fn(Value) -> Option<T>,
    ) -> Result<T, SessionError> {
        let mut again = twice == Twice::Harmless;
        loop {
            let (link, number) = self.lanes.link().await?;
            let impatience = Impatience { lanes: &self.lanes, number };
            let answer = link.say(command).await;
            impatience.disarm();
            let error = match answer.map(read) {
                Ok(Some(value)) => return Ok(value),
                Ok(None) => SessionError::Backend("answered something that was not asked".into()),
                Err(error) if is_answer(&error) => return Err(refusal(&error)),
                Err(error) if again && error.is_connection_dropped() => {
                    self.lanes.discard(number);
                    again = false;
                    continue;
                }
                Err(error) => refusal(&error),
            };
            self.lanes.discard(number);
            return Err(error);
        }
    }
}

#[async_trait]
impl Sessions for Redis {
    async fn fetch(&self, key: &str) -> Result<Option<Bytes>, SessionError> {
        let command = self.command("GET", key);
        let fetched = self.say(&command, Twice::Harmless, |value| match value {
            Value::BulkString(value) => Some(Some(value.into())),
            Value::Nil => Some(None),
            _ => None,
        });
        match fetched.await {
            Err(SessionError::Backend(code)) if code == WRONG_TYPE => {
                metrics::counter!("gateway_sessions_corrupt_total").increment(1);
                self.forget(key).await.map(|()| None)
            }
            other => other,
        }
    }

    async fn keep(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), SessionError> {
        let command = self.set(key, &value, ttl);
        self.say(&command, Twice::Harmless, |value| (value == Value::Okay).then_some(())).await
    }

    async fn keep_if_absent(&self, key: &str, value: Bytes, ttl: Duration) -> Result<bool, SessionError> {
        let mut command = self.set(key, &value, ttl);
        command.arg("NX");
        let kept = self.say(&command, Twice::Harmful, |value| match value {
            Value::Okay => Some(true),
            Value::Nil => Some(false),
            _ => None,
        });
        kept.await
    }

    async fn forget_if(&self, key: &str, value: &[u8]) -> Result<(), SessionError> {
        let mut command = cmd("EVAL");
        command.arg(FORGET_IF).arg(1).arg(format!("{}{key}", self.prefix)).arg(value);
        self.say(&command, Twice::Harmless, count).await
    }

    async fn forget(&self, key: &str) -> Result<(), SessionError> {
        self.say(&self.command("DEL", key), Twice::Harmless, count).await
    }

    async fn ping(&self) -> Result<(), SessionError> {
        // Not PING: that says nothing about the keys of a cluster, nor about a server that still loads its data.
        self.fetch("ping").await.map(|_| ())
    }
}

fn count(value: Value) -> Option<()> {
    matches!(value, Value::Int(_)).then_some(())
}

/// Whether a command may reach Redis twice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Twice {
    Harmless,
    Harmful,
}

/// True when the connection works and the server has said no. READONLY is not counted: after a failover behind one name
/// only a new connection finds the new primary.
fn is_answer(error: &RedisError) -> bool {
    error.code().is_some_and(|code| code != "READONLY")
}

/// The code, and what to do about it; never the details, which may quote a key.
fn refusal(error: &RedisError) -> SessionError {
    SessionError::Backend(match error.code() {
        Some("NOAUTH" | "WRONGPASS") => "NOAUTH: put the password into sessions.url".into(),
        Some("MOVED") => "MOVED: this is a cluster, sessions.url must begin with redis+cluster://".into(),
        Some("OOM") => "OOM: give Redis more memory, or maxmemory-policy allkeys-lru".into(),
        Some(code) => code.to_owned(),
        None => tls::explained(error.to_string()),
    })
}

/// Dropped before it is over when the caller gives up waiting: the connection is then suspect.
struct Impatience<'a> {
    lanes: &'a Lanes,
    number: u64,
}

impl Impatience<'_> {
    fn disarm(self) {
        std::mem::forget(self);
    }
}

impl Drop for Impatience<'_> {
    fn drop(&mut self) {
        self.lanes.discard_late(self.number);
    }
}

/// As many connections as threads can use at once.
fn lanes() -> usize {
    std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8))
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
