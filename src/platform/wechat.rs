//! [`Platform`] over WeChat's HTTP API.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::api::Api;
use super::call::{Line, Unmet};
use super::client::Http;
use super::stops::Stops;
use super::token::Tokens;
use super::{Platform, PlatformError, UserInfo, json};
use crate::account::Account;
use crate::clock::{Clock, Entropy};
use crate::ids::{AppId, OpenId, UnionId};
use crate::ledger::Message;
use crate::session::Sessions;

const USER_INFO: Api = Api::read("/cgi-bin/user/info");
const BATCH_GET: Api = Api::read("/cgi-bin/user/info/batchget");
const CUSTOM_SEND: Api = Api::act("/cgi-bin/message/custom/send");

/// Where WeChat is, and how long to wait for it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `https://api.weixin.qq.com`, or mock-wechat's address.
    pub api: String,
    /// For a connection, name resolution and TLS included.
    pub connect_timeout: Duration,
    /// For everything from the request to the last byte of the answer. A caller with less time stops waiting earlier.
    pub timeout: Duration,
}

impl Settings {
    /// WeChat at `api`, with the waits that suit it.
    #[must_use]
    pub fn at(api: &str) -> Self {
        Self { api: api.into(), connect_timeout: Duration::from_secs(1), timeout: Duration::from_secs(4) }
    }
}

/// WeChat's HTTP API, or mock-wechat.
#[derive(Debug)]
pub struct WeChat {
    pub(super) line: Arc<Line>,
    tokens: Tokens,
}

/// `platform.api` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("platform.api: {0}")]
pub struct SettingsError(String);

impl WeChat {
    /// Connects when first used. Access tokens are shared through `sessions`.
    ///
    /// # Errors
    /// [`SettingsError`] when the address cannot be understood.
    pub fn new(
        settings: &Settings,
        sessions: Arc<dyn Sessions>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, SettingsError> {
        let http =
            Http::new(&settings.api, settings.connect_timeout, settings.timeout).map_err(SettingsError)?;
        let line = Arc::new(Line { http, stops: Stops::default(), clock });
        Ok(Self { tokens: Tokens::new(line.clone(), sessions, entropy), line })
    }

    /// How long ago WeChat gave the access token in use, if there is one.
    #[must_use]
    pub fn token_age(&self, app_id: &AppId) -> Option<Duration> {
        self.tokens.age(app_id)
    }

    /// One call with the account's token. A token that WeChat rejects is replaced once, and the call made once more.
    pub(super) async fn call(
        &self,
        account: &Account,
        api: &Api,
        query: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Value, PlatformError> {
        let mut replaced = false;
        loop {
            let token = self.tokens.current(account).await?;
            let mut query = query.to_vec();
            query.insert(0, ("access_token", token.value.expose_secret()));
            match self.line.call(&account.app_id, api, &query, body).await {
                Ok(answer) => return Ok(answer),
                Err(Unmet::Error(error)) => return Err(error),
                Err(Unmet::StaleToken(code)) => {
                    self.tokens.reject(account, &token);
                    if replaced {
                        return Err(PlatformError::Transient(format!(
                            "{} rejects the access token just obtained ({code})",
                            api.path
                        )));
                    }
                    replaced = true;
                }
            }
        }
    }
}

#[async_trait]
impl Platform for WeChat {
    async fn user_info(
        &self,
        account: &Account,
        open_ids: &[OpenId],
    ) -> Result<Vec<UserInfo>, PlatformError> {
        match open_ids {
            [] => Ok(Vec::new()),
            [one] => {
                let answer = self.call(account, &USER_INFO, &[("openid", one.as_str())], None).await?;
                Ok(vec![user_info(&answer)])
            }
            many => {
                let list: Vec<_> = many.iter().map(|id| json!({ "openid": id.as_str() })).collect();
                let body = json!({ "user_list": list }).to_string();
                let answer = self.call(account, &BATCH_GET, &[], Some(body.as_bytes())).await?;
                in_order(many, &answer).ok_or_else(|| {
                    PlatformError::Transient(format!("{}: not all were answered", BATCH_GET.path))
                })
            }
        }
    }

    async fn send(&self, account: &Account, to: &OpenId, message: &Message) -> Result<(), PlatformError> {
        let body = custom_message(to, message).to_string();
        self.call(account, &CUSTOM_SEND, &[], Some(body.as_bytes())).await.map(|_| ())
    }

    async fn token_life(&self, account: &Account) -> Result<i64, PlatformError> {
        let token = self.tokens.current(account).await?;
        Ok((token.renew_at - self.line.clock.now()).max(0))
    }
}

/// The answers of `batchget` in the order of the question, whatever their own.
fn in_order(asked: &[OpenId], answer: &Value) -> Option<Vec<UserInfo>> {
    let list = answer.get("user_info_list")?.as_array()?;
    let by_id: HashMap<&str, &Value> =
        list.iter().filter_map(|user| Some((user.get("openid")?.as_str()?, user))).collect();
    asked.iter().map(|id| by_id.get(id.as_str()).map(|user| user_info(user))).collect()
}

fn user_info(user: &Value) -> UserInfo {
    UserInfo {
        subscribed: user.get("subscribe").and_then(json::integer) == Some(1),
        union_id: user
            .get("unionid")
            .and_then(Value::as_str)
            .and_then(|text| UnionId::parse(text.trim()).ok()),
    }
}

/// A customer-service message. WeChat shows `\uXXXX` as it stands, so the text goes out as UTF-8, which is what
/// `serde_json` writes; since 2018-10-12 a news message has exactly one article.
fn custom_message(to: &OpenId, message: &Message) -> Value {
    match message {
        Message::Text { content } => {
            json!({ "touser": to.as_str(), "msgtype": "text", "text": { "content": content } })
        }
        Message::Image { media_id } => {
            json!({ "touser": to.as_str(), "msgtype": "image", "image": { "media_id": media_id } })
        }
        Message::News { articles } => {
            let articles: Vec<_> = articles
                .iter()
                .take(1)
                .map(|article| {
                    json!({
                        "title": article.title,
                        "description": article.description,
                        "url": article.url,
                        "picurl": article.pic_url,
                    })
                })
                .collect();
            json!({ "touser": to.as_str(), "msgtype": "news", "news": { "articles": articles } })
        }
    }
}
