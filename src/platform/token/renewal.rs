//! Getting the next token: from Sessions when another gateway has it already, else from WeChat, one gateway at a time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::super::api::Api;
use super::super::call::{Line, Unmet};
use super::super::{PlatformError, errcode, json};
use super::Token;
use crate::clock::{Entropy, SECOND, UnixMs};
use crate::ids::AppId;
use crate::session::Sessions;

const STABLE_TOKEN: Api = Api::read("/cgi-bin/stable_token");
/// In the last five minutes of a token's life WeChat gives the next one to whoever asks.
const OVERLAP: UnixMs = 300 * SECOND;
/// Each gateway asks at a moment of its own, between 290 and 140 seconds before the end: the first one to ask renews it
/// for all.
const RENEW_EARLIEST: UnixMs = 290 * SECOND;
const RENEW_SPREAD: UnixMs = 150 * SECOND;
/// A shared token with less life than this is not worth adopting.
const ADOPT_MIN_LIFE: UnixMs = 60 * SECOND;
/// What is written in Sessions; another number is another gateway's business.
const RECORD: u8 = 1;
/// A gateway that dies while it renews holds up the others no longer than this.
const LOCK_TTL: Duration = Duration::from_secs(5);
/// How long to wait for another gateway's renewal before asking WeChat on one's own, and how often to look.
const LOCK_WAIT: Duration = Duration::from_millis(800);
const LOCK_LOOK: Duration = Duration::from_millis(40);

/// What it takes to renew one account's token.
pub(super) struct Renewal {
    pub(super) app_id: AppId,
    pub(super) secret: SecretString,
    pub(super) line: Arc<Line>,
    pub(super) sessions: Arc<dyn Sessions>,
    pub(super) entropy: Arc<dyn Entropy>,
}

/// The tokens that will not do: the one whose time is nearly over, and the one that WeChat rejected last.
pub(super) struct Worn {
    pub(super) old: Option<Arc<Token>>,
    pub(super) rejected: Option<Arc<Token>>,
}

impl Worn {
    fn includes(&self, token: &str) -> bool {
        self.rejects(token) || is(&self.old, token)
    }

    fn rejects(&self, token: &str) -> bool {
        is(&self.rejected, token)
    }
}

fn is(token: &Option<Arc<Token>>, value: &str) -> bool {
    token.as_ref().is_some_and(|token| token.value.expose_secret() == value)
}

/// A token as the gateways share it.
#[derive(Serialize)]
struct Record<'a> {
    v: u8,
    token: &'a str,
    obtained_at: UnixMs,
    expires_at: UnixMs,
}

#[derive(Deserialize)]
struct SharedRecord {
    v: u8,
    token: SecretString,
    obtained_at: UnixMs,
    expires_at: UnixMs,
}

impl Renewal {
    pub(super) fn now(&self) -> UnixMs {
        self.line.clock.now()
    }

    /// The token after the `worn` ones, if WeChat has one already.
    pub(super) async fn run(&self, worn: Worn) -> Result<Token, PlatformError> {
        if let Some(token) = self.shared(&worn).await {
            return Ok(token);
        }
        match self.turn(&worn).await {
            Turn::Given(token) => Ok(token),
            Turn::Alone => self.ask(&worn).await,
            Turn::Ours(name) => {
                let token = self.ask(&worn).await;
                let _ = self.sessions.forget_if(&self.lock_key(), &name).await;
                token
            }
        }
    }

    /// Waits for this gateway's turn to ask WeChat.
    async fn turn(&self, worn: &Worn) -> Turn {
        let mut name = [0; 16];
        self.entropy.fill(&mut name);
        let name = Bytes::copy_from_slice(&name);
        let begun = Instant::now();
        loop {
            match self.sessions.keep_if_absent(&self.lock_key(), name.clone(), LOCK_TTL).await {
                // The one before us may have been done between our look and our turn.
                Ok(true) => match self.shared(worn).await {
                    None => return Turn::Ours(name),
                    Some(token) => {
                        let _ = self.sessions.forget_if(&self.lock_key(), &name).await;
                        return Turn::Given(token);
                    }
                },
                Ok(false) if begun.elapsed() < LOCK_WAIT => {
                    tokio::time::sleep(LOCK_LOOK).await;
                    if let Some(token) = self.shared(worn).await {
                        return Turn::Given(token);
                    }
                }
                Ok(false) | Err(_) => return Turn::Alone,
            }
        }
    }

    /// The token that another gateway has left, unless it is worn or about to end. One that WeChat has rejected, or that
    /// cannot be read, is removed for all.
    async fn shared(&self, worn: &Worn) -> Option<Token> {
        let bytes = self.sessions.fetch(&self.token_key()).await.ok()??;
        let record = serde_json::from_slice::<SharedRecord>(&bytes).ok().filter(|record| record.v == RECORD);
        match record {
            Some(record) if !worn.rejects(record.token.expose_secret()) => {
                let fresh = !worn.includes(record.token.expose_secret())
                    && record.expires_at - self.now() > ADOPT_MIN_LIFE;
                fresh.then(|| self.token(record.token, record.obtained_at, record.expires_at, false))
            }
            _ => {
                let _ = self.sessions.forget_if(&self.token_key(), &bytes).await;
                None
            }
        }
    }

    /// Asks WeChat, and leaves the token for the other gateways.
    async fn ask(&self, worn: &Worn) -> Result<Token, PlatformError> {
        let body = serde_json::json!({
            "grant_type": "client_credential",
            "appid": self.app_id,
            "secret": self.secret.expose_secret(),
            "force_refresh": false,
        });
        let asked_at = self.now();
        let called =
            self.line.call(&self.app_id, &STABLE_TOKEN, &[], Some(body.to_string().as_bytes())).await;
        let answer = called.map_err(|unmet| match unmet {
            Unmet::Error(error) => error,
            // Here no token was sent: it is the secret that WeChat does not know.
            Unmet::StaleToken(code) => PlatformError::Refused { code, hint: errcode::hint(code) },
        });
        metrics::counter!("gateway_wechat_token_refreshes_total", "outcome" => if answer.is_ok() { "ok" } else { "failed" })
            .increment(1);
        let answer =
            answer.inspect_err(|error| tracing::warn!(app.id = %self.app_id, %error, "no access token"))?;

        let value =
            answer.get("access_token").and_then(|token| token.as_str()).filter(|token| !token.is_empty());
        let lifetime = answer.get("expires_in").and_then(json::integer).filter(|seconds| *seconds > 0);
        let (Some(value), Some(lifetime)) = (value, lifetime) else {
            return Err(PlatformError::Transient("stable_token: an answer without a token".into()));
        };
        let insisted = worn.rejects(value);
        let token = self.token(value.into(), asked_at, asked_at.saturating_add(lifetime * SECOND), insisted);
        if !insisted {
            self.share(&token).await;
        }
        tracing::info!(app.id = %self.app_id, expires_in = lifetime, "access token obtained");
        Ok(token)
    }

    async fn share(&self, token: &Token) {
        let record = Record {
            v: RECORD,
            token: token.value.expose_secret(),
            obtained_at: token.obtained_at,
            expires_at: token.expires_at,
        };
        let life = Duration::from_millis((token.expires_at - self.now()).max(0).unsigned_abs());
        if let Ok(bytes) = serde_json::to_vec(&record) {
            let _ = self.sessions.keep(&self.token_key(), bytes.into(), life).await;
        }
    }

    fn token(&self, value: SecretString, obtained_at: UnixMs, expires_at: UnixMs, insisted: bool) -> Token {
        let now = self.now();
        let left = expires_at - now;
        metrics::gauge!("gateway_wechat_token_obtained_timestamp_seconds", "app" => self.app_id.to_string())
            .set((obtained_at / SECOND) as f64);
        let renew_at =
            if left > OVERLAP { expires_at - RENEW_EARLIEST + self.jitter() } else { now + left / 2 };
        Token { value, obtained_at, renew_at, expires_at, insisted }
    }

    fn jitter(&self) -> UnixMs {
        let mut bytes = [0; 4];
        self.entropy.fill(&mut bytes);
        UnixMs::from(u32::from_le_bytes(bytes)) % RENEW_SPREAD
    }

    fn token_key(&self) -> String {
        format!("token:{}", self.app_id)
    }

    fn lock_key(&self) -> String {
        format!("token-lock:{}", self.app_id)
    }
}

/// Who asks WeChat.
enum Turn {
    /// Nobody: another gateway has.
    Given(Token),
    /// This gateway, and no other, until it lets go of the lock of this name.
    Ours(Bytes),
    /// This gateway, without a lock: Sessions do not answer, or the holder takes too long.
    Alone,
}
