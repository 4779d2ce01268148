//! Third-party platforms (第三方平台; "components" in paths and parameters): WeChat's documents "第三方平台调用凭证" and
//! "授权账号管理".
//!
//! | file | holds |
//! |---|---|
//! | `token.rs` | tickets, the platform's own token, codes for the page of authorisation |
//! | `page.rs` | the page on which an account's owner authorises |
//! | `authorizer.rs` | what a platform asks about the accounts that authorised it, and their tokens |
//! | `option.rs` | switches of accounts |
//! | `sns.rs` | logins of accounts' users in the platform's name |
//!
//! A route made with `Route::component` is called with the platform of a valid token, after the checks that all share;
//! what a platform calls in an account's name are the ordinary routes, with the account's token.

mod authorizer;
mod option;
mod page;
mod sns;
mod token;

pub(super) use self::{
    authorizer::{clear_quota, info, list, query_auth, refresh},
    option::{read as option, read_own as own_option, set as set_option, set_own as set_own_option},
    page::authorize,
    sns::{access_token, jscode2session, refresh_token},
    token::{create_pre_auth_code, start_tickets, token},
};

use serde_json::{Map, Value};

use super::error::{ApiError, COMPONENT_APPID_MISSING, INVALID_COMPONENT};
use crate::world::Registered;

/// A body's text; an empty one counts as missing.
fn text<'a>(body: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The `component_appid` that every body has must be the token's.
fn must_be(component: &Registered, app_id: Option<&str>) -> Result<(), ApiError> {
    if app_id.ok_or(COMPONENT_APPID_MISSING)? == component.account.app_id {
        Ok(())
    } else {
        Err(INVALID_COMPONENT)
    }
}
