//! What a call takes of the account's quota, before it is answered. How much is left is told in `quota.rs`.

use super::error::{ApiError, DAILY_QUOTA, MINUTE_QUOTA};
use crate::{
    platform::Platform,
    world::{account::Account, quotas::Reached},
};

/// Counts a call against the account's limits.
pub(super) fn charge(platform: &Platform, account: &Account, path: &str, now: i64) -> Result<(), ApiError> {
    let limit = account.quotas.get(path);
    platform.quotas().charge(&account.app_id, path, limit, now).map_err(|reached| match reached {
        Reached::Day => DAILY_QUOTA,
        Reached::Minute => MINUTE_QUOTA,
    })
}
