//! Tags on followers: WeChat's document "用户标签管理".

use serde_json::{Map, Value, json};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_OPENID, INVALID_OPENID_LIST_SIZE, INVALID_TAG, INVALID_TAG_NAME},
    people::{open_ids, person},
};
use crate::{
    platform::Platform,
    world::{
        Registered,
        tags::{self, Tags},
    },
};

/// Characters of a name.
const LONGEST_NAME: usize = 30;
/// People in one call.
const BATCH: usize = 50;
/// Tags on one person.
const MOST_EACH: usize = 20;
/// OpenIDs on one page.
const PAGE: usize = 10_000;

/// `POST /cgi-bin/tags/create {"tag": {"name"}}`
pub(super) fn create(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let app_id = &registered.account.app_id;
    let mut world = platform.world_mut();
    let name = name(&world.tags, app_id, &body)?;
    if world.tags.count(app_id) >= tags::MOST {
        return Err(ApiError::code(45056));
    }
    let id = world.tags.add(app_id, name);
    Answer::json(&json!({"tag": {"id": id, "name": name}}))
}

/// `GET /cgi-bin/tags/get`
pub(super) fn list(platform: &Platform, _: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let world = platform.world();
    let app_id = &registered.account.app_id;
    let mut counts: Map<String, Value> = Map::new();
    for follower in world.followers(app_id, 0) {
        let tags = world.find_person(follower).and_then(|p| p.relation(app_id)).map(|r| &r.tags);
        for tag in tags.into_iter().flatten() {
            let count = counts.entry(tag.to_string()).or_insert(json!(0));
            *count = json!(count.as_u64().unwrap_or(0) + 1);
        }
    }
    let count = |id: u32| counts.get(&id.to_string()).cloned().unwrap_or(json!(0));
    let tags: Vec<Value> =
        world.tags.of(app_id).map(|(id, name)| json!({"id": id, "name": name, "count": count(id)})).collect();
    Answer::json(&json!({"tags": tags}))
}

/// `POST /cgi-bin/tags/update {"tag": {"id", "name"}}`
pub(super) fn update(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let app_id = &registered.account.app_id;
    let mut world = platform.world_mut();
    let id = own_id(body.get("tag").and_then(|tag| tag.get("id")))?;
    let name = name(&world.tags, app_id, &body)?;
    if world.tags.rename(app_id, id, name) { Ok(Answer::ok()) } else { Err(INVALID_TAG) }
}

/// `POST /cgi-bin/tags/delete {"tag": {"id"}}`: it is taken off everybody.
pub(super) fn delete(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let app_id = &registered.account.app_id;
    let mut world = platform.world_mut();
    let id = own_id(body.get("tag").and_then(|tag| tag.get("id")))?;
    if !world.tags.remove(app_id, id) {
        return Err(INVALID_TAG);
    }
    let followers: Vec<_> = world.followers(app_id, 0).collect();
    for follower in followers {
        if let Some(relation) = world.relation_mut(follower, app_id) {
            relation.tags.retain(|tag| *tag != id);
        }
    }
    Ok(Answer::ok())
}

/// `/cgi-bin/user/tag/get {"tagid", "next_openid"?}`: SDKs call it with GET and a body, or with POST.
pub(super) fn members(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let app_id = &registered.account.app_id;
    let world = platform.world();
    let id = existing(&world.tags, app_id, body.get("tagid"))?;
    let after = match body.get("next_openid").and_then(Value::as_str).filter(|id| !id.is_empty()) {
        None => 0,
        Some(open_id) => {
            let follow =
                world.person_of(registered, open_id).and_then(|p| p.relation(app_id)?.follow.as_ref());
            follow.ok_or(INVALID_OPENID)?.order
        }
    };
    let tagged = world.followers(app_id, after).filter(|key| {
        let relation = world.find_person(*key).and_then(|person| person.relation(app_id));
        relation.is_some_and(|relation| relation.tags.contains(&id))
    });
    let page: Vec<String> = tagged.take(PAGE).map(|key| registered.open_ids.seal(key)).collect();
    let Some(last) = page.last().cloned() else { return Answer::json(&json!({"count": 0})) };
    Answer::json(&json!({"count": page.len(), "data": {"openid": page}, "next_openid": last}))
}

/// `POST /cgi-bin/tags/members/batchtagging {"openid_list", "tagid"}`: all or nobody.
pub(super) fn tag(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    change(platform, call, registered, |tags, id| {
        if tags.contains(&id) {
            return Ok(());
        }
        if tags.len() >= MOST_EACH {
            return Err(ApiError::code(45059));
        }
        tags.push(id);
        Ok(())
    })
}

/// `POST /cgi-bin/tags/members/batchuntagging {"openid_list", "tagid"}`
pub(super) fn untag(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    change(platform, call, registered, |tags, id| {
        tags.retain(|tag| *tag != id);
        Ok(())
    })
}

/// `POST /cgi-bin/tags/getidlist {"openid"}`
pub(super) fn of_person(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let world = platform.world();
    let key = person(&world, registered, body.get("openid").and_then(Value::as_str).unwrap_or_default())?;
    let relation = world.find_person(key).and_then(|p| p.relation(&registered.account.app_id));
    Answer::json(&json!({"tagid_list": relation.map_or(&[][..], |r| &r.tags)}))
}

fn change(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
    change: impl Fn(&mut Vec<u32>, u32) -> Result<(), ApiError>,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let app_id = &registered.account.app_id;
    let mut world = platform.world_mut();
    let id = existing(&world.tags, app_id, body.get("tagid"))?;
    let people = open_ids(&world, registered, &body)?;
    if people.len() > BATCH {
        return Err(INVALID_OPENID_LIST_SIZE);
    }
    let mut changed = Vec::new();
    for key in people {
        let person = world.find_person(key).filter(|p| p.follows(app_id)).ok_or(INVALID_OPENID)?;
        let mut tags = person.relation(app_id).map(|r| r.tags.clone()).unwrap_or_default();
        change(&mut tags, id)?;
        changed.push((key, tags));
    }
    for (key, tags) in changed {
        if let Some(relation) = world.relation_mut(key, app_id) {
            relation.tags = tags;
        }
    }
    Ok(Answer::ok())
}

fn name<'a>(tags: &Tags, app_id: &str, body: &'a Map<String, Value>) -> Result<&'a str, ApiError> {
    let name = body.get("tag").and_then(|tag| tag.get("name")).and_then(Value::as_str).unwrap_or_default();
    if name.is_empty() || tags.of(app_id).any(|(_, taken)| taken == name) {
        return Err(INVALID_TAG_NAME);
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(ApiError::code(45158));
    }
    Ok(name)
}

fn id(value: Option<&Value>) -> Option<u32> {
    // One SDK sends it as text.
    let number = value.and_then(|id| id.as_u64().or_else(|| id.as_str()?.parse().ok()));
    number.and_then(|id| u32::try_from(id).ok())
}

/// The id of a tag that the account made itself, as far as can be told from the id.
fn own_id(value: Option<&Value>) -> Result<u32, ApiError> {
    let id = id(value).ok_or(INVALID_TAG)?;
    if Tags::is_system(id) { Err(ApiError::code(45058)) } else { Ok(id) }
}

fn existing(tags: &Tags, app_id: &str, value: Option<&Value>) -> Result<u32, ApiError> {
    id(value).filter(|id| tags.exists(app_id, *id)).ok_or(INVALID_TAG)
}
