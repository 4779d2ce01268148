//! URL verification: the GET that WeChat sends when a callback is configured.

use std::time::Duration;

use crate::{journal::Verdict, platform::Platform, wire::signature::signature, world::account::Account};

impl Platform {
    /// Sends a signed `echostr` and compares the answer byte by byte. It is in clear in every mode.
    pub(crate) async fn verify_url(&self, account: &Account) -> Verdict {
        let Some(callback) = &account.callback else {
            return Verdict::bad(format!("{} has no callback to verify", account.name));
        };
        let (timestamp, nonce) = (self.clock.seconds().to_string(), self.sequence.nonce());
        let echo = format!("{}{}", self.sequence.nonce(), self.sequence.nonce());
        let signature = signature(&account.token, &timestamp, &nonce);
        let separator = if callback.contains('?') { '&' } else { '?' };
        let url = format!(
            "{callback}{separator}signature={signature}&echostr={echo}&timestamp={timestamp}&nonce={nonce}"
        );
        let limit = Duration::from_millis(account.push.timeout_ms);
        match self.courier.get(&url, limit).await {
            Err(reason) => Verdict::bad(reason),
            Ok(answer) if answer.status != 200 => {
                Verdict::bad(format!("HTTP status {}; is the token the same on both sides?", answer.status))
            }
            Ok(answer) if answer.body == echo.as_bytes() => Verdict::good("the echostr came back unchanged"),
            Ok(answer) => Verdict::bad(format!(
                "the body is {:?}; it must be the echostr {echo} and nothing else",
                String::from_utf8_lossy(&answer.body[..answer.body.len().min(80)])
            )),
        }
    }
}
