//! An account as configured: what stands in WeChat's console and in the receiver's configuration.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::standing::{self, ServiceType, Standing};
use crate::{
    ids,
    wire::envelope::{AesKey, EnvelopeError},
};

/// An Official Account or mini-program. In JSON the keys are these names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// `wx` and 16 hex digits.
    pub app_id: String,
    /// What the control API and the library call it.
    pub name: String,
    /// What it is; decides which APIs it may call.
    pub kind: Kind,
    /// AppSecret, 32 hex digits.
    pub secret: String,
    /// `gh_` and 12 hex digits: `ToUserName` of every push.
    pub original_id: String,
    /// What pushes are signed with: 3 to 32 letters and digits.
    pub token: String,
    /// 43 letters and digits; needed in compatible and safe mode.
    pub encoding_aes_key: String,
    /// How pushes are sealed.
    pub mode: Mode,
    /// How pushes are spelled.
    pub format: Format,
    /// Where pushes go; without one they go nowhere.
    pub callback: Option<String>,
    /// The open-platform account it is bound to; without one there are no UnionIDs.
    pub open_platform: Option<String>,
    /// The only host that web OAuth may redirect to (with its port); without one every host may be.
    #[serde(default)]
    pub web_domain: Option<String>,
    /// How often and how long a push is tried.
    #[serde(default)]
    pub push: PushRules,
    /// Which edition of WeChat's rules applies to message windows.
    #[serde(default)]
    pub windows: super::windows::Edition,
    /// What `user/info` still tells.
    #[serde(default)]
    pub user_info: UserInfo,
    /// Limits of APIs, by path, in the place of WeChat's documented ones.
    #[serde(default)]
    pub quotas: BTreeMap<String, Limit>,
    /// Where WeChat Pay's notifications go; without one they go nowhere.
    #[serde(default)]
    pub pay_notify_url: Option<String>,
    /// The merchant's number.
    #[serde(default = "Account::usual_mch_id")]
    pub mch_id: String,
    /// What the notifications' contents are sealed with: 32 bytes.
    #[serde(default = "Account::usual_api_v3_key")]
    pub api_v3_key: String,
    /// The AppID whose followers moved here, for `changeopenid`.
    #[serde(default)]
    pub migrated_from: Option<String>,
    /// From where tokens may be fetched: addresses (`203.0.113.7`) and networks (`203.0.113.0/24`). Others are answered
    /// 40164, of a third-party platform 61004. Empty: from everywhere.
    #[serde(default)]
    pub ip_whitelist: Vec<String>,
    /// Whether the AppSecret is frozen: no tokens, but 40243.
    #[serde(default)]
    pub secret_frozen: bool,
    /// How WeChat thinks of it.
    #[serde(default)]
    pub standing: Standing,
    /// Paths of APIs that it may not call, and which answer 48001: what it is not verified for, or has not applied for.
    #[serde(default)]
    pub unauthorized: Vec<String>,
    /// Whether it went through WeChat's verification (微信认证).
    #[serde(default = "Account::usually_verified")]
    pub verified: bool,
    /// Of an Official Account: which kind.
    #[serde(default)]
    pub service_type: ServiceType,
    /// Of a third-party platform: where the messages and events of the accounts that authorised it go. `$APPID$` in it
    /// stands for the account's AppID. Without one they go to the accounts' own callbacks.
    #[serde(default)]
    pub message_callback: Option<String>,
}

/// What an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 公众号: has followers.
    OfficialAccount,
    /// 小程序: has visitors who log in.
    MiniProgram,
    /// 第三方平台: acts for accounts that authorise it. Its `callback` is the URL for tickets and authorisations.
    Component,
}

/// How pushes are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// In clear.
    Plain,
    /// In clear and encrypted, both in one body.
    Compatible,
    /// Encrypted.
    Safe,
}

/// How pushes are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// `text/xml`
    Xml,
    /// `application/json`
    Json,
}

/// How often and how long a push is tried. WeChat documents 5 s and "three retries"; what lies between is not
/// established, hence configurable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PushRules {
    /// Deliveries in all, the first one included.
    pub deliveries: u32,
    /// Milliseconds from the end of one delivery to the next.
    pub gap_ms: u64,
    /// Milliseconds that the receiver has for its whole answer.
    pub timeout_ms: u64,
    /// Pushes that may fail within a minute until pushes are suspended for a minute (MarkFail); 0 for any number. WeChat
    /// says "many".
    pub mark_fail: u32,
    /// Whether a retry has a fresh timestamp, nonce and signature (and ciphertext).
    pub resign: bool,
}

/// How often an API may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limit {
    /// Calls in a day of Beijing; more answer 45009.
    pub daily: Option<u64>,
    /// Calls in a minute; more answer 45011.
    pub per_minute: Option<u64>,
}

/// What `user/info` still tells about a follower.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserInfo {
    /// Keys present, values empty: what live answers have held since December 2021.
    #[default]
    Current,
    /// Keys left out, as the current documents print them.
    Omitted,
    /// Nickname, sex, region and picture, as before 2021.
    Legacy,
}

/// Why an account cannot be.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// A value out of its shape.
    #[error("{field} must be {must_be}, not {is:?}")]
    Shape {
        /// Which key.
        field: &'static str,
        /// What it has to look like.
        must_be: &'static str,
        /// What it is.
        is: String,
    },
    /// The key does not decode though the mode needs it.
    #[error("encoding_aes_key: {0}; compatible and safe mode need it")]
    AesKey(#[source] EnvelopeError),
    /// Name or original id belong to another account.
    #[error("the name or the original_id is that of {app_id} already; choose others or change that account")]
    Taken {
        /// Whose they are.
        app_id: String,
    },
}

impl Default for PushRules {
    fn default() -> Self {
        Self { deliveries: 3, gap_ms: 0, timeout_ms: 5000, mark_fail: 100, resign: true }
    }
}

impl Account {
    /// An account of that name with ids derived from it: safe mode, the local token and key, bound to
    /// `brand-group`, no callback yet.
    pub fn named(name: &str, kind: Kind) -> Self {
        Self::with_app_id(&ids::app_id(name), name, kind)
    }

    /// The same for a given AppID.
    pub fn with_app_id(app_id: &str, name: &str, kind: Kind) -> Self {
        Self {
            app_id: app_id.to_owned(),
            name: name.to_owned(),
            kind,
            secret: ids::secret(app_id),
            original_id: ids::original_id(app_id),
            token: super::local::TOKEN.to_owned(),
            encoding_aes_key: super::local::ENCODING_AES_KEY.to_owned(),
            mode: Mode::Safe,
            format: match kind {
                Kind::OfficialAccount | Kind::Component => Format::Xml,
                Kind::MiniProgram => Format::Json,
            },
            callback: None,
            open_platform: (kind != Kind::Component).then(|| super::local::OPEN_PLATFORM.to_owned()),
            web_domain: None,
            push: PushRules::default(),
            windows: super::windows::Edition::default(),
            user_info: UserInfo::default(),
            quotas: BTreeMap::new(),
            pay_notify_url: None,
            mch_id: Self::usual_mch_id(),
            api_v3_key: Self::usual_api_v3_key(),
            migrated_from: None,
            ip_whitelist: Vec::new(),
            secret_frozen: false,
            standing: Standing::Good,
            unauthorized: Vec::new(),
            verified: Self::usually_verified(),
            service_type: ServiceType::Service,
            message_callback: None,
        }
    }

    fn usual_mch_id() -> String {
        "1900000001".into()
    }

    fn usually_verified() -> bool {
        true
    }

    fn usual_api_v3_key() -> String {
        "local-api-v3-key-of-mock-wechat-".into()
    }

    /// Whether tokens may be fetched from there.
    pub(crate) fn lists(&self, address: std::net::IpAddr) -> bool {
        standing::lists(&self.ip_whitelist, address)
    }

    /// The decoded key where the mode needs one, or what is out of shape.
    pub(crate) fn check(&self) -> Result<Option<AesKey>, AccountError> {
        let shape = |field, must_be, is: &str, ok: bool| {
            if ok { Ok(()) } else { Err(AccountError::Shape { field, must_be, is: is.to_owned() }) }
        };
        let hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        shape(
            "app_id",
            "wx and 16 lower hex digits",
            &self.app_id,
            self.app_id.len() == 18 && self.app_id.strip_prefix("wx").is_some_and(hex),
        )?;
        shape("name", "not empty", &self.name, !self.name.is_empty())?;
        shape("original_id", "gh_ and more", &self.original_id, self.original_id.starts_with("gh_"))?;
        shape(
            "token",
            "3 to 32 letters and digits",
            &self.token,
            (3..=32).contains(&self.token.len()) && self.token.bytes().all(|b| b.is_ascii_alphanumeric()),
        )?;
        for (field, url) in [("callback", &self.callback), ("message_callback", &self.message_callback)] {
            let url = url.as_deref().unwrap_or("http://");
            let is_web = url.starts_with("http://") || url.starts_with("https://");
            shape(field, "a URL beginning with http:// or https://", url, is_web)?;
        }
        if self.kind == Kind::Component {
            let (mode, format) = (format!("{:?}", self.mode), format!("{:?}", self.format));
            shape("mode", "safe for a third-party platform", &mode, self.mode == Mode::Safe)?;
            shape("format", "xml for a third-party platform", &format, self.format == Format::Xml)?;
        }
        for entry in &self.ip_whitelist {
            let must_be = "a list of addresses (203.0.113.7) and networks (203.0.113.0/24)";
            shape("ip_whitelist", must_be, entry, standing::is_entry(entry))?;
        }
        for path in &self.unauthorized {
            let must_be = "a list of paths such as /cgi-bin/qrcode/create";
            shape("unauthorized", must_be, path, path.starts_with('/'))?;
        }
        shape("api_v3_key", "32 bytes", &self.api_v3_key, self.api_v3_key.len() == 32)?;
        shape(
            "push.deliveries",
            "1 to 20",
            &self.push.deliveries.to_string(),
            (1..=20).contains(&self.push.deliveries),
        )?;
        match (self.mode, AesKey::parse(&self.encoding_aes_key)) {
            (_, Ok(key)) => Ok(Some(key)),
            (Mode::Plain, Err(_)) => Ok(None),
            (_, Err(error)) => Err(AccountError::AesKey(error)),
        }
    }
}
