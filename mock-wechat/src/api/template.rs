//! Template messages: WeChat's document "模板消息".

use serde_json::{Map, Value, json};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_OPENID, INVALID_TEMPLATE, REFUSED, REQUIRE_SUBSCRIBE},
};
use crate::{
    platform::Platform,
    push::{Push, Replies},
    wire::fields::Fields,
    world::{
        Registered,
        chat::{Author, Draft},
        templates,
    },
};

/// `POST /cgi-bin/message/template/send {"touser", "template_id", "url"?, "miniprogram"?, "client_msg_id"?, "data"}`
///
/// `msgid` is larger than a double holds exactly. The result is pushed afterwards as `TEMPLATESENDJOBFINISH`.
pub(super) fn send(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let app_id = &registered.account.app_id;
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut world = platform.world_mut();
    let person = world.person_of(registered, text("touser").unwrap_or_default()).ok_or(INVALID_OPENID)?;
    let (key, follows) = (person.key, person.follows(app_id));
    let template = world.templates.find(app_id, text("template_id").unwrap_or_default(), false);
    let template = template.cloned().ok_or(INVALID_TEMPLATE)?;
    let data = body.get("data").and_then(Value::as_object).ok_or(ApiError::code(47001))?;
    mini_program(&body)?;
    if !follows {
        return Err(REQUIRE_SUBSCRIBE);
    }
    if let Some(message_id) =
        text("client_msg_id").and_then(|id| world.templates.sent_before(key, app_id, id, call.now))
    {
        return sent(message_id);
    }
    if world.find_person(key).and_then(|p| p.relation(app_id)).is_some_and(|r| r.blacklisted) {
        return Err(ApiError::code(43019));
    }
    let message_id = platform.sequence.job_id();
    if let Some(id) = text("client_msg_id") {
        world.templates.remember(key, app_id, id, call.now, message_id);
    }
    let filled = template.fill(|name| value(data, name));
    let more = links(&body, &template.title);
    let relation = world.relation_mut(key, app_id).ok_or(INVALID_OPENID)?;
    let draft = Draft { text: Some(filled), ..Draft::other(Author::Account, "template", "template", more) };
    relation.chat.add(platform.sequence.next(), platform.clock.millis(), draft);
    let fields = Fields::new().number("MsgID", message_id).text("Status", "success");
    let told =
        Push::event(&mut world, registered, key, "TEMPLATESENDJOBFINISH", Replies::Ignored, call.now, fields);
    Ok(sent(message_id)?.then(told))
}

/// `POST /cgi-bin/message/template/subscribe {"touser", "template_id", "scene", "title", "data"}`: once, after consent.
pub(super) fn send_once(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let app_id = &registered.account.app_id;
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut world = platform.world_mut();
    let key = world.person_of(registered, text("touser").unwrap_or_default()).ok_or(INVALID_OPENID)?.key;
    let template_id = text("template_id").ok_or(INVALID_TEMPLATE)?;
    if text("title").is_none_or(|title| title.chars().count() > 15) {
        return Err(ApiError::code(45003));
    }
    if !world.templates.use_consent(key, app_id, template_id) {
        return Err(REFUSED);
    }
    let content = body.get("data").and_then(Value::as_object).map(|data| value(data, "content"));
    let more = links(&body, text("title").unwrap_or_default());
    let relation = world.relation_mut(key, app_id).ok_or(INVALID_OPENID)?;
    let draft = Draft { text: content, ..Draft::other(Author::Account, "template", "template", more) };
    relation.chat.add(platform.sequence.next(), platform.clock.millis(), draft);
    Ok(Answer::ok())
}

/// `POST /cgi-bin/template/api_set_industry {"industry_id1", "industry_id2"}`
pub(super) fn set_industry(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let id = |key: &str| body.get(key).map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    let (first, second) = id("industry_id1").zip(id("industry_id2")).ok_or(ApiError::code(40097))?;
    platform.world_mut().templates.set_industries(&registered.account.app_id, &first, &second);
    Ok(Answer::ok())
}

/// `GET /cgi-bin/template/get_industry`
pub(super) fn industry(platform: &Platform, _: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let world = platform.world();
    let (first, second) = match world.templates.industries(&registered.account.app_id) {
        Some((first, second)) => (first.as_str(), second.as_str()),
        None => ("1", "2"),
    };
    let class = |id: &str| json!({"first_class": "IT科技", "second_class": format!("行业 {id}")});
    Answer::json(&json!({"primary_industry": class(first), "secondary_industry": class(second)}))
}

/// `POST /cgi-bin/template/api_add_template {"template_id_short", "keyword_name_list"?}`: a template of the library, its
/// keywords or, without any, the classic five values.
pub(super) fn add(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let short = body.get("template_id_short").and_then(Value::as_str).filter(|id| !id.is_empty());
    let short = short.ok_or(INVALID_TEMPLATE)?;
    let names = body.get("keyword_name_list").and_then(Value::as_array);
    let content = match names {
        Some(names) => {
            let lines = names.iter().filter_map(Value::as_str).enumerate();
            lines.map(|(n, name)| format!("{name}：{{{{keyword{}.DATA}}}}\n", n + 1)).collect()
        }
        None => "{{first.DATA}}\n{{keyword1.DATA}}\n{{keyword2.DATA}}\n{{keyword3.DATA}}\n{{remark.DATA}}"
            .to_owned(),
    };
    let mut world = platform.world_mut();
    let app_id = &registered.account.app_id;
    if world.templates.of(app_id, false).count() >= templates::MOST {
        return Err(ApiError::code(45026));
    }
    let template_id = world.templates.add(app_id, short, &content, false);
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "template_id": template_id}))
}

/// `GET /cgi-bin/template/get_all_private_template`
pub(super) fn list(platform: &Platform, _: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let world = platform.world();
    let templates: Vec<Value> = world
        .templates
        .of(&registered.account.app_id, false)
        .map(|t| {
            json!({
                "template_id": t.template_id, "title": t.title, "primary_industry": "IT科技",
                "deputy_industry": "互联网|电子商务", "content": t.content, "example": t.fill(|name| format!("示例 {name}")),
            })
        })
        .collect();
    Answer::json(&json!({"template_list": templates}))
}

/// `POST /cgi-bin/template/del_private_template {"template_id"}`
pub(super) fn delete(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let id = body.get("template_id").and_then(Value::as_str).unwrap_or_default();
    let removed = platform.world_mut().templates.remove(&registered.account.app_id, id, false);
    if removed { Ok(Answer::ok()) } else { Err(INVALID_TEMPLATE) }
}

/// `data.{name}.value`; nothing where it is absent.
pub(super) fn value(data: &Map<String, Value>, name: &str) -> String {
    let value = data.get(name).and_then(|value| value.get("value"));
    value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).unwrap_or_default()
}

/// Title and links as the chat keeps them; a mini-program comes before the address.
pub(super) fn links(body: &Map<String, Value>, title: &str) -> Map<String, Value> {
    let mut more = Map::from_iter([("title".to_owned(), Value::from(title))]);
    for key in ["miniprogram", "url", "page"] {
        if let Some(link) = body.get(key).filter(|link| !link.is_null() && **link != "") {
            more.insert(key.to_owned(), link.clone());
            break;
        }
    }
    more
}

fn mini_program(body: &Map<String, Value>) -> Result<(), ApiError> {
    match body.get("miniprogram").filter(|value| !value.is_null()) {
        None => Ok(()),
        Some(value) if value.get("appid").and_then(Value::as_str).is_some_and(|id| id.starts_with("wx")) => {
            Ok(())
        }
        Some(_) => Err(ApiError::code(40166)),
    }
}

fn sent(message_id: i64) -> Result<Answer, ApiError> {
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "msgid": message_id}))
}
