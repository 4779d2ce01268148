//! The blacklist: WeChat's document "黑名单管理".

use serde_json::{Value, json};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_OPENID, INVALID_OPENID_LIST_SIZE},
    people::{open_ids, person},
};
use crate::{platform::Platform, world::Registered};

/// People in one call.
const BATCH: usize = 20;
/// OpenIDs on one page.
const PAGE: usize = 10_000;

/// `POST /cgi-bin/tags/members/getblacklist {"begin_openid"?}`
pub(super) fn list(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let world = platform.world();
    let app_id = &registered.account.app_id;
    let mut all: Vec<String> = world
        .people()
        .filter(|person| person.relation(app_id).is_some_and(|relation| relation.blacklisted))
        .map(|person| registered.open_ids.seal(person.key))
        .collect();
    all.sort_unstable();
    let after = match body.get("begin_openid").and_then(Value::as_str).filter(|id| !id.is_empty()) {
        None => 0,
        Some(open_id) => {
            person(&world, registered, open_id)?;
            all.partition_point(|id| id.as_str() <= open_id)
        }
    };
    let page: Vec<&String> = all.iter().skip(after).take(PAGE).collect();
    let Some(last) = page.last() else {
        return Answer::json(&json!({"total": all.len(), "count": 0, "next_openid": ""}));
    };
    Answer::json(&json!({
        "total": all.len(), "count": page.len(), "data": {"openid": page}, "next_openid": last,
    }))
}

/// `POST /cgi-bin/tags/members/batchblacklist {"openid_list"}`
pub(super) fn add(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    set(platform, call, registered, true)
}

/// `POST /cgi-bin/tags/members/batchunblacklist {"openid_list"}`
pub(super) fn remove(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    set(platform, call, registered, false)
}

fn set(platform: &Platform, call: &Call, registered: &Registered, to: bool) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let mut world = platform.world_mut();
    let people = open_ids(&world, registered, &body)?;
    if people.len() > BATCH {
        return Err(INVALID_OPENID_LIST_SIZE);
    }
    for key in people {
        let relation = world.relation_mut(key, &registered.account.app_id).ok_or(INVALID_OPENID)?;
        relation.blacklisted = to;
    }
    Ok(Answer::ok())
}
