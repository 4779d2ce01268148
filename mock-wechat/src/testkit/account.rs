//! An account, and how to change it.

use std::{
    future::{IntoFuture, Ready, ready},
    sync::Arc,
};

use super::mock::Shared;
use crate::{
    journal::Verdict,
    world::{
        account::{self, Format, Kind, Mode, PushRules, UserInfo},
        standing::Standing,
        windows::Edition,
    },
};

/// An account as it was when it was awaited.
#[derive(Debug, Clone)]
pub struct Account {
    shared: Arc<Shared>,
    account: account::Account,
}

/// An account to be: change what matters, then await it.
#[must_use = "await it: `let brand = wechat.official_account(\"brand\").await;`"]
#[derive(Debug)]
pub struct AccountBuilder {
    shared: Arc<Shared>,
    account: account::Account,
}

impl Account {
    /// `wx` and 16 hex digits.
    pub fn app_id(&self) -> &str {
        &self.account.app_id
    }

    /// What the test calls it.
    pub fn name(&self) -> &str {
        &self.account.name
    }

    /// AppSecret.
    pub fn secret(&self) -> &str {
        &self.account.secret
    }

    /// `gh_...`, the `ToUserName` of its pushes.
    pub fn original_id(&self) -> &str {
        &self.account.original_id
    }

    /// What its pushes are signed with.
    pub fn token(&self) -> &str {
        &self.account.token
    }

    /// What its pushes are encrypted with.
    pub fn encoding_aes_key(&self) -> &str {
        &self.account.encoding_aes_key
    }

    /// Its whole configuration.
    pub fn configuration(&self) -> &account::Account {
        &self.account
    }

    /// Starts a change; await it to have it done.
    pub fn change(&self) -> AccountBuilder {
        AccountBuilder { shared: self.shared.clone(), account: self.account.clone() }
    }

    /// Verifies its callback as WeChat does when one is configured.
    pub async fn verify_url(&self) -> Verdict {
        let (platform, account) = (self.shared.platform.clone(), self.account.clone());
        self.shared.run(async move { platform.verify_url(&account).await }).await
    }

    /// Pushes any XML or JSON text, signed (and in safe mode encrypted) as it is; every attempt.
    pub async fn pushes_raw(&self, text: &str) -> Vec<Arc<crate::Delivery>> {
        let (platform, app_id, text) =
            (self.shared.platform.clone(), self.account.app_id.clone(), text.to_owned());
        let pushed = async move {
            let push = platform.raw_push(&app_id, text)?;
            Some(platform.push(push).await.deliveries)
        };
        self.shared.run(pushed).await.unwrap_or_default()
    }
}

impl AccountBuilder {
    pub(super) fn new(shared: Arc<Shared>, name: &str, kind: Kind) -> Self {
        let existing = shared.platform.world().account(name).map(|registered| registered.account.clone());
        let account = existing.unwrap_or_else(|| account::Account::named(name, kind));
        assert!(account.kind == kind, "{name:?} exists and is of kind {:?}, not {kind:?}", account.kind);
        Self { shared, account }
    }

    /// Where pushes go.
    pub fn callback(mut self, url: impl Into<String>) -> Self {
        self.account.callback = Some(url.into());
        self
    }

    /// Where the messages of the accounts that authorised this third-party platform go; `$APPID$` stands for the account's.
    pub fn message_callback(mut self, url: impl Into<String>) -> Self {
        self.account.message_callback = Some(url.into());
        self
    }

    /// Where WeChat Pay's notifications go.
    pub fn pay_notify_url(mut self, url: impl Into<String>) -> Self {
        self.account.pay_notify_url = Some(url.into());
        self
    }

    /// Nowhere to push to.
    pub fn without_callback(mut self) -> Self {
        self.account.callback = None;
        self
    }

    /// Pushes in clear.
    pub fn plain_mode(mut self) -> Self {
        self.account.mode = Mode::Plain;
        self
    }

    /// Pushes in clear and encrypted, both in one body.
    pub fn compatible_mode(mut self) -> Self {
        self.account.mode = Mode::Compatible;
        self
    }

    /// Pushes encrypted.
    pub fn safe_mode(mut self) -> Self {
        self.account.mode = Mode::Safe;
        self
    }

    /// Pushes as XML.
    pub fn xml(mut self) -> Self {
        self.account.format = Format::Xml;
        self
    }

    /// Pushes as JSON.
    pub fn json(mut self) -> Self {
        self.account.format = Format::Json;
        self
    }

    /// The token and the EncodingAESKey.
    pub fn keys(mut self, token: &str, encoding_aes_key: &str) -> Self {
        self.account.token = token.to_owned();
        self.account.encoding_aes_key = encoding_aes_key.to_owned();
        self
    }

    /// Bound to this open-platform account.
    pub fn open_platform(mut self, name: &str) -> Self {
        self.account.open_platform = Some(name.to_owned());
        self
    }

    /// Bound to none: no UnionIDs.
    pub fn unbound(mut self) -> Self {
        self.account.open_platform = None;
        self
    }

    /// Tokens only from these addresses and networks.
    pub fn ip_whitelist(mut self, entries: &[&str]) -> Self {
        self.account.ip_whitelist = entries.iter().map(|entry| (*entry).to_owned()).collect();
        self
    }

    /// Not allowed to call these APIs, by path: 48001.
    pub fn unauthorized(mut self, paths: &[&str]) -> Self {
        self.account.unauthorized = paths.iter().map(|path| (*path).to_owned()).collect();
        self
    }

    /// How WeChat thinks of it.
    pub fn standing(mut self, standing: Standing) -> Self {
        self.account.standing = standing;
        self
    }

    /// How often and how long pushes are tried.
    pub fn push_rules(mut self, rules: PushRules) -> Self {
        self.account.push = rules;
        self
    }

    /// Which edition of the message windows applies.
    pub fn windows(mut self, edition: Edition) -> Self {
        self.account.windows = edition;
        self
    }

    /// What `user/info` tells.
    pub fn user_info(mut self, edition: UserInfo) -> Self {
        self.account.user_info = edition;
        self
    }
}

impl IntoFuture for AccountBuilder {
    type Output = Account;
    type IntoFuture = Ready<Account>;

    /// Creates or changes the account.
    ///
    /// # Panics
    /// When a value is out of shape, with the shape.
    #[track_caller]
    fn into_future(self) -> Self::IntoFuture {
        let put = self.shared.platform.world_mut().put_account(self.account);
        let account = match put {
            Ok(registered) => registered.account.clone(),
            Err(error) => panic!("this account cannot be: {error}"),
        };
        ready(Account { shared: self.shared, account })
    }
}
