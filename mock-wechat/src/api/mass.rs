//! Messages to many followers at once: WeChat's document "群发接口". The result is pushed afterwards as
//! `MASSSENDJOBFINISH`.

use serde_json::{Map, Value, json};

use super::{
    call::{Answer, Call},
    custom,
    error::{
        ApiError, INVALID_ARGS, INVALID_MEDIA_ID, INVALID_OPENID, INVALID_OPENID_LIST_SIZE, INVALID_TAG,
    },
    people::person,
};
use crate::{
    ids::PersonKey,
    platform::Platform,
    push::Push,
    wire::fields::Fields,
    world::{
        Registered, World,
        chat::{Author, Draft},
        mass::Again,
    },
};

/// OpenIDs in one list.
const MOST: usize = 10_000;
/// Bytes of a client's id.
const LONGEST_CLIENT_ID: usize = 64;

/// `POST /cgi-bin/message/mass/sendall {"filter": {"is_to_all", "tag_id"?}, "msgtype", ..., "clientmsgid"?}`
pub(super) fn send_all(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let mut world = platform.world_mut();
    let app_id = &registered.account.app_id;
    let filter = body.get("filter").and_then(Value::as_object).ok_or(INVALID_ARGS)?;
    let people: Vec<PersonKey> = if filter.get("is_to_all").and_then(Value::as_bool) == Some(true) {
        world.followers(app_id, 0).collect()
    } else {
        // Text or a number, as with tags.
        let tag = filter.get("tag_id").and_then(|id| id.as_u64().or_else(|| id.as_str()?.parse().ok()));
        let tag = tag.and_then(|id| u32::try_from(id).ok()).ok_or(INVALID_TAG)?;
        if !world.tags.exists(app_id, tag) {
            return Err(INVALID_TAG);
        }
        let has = |key: &PersonKey| {
            let relation = world.find_person(*key).and_then(|person| person.relation(app_id));
            relation.is_some_and(|relation| relation.tags.contains(&tag))
        };
        world.followers(app_id, 0).filter(has).collect()
    };
    job(platform, call, registered, &mut world, &body, &people)
}

/// `POST /cgi-bin/message/mass/send {"touser": [2 to 10,000 OpenIDs], "msgtype", ..., "clientmsgid"?}`
pub(super) fn send(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let mut world = platform.world_mut();
    let list = body.get("touser").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if list.len() < 2 {
        return Err(ApiError::code(40130));
    }
    if list.len() > MOST {
        return Err(INVALID_OPENID_LIST_SIZE);
    }
    let keys = list.iter().map(|id| person(&world, registered, id.as_str().unwrap_or_default()));
    let people = keys.collect::<Result<Vec<_>, _>>()?;
    job(platform, call, registered, &mut world, &body, &people)
}

/// `POST /cgi-bin/message/mass/preview {"touser" or "towxname", "msgtype", ...}`: a WeChat name is the person's name here.
pub(super) fn preview(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let mut world = platform.world_mut();
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let key = match text("towxname") {
        Some(name) => {
            world.find_person(PersonKey::of(name)).map(|person| person.key).ok_or(ApiError::code(40132))?
        }
        None => person(&world, registered, text("touser").unwrap_or_default())?,
    };
    let draft = draft(&world, registered, &body, call.now)?;
    show(platform, &mut world, registered, key, draft)?;
    Answer::json(&json!({"errcode": 0, "errmsg": "preview success", "msg_id": platform.sequence.next()}))
}

/// `POST /cgi-bin/message/mass/get {"msg_id"}`
pub(super) fn status(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let id = id(&call.json()?)?;
    let deleted = platform.world().mass.find(&registered.account.app_id, id).ok_or(INVALID_ARGS)?;
    let status = if deleted { "DELETE" } else { "SEND_SUCCESS" };
    Answer::json(&json!({"msg_id": id, "msg_status": status}))
}

/// `POST /cgi-bin/message/mass/delete {"msg_id", "article_idx"?}`: what followers have already stays with them.
pub(super) fn delete(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let id = id(&call.json()?)?;
    match platform.world_mut().mass.delete(&registered.account.app_id, id) {
        true => Ok(Answer::ok()),
        false => Err(INVALID_ARGS),
    }
}

/// Sends to everybody who follows and still has one of the month's messages.
fn job(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
    world: &mut World,
    body: &Map<String, Value>,
    people: &[PersonKey],
) -> Result<Answer, ApiError> {
    let app_id = &registered.account.app_id;
    let draft = draft(world, registered, body, call.now)?;
    let client_id = body.get("clientmsgid").and_then(Value::as_str).filter(|id| !id.is_empty());
    if let Some(client_id) = client_id {
        if client_id.len() > LONGEST_CLIENT_ID {
            return Err(ApiError::code(45067));
        }
        match world.mass.check(app_id, client_id, call.now) {
            Ok(()) => {}
            Err(Again::TooFast) => return Err(ApiError::code(45066)),
            Err(Again::Exists(id)) => {
                let rid = platform.sequence.rid(call.now);
                return Answer::json(&json!({
                    "errcode": 45065, "errmsg": format!("clientmsgid exist rid: {rid}"), "msg_id": id,
                }));
            }
        }
    }
    let mut reached = Vec::new();
    for key in people {
        let follows = world.find_person(*key).is_some_and(|person| person.follows(app_id));
        if follows && world.mass.take(*key, app_id, call.now) {
            reached.push(*key);
        }
    }
    if reached.is_empty() {
        return Err(ApiError::code(45028));
    }
    for key in &reached {
        show(platform, world, registered, *key, draft.clone())?;
    }
    let id = 1_000_000_000 + i64::try_from(platform.sequence.next()).unwrap_or(0);
    world.mass.remember(app_id, id, client_id, call.now);
    let told = finished(world, registered, id, people.len(), reached.len(), call.now);
    let mut answer = json!({"errcode": 0, "errmsg": "send job submission success", "msg_id": id});
    if body.get("msgtype").and_then(Value::as_str) == Some("mpnews") {
        answer["msg_data_id"] = json!(2_000_000_000 + id);
    }
    Ok(Answer::json(&answer)?.then(told))
}

/// `TotalCount` is who was meant, `FilterCount` who was left after filtering.
fn finished(
    world: &World,
    registered: &Registered,
    id: i64,
    total: usize,
    sent: usize,
    now: i64,
) -> Option<Push> {
    let copyright =
        Fields::new().number("Count", 0).group("ResultList", Fields::new()).number("CheckState", 1);
    let fields = Fields::new()
        .number("MsgID", id)
        .text("Status", "send success")
        .number("TotalCount", total)
        .number("FilterCount", sent)
        .number("SentCount", sent)
        .number("ErrorCount", 0)
        .group("CopyrightCheckResult", copyright);
    Push::from_wechat(world, registered, "MASSSENDJOBFINISH", now, fields)
}

fn show(
    platform: &Platform,
    world: &mut World,
    registered: &Registered,
    key: PersonKey,
    draft: Draft,
) -> Result<(), ApiError> {
    let relation = world.relation_mut(key, &registered.account.app_id).ok_or(INVALID_OPENID)?;
    relation.chat.add(platform.sequence.next(), platform.clock.millis(), draft);
    Ok(())
}

/// The types of customer-service messages, and `mpvideo`, whose file is not checked: it comes from another upload.
fn draft(
    world: &World,
    registered: &Registered,
    body: &Map<String, Value>,
    now: i64,
) -> Result<Draft, ApiError> {
    if body.get("msgtype").and_then(Value::as_str) == Some("mpvideo") {
        let video = body.get("mpvideo").and_then(Value::as_object).cloned().unwrap_or_default();
        video.get("media_id").and_then(Value::as_str).filter(|id| !id.is_empty()).ok_or(INVALID_MEDIA_ID)?;
        return Ok(Draft::other(Author::Account, "mass", "video", video));
    }
    let draft = custom::draft(world, &registered.account, body, now)?;
    Ok(Draft { via: "mass", ..draft })
}

fn id(body: &Map<String, Value>) -> Result<i64, ApiError> {
    let id = body.get("msg_id").and_then(|id| id.as_i64().or_else(|| id.as_str()?.parse().ok()));
    id.ok_or(INVALID_ARGS)
}
