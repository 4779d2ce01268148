//! One fault: what it is, whether it can be, and what it does.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::digest;

/// A fault as asked for. In JSON: `{"on": "/cgi-bin/user/info", "do": "errcode", "value": 45009, "times": 2}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The path of an API call, or `push`.
    pub on: String,
    /// What goes wrong.
    #[serde(rename = "do")]
    pub action: Action,
    /// `errcode`: the number; `delay`: milliseconds or `"2s"`; `status`: the HTTP status; `duplicate` and
    /// `repeat`: how many further copies (1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// For that many matches, then never again. Without `times`, `every` and `probability`: once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// For every n-th match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// For that share of matches, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Only for this account (name or AppID).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Only for pushes of this event or message type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The call answers this errcode.
    Errcode,
    /// The call is answered, or the push is sent, later.
    Delay,
    /// The call is never answered; half of the push arrives and then nothing.
    Hang,
    /// The connection is cut.
    Reset,
    /// Half of the body is missing.
    Truncate,
    /// The call answers an HTML page with this HTTP status.
    Status,
    /// The push is sent again, at the same time.
    Duplicate,
    /// The push is sent again after it was answered, as where the answer was lost on its way.
    Repeat,
    /// The call's answer has control characters in its first text, as nicknames of old did.
    ControlCharacters,
    /// The push waits until the account's next push is through, or two seconds.
    Reorder,
    /// The push carries wrong signatures.
    BadSignature,
    /// The push's envelope names another AppID.
    WrongAppid,
}

impl Action {
    /// As it is written in JSON.
    fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// A fault as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    Errcode(i64),
    Delay(Duration),
    Hang,
    Reset,
    Truncate,
    Status(u16),
    Duplicate(u32),
    Repeat(u32),
    ControlCharacters,
    Reorder,
    BadSignature,
    WrongAppid,
}

/// Why a fault cannot be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// `on` is neither a path nor `push`.
    #[error("on is {0:?}; it must be the path of a call, such as /cgi-bin/user/info, or \"push\"")]
    On(String),
    /// The action does not go with `on`.
    #[error("{action} can befall {place} only", action = .0.name(), place = .1)]
    Place(Action, &'static str),
    /// The value does not go with the action.
    #[error("value must be {0}")]
    Value(&'static str),
    /// More than one of times, every and probability, or one out of range.
    #[error("give one of times (1 or more), every (1 or more) and probability (0 to 1)")]
    Frequency,
}

impl Fault {
    /// Something that goes wrong once with the calls to a path, or with `push`es.
    pub fn on(on: &str, action: Action) -> Self {
        let on = on.to_owned();
        Self {
            on,
            action,
            value: None,
            times: None,
            every: None,
            probability: None,
            account: None,
            event: None,
        }
    }

    /// The errcode, HTTP status, delay or number of copies.
    #[must_use]
    pub fn with_value(mut self, value: impl Into<Value>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// For that many matches instead of one.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// For every n-th match.
    #[must_use]
    pub fn every(mut self, nth: u64) -> Self {
        self.every = Some(nth);
        self
    }

    /// For that share of matches, 0 to 1.
    #[must_use]
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// Only for this account (name or AppID).
    #[must_use]
    pub fn for_account(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    /// Only for pushes of this event or message type.
    #[must_use]
    pub fn for_event(mut self, event: &str) -> Self {
        self.event = Some(event.to_owned());
        self
    }

    /// A number that is this fault's own, however many others there are; `twins` are those in place that are the same.
    pub(super) fn stream(&self, twins: usize) -> u64 {
        let digest = digest(&[&serde_json::json!(self).to_string(), &twins.to_string()]);
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    pub(super) fn check(&self) -> Result<Effect, FaultError> {
        let push = self.on == "push";
        if !push && (!self.on.starts_with('/') || self.on.contains('?')) {
            return Err(FaultError::On(self.on.clone()));
        }
        let frequencies = [self.times.is_some(), self.every.is_some(), self.probability.is_some()];
        if frequencies.iter().filter(|given| **given).count() > 1
            || self.times == Some(0)
            || self.every == Some(0)
            || self.probability.is_some_and(|p| !(0.0..=1.0).contains(&p))
        {
            return Err(FaultError::Frequency);
        }
        let number = || self.value.as_ref().and_then(Value::as_i64);
        let only = |fits: bool, place| if fits { Ok(()) } else { Err(FaultError::Place(self.action, place)) };
        Ok(match self.action {
            Action::Errcode => {
                only(!push, "calls")?;
                Effect::Errcode(number().ok_or(FaultError::Value("an errcode such as 45009"))?)
            }
            Action::Status => {
                only(!push, "calls")?;
                let status = number().and_then(|n| u16::try_from(n).ok()).filter(|n| (200..=599).contains(n));
                Effect::Status(status.ok_or(FaultError::Value("an HTTP status from 200 to 599"))?)
            }
            Action::Delay => {
                let delay = self.value.as_ref().and_then(|value| match value {
                    Value::String(text) => crate::duration::parse(text).ok(),
                    other => other.as_u64().map(Duration::from_millis),
                });
                Effect::Delay(delay.ok_or(FaultError::Value("milliseconds or a time such as \"2s\""))?)
            }
            Action::Duplicate | Action::Repeat => {
                only(push, "pushes")?;
                let copies = number().unwrap_or(1);
                let copies = u32::try_from(copies).ok().filter(|n| (1..=100).contains(n));
                let copies = copies.ok_or(FaultError::Value("1 to 100 copies"))?;
                if self.action == Action::Repeat { Effect::Repeat(copies) } else { Effect::Duplicate(copies) }
            }
            Action::ControlCharacters => only(!push, "calls").map(|()| Effect::ControlCharacters)?,
            Action::Hang => Effect::Hang,
            Action::Reset => Effect::Reset,
            Action::Truncate => Effect::Truncate,
            Action::Reorder => only(push, "pushes").map(|()| Effect::Reorder)?,
            Action::BadSignature => only(push, "pushes").map(|()| Effect::BadSignature)?,
            Action::WrongAppid => only(push, "pushes").map(|()| Effect::WrongAppid)?,
        })
    }
}
