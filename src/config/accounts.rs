//! `[accounts.NAME]`, and what makes an account impossible.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::Profile;
use crate::account::{Account, AccountKind, Format, Lang, Mode};
use crate::ids::AppId;

/// As written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountTable {
    kind: AccountKind,
    app_id: String,
    secret: SecretString,
    original_id: String,
    token: SecretString,
    previous_token: Option<SecretString>,
    encoding_aes_key: Option<SecretString>,
    previous_encoding_aes_key: Option<SecretString>,
    #[serde(default = "safe")]
    mode: Mode,
    #[serde(default = "xml")]
    format: Format,
    #[serde(default)]
    lang: Lang,
    #[serde(default)]
    allow_plain: bool,
}

fn safe() -> Mode {
    Mode::Safe
}

fn xml() -> Format {
    Format::Xml
}

impl AccountTable {
    /// The account, or everything that makes it impossible.
    pub(super) fn account(&self, name: &str, profile: Profile) -> Result<Account, Vec<String>> {
        let mut problems = Vec::new();
        let app_id = AppId::parse(&self.app_id).map_err(|e| vec![format!("app_id: {e}")])?;
        let tokens: Vec<_> =
            [Some(&self.token), self.previous_token.as_ref()].into_iter().flatten().collect();
        let keys: Vec<_> = [self.encoding_aes_key.as_ref(), self.previous_encoding_aes_key.as_ref()]
            .into_iter()
            .flatten()
            .collect();
        if !tokens.iter().all(|t| is_alphanumeric(t, 3..=32)) {
            problems.push("token must be 3 to 32 letters and digits".to_owned());
        }
        if !keys.iter().all(|k| is_alphanumeric(k, 43..=43)) {
            problems.push("encoding_aes_key must be 43 letters and digits".to_owned());
        }
        if self.mode != Mode::Plain && keys.is_empty() {
            problems.push("encoding_aes_key is required in safe and compatible mode".to_owned());
        }
        if self.mode == Mode::Plain && profile == Profile::Production && !self.allow_plain {
            problems.push(
                "mode = \"plain\" does not sign the body; choose safe mode in WeChat's console, or set allow_plain = true"
                    .to_owned(),
            );
        }
        if self.kind == AccountKind::OfficialAccount && self.format == Format::Json {
            problems
                .push("format = \"json\" is for mini-programs; an Official Account pushes XML".to_owned());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Account {
            name: name.into(),
            app_id,
            kind: self.kind,
            original_id: self.original_id.as_str().into(),
            secret: self.secret.clone(),
            tokens: tokens.into_iter().cloned().collect(),
            aes_keys: keys.into_iter().cloned().collect(),
            mode: self.mode,
            format: self.format,
            lang: self.lang,
        })
    }

    /// Every secret by its key.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (&'static str, &SecretString)> {
        let optional = [
            ("previous_token", &self.previous_token),
            ("encoding_aes_key", &self.encoding_aes_key),
            ("previous_encoding_aes_key", &self.previous_encoding_aes_key),
        ];
        let optional = optional.into_iter().filter_map(|(key, secret)| Some((key, secret.as_ref()?)));
        [("secret", &self.secret), ("token", &self.token)].into_iter().chain(optional)
    }
}

fn is_alphanumeric(secret: &SecretString, length: std::ops::RangeInclusive<usize>) -> bool {
    let text = secret.expose_secret();
    length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}
