//! The account of a receiver that no running mock knows, as arguments.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    platform::Platform,
    world::account::{Account, Format, Kind, Mode},
};

/// What stands in WeChat's console and in the receiver's configuration. What is not given is that of the local world.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "The receiver's account")]
pub(super) struct AccountArguments {
    /// Token: 3 to 32 letters and digits
    #[arg(long, global = true, env = "MOCK_WECHAT_TOKEN", hide_env_values = true)]
    pub(super) token: Option<String>,
    /// EncodingAESKey: 43 letters and digits
    #[arg(long, global = true, env = "MOCK_WECHAT_AES_KEY", hide_env_values = true)]
    aes_key: Option<String>,
    /// AppID
    #[arg(long, global = true)]
    appid: Option<String>,
    /// Original id: gh_ and more
    #[arg(long, global = true)]
    original_id: Option<String>,
    /// plain, compatible or safe; safe where an EncodingAESKey is given
    #[arg(long, global = true, value_parser = word::<Mode>)]
    mode: Option<Mode>,
    /// official-account or mini-program
    #[arg(long, global = true, value_parser = word::<Kind>)]
    kind: Option<Kind>,
    /// xml or json; json for a mini-program
    #[arg(long, global = true, value_parser = word::<Format>)]
    format: Option<Format>,
}

impl AccountArguments {
    /// The account with this URL as its callback. `kind` is what it is unless the arguments say otherwise.
    pub(super) fn account(&self, callback: &str, kind: Kind) -> Result<Account, String> {
        let token = self.token.clone().ok_or("the token is missing: give --token or MOCK_WECHAT_TOKEN")?;
        let kind = self.kind.unwrap_or(kind);
        if kind == Kind::Component {
            return Err(
                "a third-party platform has no users; --kind is official-account or mini-program".into()
            );
        }
        let local = match kind {
            Kind::OfficialAccount | Kind::Component => "brand",
            Kind::MiniProgram => "shop",
        };
        let local = Platform::new().world().account(local).map(|registered| registered.account.clone());
        let local = local.unwrap_or_else(|| Account::named("receiver", kind));
        let mode = match (self.mode, &self.aes_key) {
            (Some(Mode::Plain), _) | (None, None) => Mode::Plain,
            (Some(_), None) => {
                return Err("compatible and safe mode need the EncodingAESKey: give --aes-key".into());
            }
            (Some(mode), Some(_)) => mode,
            (None, Some(_)) => Mode::Safe,
        };
        let account = Account {
            token,
            encoding_aes_key: self.aes_key.clone().unwrap_or(local.encoding_aes_key.clone()),
            app_id: self.appid.clone().unwrap_or(local.app_id.clone()),
            original_id: self.original_id.clone().unwrap_or(local.original_id.clone()),
            mode,
            format: self.format.unwrap_or(local.format),
            callback: Some(callback.to_owned()),
            ..local
        };
        account.check().map_err(|error| error.to_string())?;
        Ok(account)
    }
}

/// A word as the account's JSON spells it; a hyphen is as good as an underscore.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let word = Value::String(text.replace('-', "_").to_lowercase());
    serde_json::from_value(word).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

    fn arguments() -> AccountArguments {
        AccountArguments { token: Some("localtoken".into()), ..AccountArguments::default() }
    }

    #[test]
    fn a_key_means_safe_mode_and_none_means_plain() {
        let with_key = AccountArguments { aes_key: Some(KEY.into()), ..arguments() };
        let mode = |a: &AccountArguments| a.account("http://localhost/", Kind::OfficialAccount).unwrap().mode;

        assert_eq!((mode(&arguments()), mode(&with_key)), (Mode::Plain, Mode::Safe));
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_to_give() {
        for (arguments, needle) in [
            (AccountArguments::default(), "--token"),
            (AccountArguments { mode: Some(Mode::Safe), ..arguments() }, "--aes-key"),
            (AccountArguments { aes_key: Some("short".into()), ..arguments() }, "43"),
            (AccountArguments { appid: Some("brand".into()), ..arguments() }, "hex"),
        ] {
            let error = arguments.account("http://localhost/", Kind::OfficialAccount).unwrap_err();
            assert!(error.contains(needle), "{error}");
        }
    }

    #[test]
    fn words_are_read_with_either_joint() {
        assert_eq!(word::<Kind>("mini-program"), Ok(Kind::MiniProgram));
        assert_eq!(word::<Mode>("Safe"), Ok(Mode::Safe));
        assert!(word::<Format>("yaml").unwrap_err().contains("xml"));
    }
}
