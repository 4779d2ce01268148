//! `mock-wechat trigger`: let a person do something, show how the receiver answered.

use super::{Ended, account::AccountArguments, outcome::Outcome, say, verb::Verb, wechat::Wechat};
use crate::world::account::Kind;

/// Without `--callback` a running mock is told to do it; with it, no mock has to run.
#[derive(Debug, clap::Args)]
pub(super) struct Trigger {
    #[command(subcommand)]
    verb: Verb,
    /// Who does it; people come into being when first named
    #[arg(long, global = true, default_value = "lin")]
    person: String,
    /// With which account, by name or AppID; brand, or shop for what is done in a mini-program
    #[arg(long, global = true)]
    account: Option<String>,
    /// The mock that runs
    #[arg(long, global = true, env = "MOCK_WECHAT_URL", default_value = "http://127.0.0.1:9090")]
    mock: String,
    /// Print the answer of the control API instead of words
    #[arg(long, global = true)]
    json: bool,
    /// Print requests and answers too, in clear
    #[arg(long, global = true, conflicts_with = "json")]
    wire: bool,
    /// Push to this URL, with no mock running; takes --token and, in safe mode, --aes-key
    #[arg(long, global = true, conflicts_with = "account")]
    callback: Option<String>,
    #[command(flatten)]
    receiver: AccountArguments,
}

impl Trigger {
    pub(super) async fn run(self) -> Result<Ended, String> {
        let (wechat, account) = self.wechat()?;
        let answer = wechat.perform(&self.person, &account, &self.verb).await?;
        if self.json {
            say(&answer);
        }
        let outcome = Outcome::read(answer)?;
        if !self.json {
            outcome.print(&self.person, self.verb.pushes(), self.wire);
        }
        Ok(outcome.ended(self.verb.pushes()))
    }

    /// Where it happens, and the account's name there.
    fn wechat(&self) -> Result<(Wechat, String), String> {
        let kind = self.verb.usual_kind();
        let Some(callback) = &self.callback else {
            let usual = match kind {
                Kind::OfficialAccount | Kind::Component => "brand",
                Kind::MiniProgram => "shop",
            };
            let account = self.account.clone().unwrap_or_else(|| usual.to_owned());
            return Ok((Wechat::running(&self.mock)?, account));
        };
        let account = self.receiver.account(callback, kind)?;
        let app_id = account.app_id.clone();
        Ok((Wechat::own(account)?, app_id))
    }
}
