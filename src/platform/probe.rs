//! What `wechat-gateway check` asks WeChat, and nobody else.

use super::api::Api;
use super::client::Lost;
use super::wechat::WeChat;
use super::{Platform as _, PlatformError};
use crate::account::Account;
use crate::clock::UnixMs;
use crate::ids::OpenId;

const USER_GET: Api = Api::read("/cgi-bin/user/get");

impl WeChat {
    /// The time at WeChat, unix ms, to the second.
    ///
    /// # Errors
    /// [`PlatformError::Transient`] when WeChat does not answer, or without a date.
    pub async fn server_time(&self) -> Result<UnixMs, PlatformError> {
        match self.line.http.date().await {
            Ok(Some(date)) => Ok(date),
            Ok(None) => Err(PlatformError::Transient("an answer without a Date".into())),
            Err(Lost::Before(why) | Lost::After(why) | Lost::Cut(why)) => Err(PlatformError::Transient(why)),
        }
    }

    /// Whether followers of the account have a UnionID, that is, whether it is bound to an open-platform account;
    /// `None` while nobody follows.
    ///
    /// # Errors
    /// [`PlatformError`].
    pub async fn bound(&self, account: &Account) -> Result<Option<bool>, PlatformError> {
        let followers = self.call(account, &USER_GET, &[], None).await?;
        let first = followers.pointer("/data/openid/0").and_then(serde_json::Value::as_str);
        let Some(first) = first.and_then(|text| OpenId::parse(text).ok()) else { return Ok(None) };
        let infos = self.user_info(account, &[first]).await?;
        Ok(infos.first().map(|info| info.union_id.is_some()))
    }
}
