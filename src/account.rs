//! One Official Account or mini-program of the brand: what its callbacks are checked against.

use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;

use crate::ids::AppId;

/// What kind of WeChat account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// 公众号: service account or subscription account.
    OfficialAccount,
    /// 小程序.
    MiniProgram,
}

/// Message encryption mode, as chosen in WeChat's console. Never taken from a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// 明文模式: the signature does not cover the body.
    Plain,
    /// 兼容模式: plaintext and ciphertext side by side; only the ciphertext counts here.
    Compatible,
    /// 安全模式: ciphertext only.
    Safe,
}

/// Data format of the push body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// The only form of Official Accounts, and the default of mini-programs.
    Xml,
    /// A mini-program may choose it.
    Json,
}

/// Language of the words a person reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// One account, immutable after start.
#[derive(Debug)]
pub struct Account {
    /// The `{account}` of `/wechat/{account}`.
    pub name: Arc<str>,
    /// AppID.
    pub app_id: AppId,
    /// Official Account or mini-program.
    pub kind: AccountKind,
    /// 原始ID: `gh_` and 12 hex digits; the `ToUserName` of every push.
    pub original_id: Box<str>,
    /// AppSecret, for the platform's API.
    pub secret: SecretString,
    /// Tokens that sign callbacks: the current one first, then the previous one while it is being rotated out.
    pub tokens: Vec<SecretString>,
    /// EncodingAESKeys (43 characters): the current one first, then the previous one.
    pub aes_keys: Vec<SecretString>,
    /// How pushes are protected.
    pub mode: Mode,
    /// How pushes are written.
    pub format: Format,
    /// Language of the words where the person has chosen none.
    pub lang: Lang,
}
