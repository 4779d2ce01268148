//! One call of one API: what an answer or the lack of one means, two quick retries when WeChat is busy, and one when the
//! connection turned out to be dead. What acts (a message) is never said twice here.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::PlatformError;
use super::api::Api;
use super::client::{Http, Lost};
use super::errcode::{self, Meaning};
use super::stops::Stops;
use crate::clock::Clock;
use crate::ids::AppId;

/// Pauses before the second and third try of a call that only reads, when WeChat says -1.
const BUSY_PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(300)];

/// Why a call has no result.
#[derive(Clone, Debug)]
pub(super) enum Unmet {
    /// The access token is no longer good, with WeChat's code.
    StaleToken(i64),
    /// Anything else.
    Error(PlatformError),
}

/// The way to WeChat, with what is known to be closed on it.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) http: Http,
    pub(super) stops: Stops,
    pub(super) clock: Arc<dyn Clock>,
}

impl Line {
    /// The answer's object, when its `errcode` is absent or 0.
    pub(super) async fn call(
        &self,
        app_id: &AppId,
        api: &Api,
        query: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Value, Unmet> {
        let mut pauses = BUSY_PAUSES.iter();
        let mut cut = false;
        loop {
            self.stops.check(app_id, api, self.clock.now()).map_err(Unmet::Error)?;
            let answer = match self.http.ask(api.path, query, body.map(<[u8]>::to_vec)).await {
                Ok(answer) => answer,
                Err(Lost::Cut(_)) if !api.acts && !cut => {
                    cut = true;
                    continue;
                }
                Err(lost) => return Err(Unmet::Error(unanswered(api, lost))),
            };
            count(api, answer.code);
            match (answer.code, errcode::meaning(answer.code)) {
                (0, _) => return Ok(answer.body),
                (code, Meaning::StaleToken) => return Err(Unmet::StaleToken(code)),
                (_, Meaning::Busy) if !api.acts => {
                    if let Some(pause) = pauses.next() {
                        tokio::time::sleep(*pause).await;
                        continue;
                    }
                }
                _ => {}
            }
            return Err(Unmet::Error(self.stops.met(app_id, api, answer.code, self.clock.now())));
        }
    }
}

fn unanswered(api: &Api, lost: Lost) -> PlatformError {
    metrics::counter!("gateway_wechat_api_calls_total", "api" => api.path, "outcome" => "unanswered")
        .increment(1);
    match lost {
        Lost::Cut(why) | Lost::After(why) if api.acts => {
            PlatformError::Unknown(format!("{}: {why}", api.path))
        }
        Lost::Before(why) | Lost::Cut(why) | Lost::After(why) => {
            PlatformError::Transient(format!("{}: {why}", api.path))
        }
    }
}

fn count(api: &Api, code: i64) {
    let outcome = if code == 0 { "ok".to_owned() } else { code.to_string() };
    metrics::counter!("gateway_wechat_api_calls_total", "api" => api.path, "outcome" => outcome).increment(1);
}
