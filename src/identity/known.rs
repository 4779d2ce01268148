//! What Sessions remember of a person.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::account::Lang;
use crate::ids::{AppId, OpenId, UnionId};
use crate::session::Sessions;

/// Another number is written by another version of the gateway, and is asked again.
const VERSION: u8 = 1;

/// What is known of a person as one account sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// `None`: WeChat has been asked, and gives none, because the account is not bound to an open-platform account.
    pub union_id: Option<UnionId>,
    /// Language of the words, where the person has chosen one.
    pub lang: Option<Lang>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    v: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    union_id: Option<UnionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lang: Option<Lang>,
}

/// The part of Sessions that is about people. A failing Sessions is an empty one.
#[derive(Clone)]
pub(super) struct People {
    pub(super) sessions: Arc<dyn Sessions>,
}

impl People {
    pub(super) async fn recall(&self, app_id: &AppId, open_id: &OpenId) -> Option<Known> {
        let key = key(app_id, open_id);
        let bytes = self.sessions.fetch(&key).await.ok()??;
        match serde_json::from_slice::<Record>(&bytes) {
            Ok(Record { v: VERSION, union_id, lang }) => Some(Known { union_id, lang }),
            _ => {
                metrics::counter!("gateway_sessions_corrupt_total").increment(1);
                let _ = self.sessions.forget_if(&key, &bytes).await;
                None
            }
        }
    }

    pub(super) async fn remember(&self, app_id: &AppId, open_id: &OpenId, known: &Known, ttl: Duration) {
        let record = Record { v: VERSION, union_id: known.union_id.clone(), lang: known.lang };
        if let Ok(bytes) = serde_json::to_vec(&record) {
            let _ = self.sessions.keep(&key(app_id, open_id), bytes.into(), ttl).await;
        }
    }

    pub(super) async fn forget(&self, app_id: &AppId, open_id: &OpenId) {
        let _ = self.sessions.forget(&key(app_id, open_id)).await;
    }
}

fn key(app_id: &AppId, open_id: &OpenId) -> String {
    format!("who:{app_id}:{}", open_id.as_str())
}
