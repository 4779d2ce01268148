//! What WeChat Pay has to say to merchants and could not yet.

use std::sync::Arc;

use axum::{Json, extract::State, http::Uri};
use serde::{Deserialize, Serialize};

use super::{ControlError, query};
use crate::{platform::Platform, push::PendingNotice};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct PendingQuery {
    /// Name or AppID; all accounts where it is left out.
    account: Option<String>,
}

/// Notifications that were not taken.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct PendingNotices {
    /// In the order in which they were told first.
    pending: Vec<PendingNotice>,
}

/// Notifications that their merchants have not taken, and when each is told again by the mock's clock: 15 s, 15 s, 30 s,
/// 3 min, 10 min, 20 min, three times 30 min, 1 h, three times 3 h and twice 6 h from one attempt to the next.
#[utoipa::path(get, path = "/_mock/pay/pending", params(PendingQuery), responses((status = 200, body = PendingNotices)))]
pub(super) async fn pending(
    State(platform): State<Arc<Platform>>,
    uri: Uri,
) -> Result<Json<PendingNotices>, ControlError> {
    let PendingQuery { account } = query(&uri)?;
    let app_id = account.map(|name| {
        let registered = platform.world().account(&name).cloned();
        registered.map(|found| found.account.app_id.clone()).ok_or_else(|| ControlError::no_account(&name))
    });
    Ok(Json(PendingNotices { pending: platform.pending_notices(app_id.transpose()?.as_deref()) }))
}
