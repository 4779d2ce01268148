//! An attempt as the journal keeps it and as every verb of the control API returns it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Entry;

/// One attempt to deliver one push.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Delivery {
    /// Counts up within the mock.
    pub id: u64,
    /// Unix milliseconds of the mock's clock, when it was sent.
    pub at: i64,
    /// The account's name.
    pub account: String,
    /// The account's AppID.
    pub app_id: String,
    /// The person's name; `null` for a raw event from nobody.
    pub person: Option<String>,
    /// The event or message type: `subscribe`, `SCAN`, `text`, ...
    pub event: String,
    /// Counts from 1; 0 for a push that was not sent because pushes were suspended.
    pub attempt: u32,
    /// Whether this is a copy that a fault asked for.
    pub duplicate: bool,
    /// HTTP status; `null` when there was no answer in time.
    pub status: Option<u16>,
    /// Milliseconds until the whole answer was there, or until the attempt was given up.
    pub ms: u64,
    /// What was sent.
    pub request: DeliveryRequest,
    /// What came back.
    pub response: DeliveryResponse,
    /// What WeChat makes of it.
    pub verdict: Verdict,
    /// What a fault did to it.
    pub faults: Vec<String>,
}

/// What was sent.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DeliveryRequest {
    /// With all query parameters.
    pub url: String,
    /// The headers of WeChat Pay's signature, by name; none on other pushes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<&'static str, String>,
    /// As sent.
    pub body: String,
    /// Before encryption.
    pub plaintext: String,
}

/// What came back.
#[derive(Debug, Clone, Default, Serialize, utoipa::ToSchema)]
pub struct DeliveryResponse {
    /// As received; `null` when nothing was.
    pub body: Option<String>,
    /// After decryption; `null` where there is nothing to read.
    pub plaintext: Option<String>,
}

/// What WeChat makes of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Verdict {
    /// Whether it is a good answer.
    pub ok: bool,
    /// One sentence: what was answered, or what is wrong and where.
    pub reason: String,
}

impl Verdict {
    pub(crate) fn good(reason: impl Into<String>) -> Self {
        Self { ok: true, reason: reason.into() }
    }

    pub(crate) fn bad(reason: impl Into<String>) -> Self {
        Self { ok: false, reason: reason.into() }
    }
}

impl Delivery {
    /// Whether it went to a merchant and not to an account.
    pub(crate) fn is_of_pay(&self) -> bool {
        !self.request.headers.is_empty()
    }
}

impl Entry for Delivery {
    const WHAT: &str = "deliveries";

    fn id(&self) -> u64 {
        self.id
    }

    fn weight(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        600 + self.request.body.len()
            + self.request.plaintext.len()
            + text(&self.response.body)
            + text(&self.response.plaintext)
    }
}
