//! Subscription messages of both kinds of account: WeChat's documents "订阅消息" and "订阅通知". A person agrees to each
//! message beforehand.

use serde_json::{Map, Value, json};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_OPENID, INVALID_PAGE, INVALID_TEMPLATE, REFUSED},
    template::{links, value},
};
use crate::{
    platform::Platform,
    push::Push,
    world::{
        Registered,
        chat::{Author, Draft},
        templates::{self, Template},
    },
};

/// `POST /cgi-bin/message/subscribe/send` for mini-programs, `.../bizsend` for Official Accounts: `{"touser",
/// "template_id", "page"?, "data"}`. What became of it is pushed as `subscribe_msg_sent_event`.
pub(super) fn send(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let app_id = &registered.account.app_id;
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut world = platform.world_mut();
    let key = world.person_of(registered, text("touser").unwrap_or_default()).ok_or(INVALID_OPENID)?.key;
    let template_id = text("template_id").unwrap_or_default();
    let template = world.templates.find(app_id, template_id, true).cloned().ok_or(INVALID_TEMPLATE)?;
    let empty = Map::new();
    let data = body.get("data").and_then(Value::as_object).unwrap_or(&empty);
    check(&template, data)?;
    if text("page").is_some_and(|page| page.starts_with('/') || page.starts_with("http")) {
        return Err(INVALID_PAGE);
    }
    if !world.templates.use_consent(key, app_id, template_id) {
        return Err(REFUSED);
    }
    let message_id = platform.sequence.job_id();
    let filled = template.fill(|name| value(data, name));
    let relation = world.relation_mut(key, app_id).ok_or(INVALID_OPENID)?;
    let more = links(&body, &template.title);
    let draft =
        Draft { text: Some(filled), ..Draft::other(Author::Account, "subscription", "template", more) };
    relation.chat.add(platform.sequence.next(), platform.clock.millis(), draft);
    let told = Push::subscription_sent(&mut world, registered, key, template_id, message_id, call.now);
    Ok(Answer::json(&json!({"errcode": 0, "errmsg": "ok", "msgid": message_id}))?.then(told))
}

/// `GET /wxaapi/newtmpl/getcategory`
pub(super) fn categories(_: &Platform, _: &Call, _: &Registered) -> Result<Answer, ApiError> {
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "data": [{"id": 616, "name": "会员"}]}))
}

/// `GET /wxaapi/newtmpl/getpubtemplatetitles?ids=&start=&limit=`: a library of one.
pub(super) fn titles(_: &Platform, _: &Call, _: &Registered) -> Result<Answer, ApiError> {
    let title = json!({"tid": 307, "title": TITLE, "type": 2, "categoryId": "616"});
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "count": 1, "data": [title]}))
}

/// `GET /wxaapi/newtmpl/getpubtemplatekeywords?tid=`
pub(super) fn keywords(_: &Platform, _: &Call, _: &Registered) -> Result<Answer, ApiError> {
    let keywords: Vec<Value> = LIBRARY
        .iter()
        .enumerate()
        .map(|(n, (name, rule))| json!({"kid": n + 1, "name": name, "example": "示例", "rule": rule}))
        .collect();
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "count": keywords.len(), "data": keywords}))
}

/// `POST /wxaapi/newtmpl/addtemplate {"tid", "kidList", "sceneDesc"?}`
pub(super) fn add(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let tid = body.get("tid").map(|tid| tid.as_str().map_or_else(|| tid.to_string(), str::to_owned));
    let tid = tid.filter(|tid| !tid.is_empty()).ok_or(INVALID_TEMPLATE)?;
    let kids = body.get("kidList").and_then(Value::as_array).filter(|kids| (2..=5).contains(&kids.len()));
    let kids = kids.ok_or(ApiError::code(40097))?;
    let mut content = String::new();
    for kid in kids {
        let known = kid.as_u64().and_then(|kid| usize::try_from(kid).ok()).filter(|kid| *kid > 0);
        let (name, rule) = known.and_then(|kid| LIBRARY.get(kid - 1)).ok_or(ApiError::code(40097))?;
        content.push_str(&format!("{name}：{{{{{rule}{kid}.DATA}}}}\n"));
    }
    let app_id = &registered.account.app_id;
    let mut world = platform.world_mut();
    if world.templates.of(app_id, true).count() >= templates::MOST {
        return Err(ApiError::code(45026));
    }
    let id = world.templates.add_as(app_id, &format!("{tid} {content}"), TITLE, content.trim_end(), true);
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "priTmplId": id}))
}

/// `GET /wxaapi/newtmpl/gettemplate`
pub(super) fn list(platform: &Platform, _: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let world = platform.world();
    let templates: Vec<Value> = world
        .templates
        .of(&registered.account.app_id, true)
        .map(|t| {
            let example = t.fill(|_| "示例".into());
            json!({"priTmplId": t.template_id, "title": t.title, "content": t.content, "example": example, "type": 2})
        })
        .collect();
    Answer::json(&json!({"errcode": 0, "errmsg": "ok", "data": templates}))
}

/// `POST /wxaapi/newtmpl/deltemplate {"priTmplId"}`
pub(super) fn delete(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let id = body.get("priTmplId").and_then(Value::as_str).unwrap_or_default();
    let removed = platform.world_mut().templates.remove(&registered.account.app_id, id, true);
    if removed { Ok(Answer::ok()) } else { Err(INVALID_TEMPLATE) }
}

/// What the library's template is called.
const TITLE: &str = "积分变动提醒";

/// Keywords that a template may be made of: what they are called, and the kind of value.
const LIBRARY: &[(&str, &str)] = &[
    ("积分", "number"),
    ("说明", "thing"),
    ("时间", "time"),
    ("金额", "amount"),
    ("订单号", "character_string"),
    ("姓名", "name"),
];

/// Every value of the template must be there and fit its kind, which is in its name.
fn check(template: &Template, data: &Map<String, Value>) -> Result<(), ApiError> {
    for name in template.keywords() {
        let value = value(data, name);
        if !fits(name.trim_end_matches(|c: char| c.is_ascii_digit()), &value) {
            return Err(ApiError::argument(&format!("data.{name}.value")));
        }
    }
    Ok(())
}

fn fits(kind: &str, value: &str) -> bool {
    let length = value.chars().count();
    let all = |allowed: fn(char) -> bool| value.chars().all(allowed);
    if value.is_empty() {
        return false;
    }
    match kind {
        "thing" => length <= 20,
        "number" => length <= 32 && value.parse::<f64>().is_ok(),
        "letter" => length <= 32 && all(|c| c.is_ascii_alphabetic()),
        "symbol" | "phrase" => length <= 5,
        "character_string" => length <= 32 && all(|c| c.is_ascii_graphic()),
        "phone_number" => length <= 17 && all(|c| c.is_ascii_digit() || "+-() ".contains(c)),
        "car_number" => length <= 8,
        "name" => length <= if value.is_ascii() { 20 } else { 10 },
        "amount" => length <= 14,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn values_fit_their_kinds() {
        for (kind, value, expected) in [
            ("thing", "二十个字以内的说明文字", true),
            ("thing", "超过二十个字的说明文字超过二十个字的说明文字", false),
            ("thing", "", false),
            ("number", "10000", true),
            ("number", "ten", false),
            ("phrase", "待兑换", true),
            ("phrase", "已经可以兑换了", false),
            ("character_string", "order-1", true),
            ("character_string", "订单", false),
            ("name", "王小明", true),
            ("time", "2026-01-02 03:04", true),
        ] {
            assert_eq!(fits(kind, value), expected, "{kind} {value}");
        }
    }
}
