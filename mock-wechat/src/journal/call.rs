//! A call of WeChat's API as the journal keeps it.

use bytes::Bytes;
use serde::{Serialize, Serializer};

use super::Entry;

/// One API call as it was made and answered.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct CallRecord {
    /// Counts up within the mock.
    pub id: u64,
    /// Unix milliseconds of the mock's clock.
    pub at: i64,
    /// Name of the account whose token or AppID it carried, where valid.
    pub account: Option<String>,
    /// `GET` or `POST`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Names and values, decoded; an object in JSON.
    #[serde(serialize_with = "as_object")]
    #[schema(value_type = HashMap<String, String>)]
    pub query: Vec<(String, String)>,
    /// The request's body.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String)]
    pub request: Bytes,
    /// HTTP status; 0 when a fault left the call without an answer.
    pub status: u16,
    /// The answer's body, before a fault cut it.
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String)]
    pub response: Bytes,
    /// 0 for success.
    pub errcode: i64,
    /// What the error's text ends in, for `openapi/rid/get`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rid: Option<String>,
    /// How long the mock took, delays included.
    pub ms: u64,
    /// Whether the mock does not know this API.
    pub unmodelled: bool,
    /// What a fault did to it.
    pub faults: Vec<String>,
}

impl Entry for CallRecord {
    const WHAT: &str = "calls";

    fn id(&self) -> u64 {
        self.id
    }

    fn weight(&self) -> usize {
        400 + self.path.len() + self.request.len() + self.response.len()
    }
}

fn as_text<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(bytes))
}

fn as_object<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}
