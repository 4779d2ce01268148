//! OpenIDs in arguments: whose they are, and what is wrong with others.

use serde_json::{Map, Value};

use super::error::{ApiError, FOREIGN_OPENID, INVALID_OPENID, INVALID_OPENID_LIST};
use crate::{
    ids::PersonKey,
    world::{Registered, World},
};

/// The person behind an OpenID of this account; another account's has a code of its own.
pub(super) fn person(world: &World, registered: &Registered, open_id: &str) -> Result<PersonKey, ApiError> {
    if let Some(person) = world.person_of(registered, open_id) {
        return Ok(person.key);
    }
    let foreign = world.accounts().any(|account| world.person_of(account, open_id).is_some());
    Err(if foreign { FOREIGN_OPENID } else { INVALID_OPENID })
}

/// The people of `openid_list`; an empty or missing list is an error, and so is a single wrong entry.
pub(super) fn open_ids(
    world: &World,
    registered: &Registered,
    body: &Map<String, Value>,
) -> Result<Vec<PersonKey>, ApiError> {
    let list = body.get("openid_list").and_then(Value::as_array).filter(|list| !list.is_empty());
    let list = list.ok_or(INVALID_OPENID_LIST)?;
    list.iter().map(|id| person(world, registered, id.as_str().unwrap_or_default())).collect()
}
