//! `mock-wechat health`: whether a mock runs. The health check of a container that holds nothing but this program.

use super::{Ended, say, wechat::Wechat};

/// Exit status 0: it does; 2: it does not.
#[derive(Debug, clap::Args)]
pub(super) struct Health {
    /// The mock in question
    #[arg(long, env = "MOCK_WECHAT_URL", default_value = "http://127.0.0.1:9090")]
    mock: String,
}

impl Health {
    pub(super) async fn run(self) -> Result<Ended, String> {
        let health = Wechat::running(&self.mock)?.health().await?;
        say(&health);
        Ok(Ended::Well)
    }
}
