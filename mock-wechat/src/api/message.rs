//! Customer-service messages: WeChat's document "客服消息".

use serde_json::{Map, Value};

use super::{
    call::{Answer, Call},
    error::{
        ApiError, CONTENT_TOO_LONG, EMPTY_CONTENT, INVALID_COMMAND, INVALID_MEDIA_ID, INVALID_MESSAGE_TYPE,
        INVALID_OPENID, INVALID_TYPE, TOO_MANY_ARTICLES, WINDOW_CLOSED, WINDOW_EXHAUSTED,
    },
};
use crate::{
    platform::Platform,
    world::{
        Registered,
        account::Kind,
        chat::{Author, Draft},
        windows::Closed,
    },
};

/// Bytes of UTF-8.
const LONGEST_TEXT: usize = 2048;

/// `POST /cgi-bin/message/custom/send {"touser", "msgtype", ...}`
pub(super) fn send(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let Registered { account, .. } = registered;
    let mut world = platform.world_mut();
    let to = body.get("touser").and_then(Value::as_str).unwrap_or_default();
    let person = world.person_of(registered, to).ok_or(INVALID_OPENID)?;
    let (person, follows) = (person.key, person.follows(&account.app_id));
    let draft = draft(&body, account.kind)?;
    if account.kind == Kind::OfficialAccount && !follows {
        return Err(WINDOW_CLOSED);
    }
    let relation = world.relation_mut(person, &account.app_id).ok_or(INVALID_OPENID)?;
    relation.windows.charge(call.now).map_err(|closed| match closed {
        Closed::None => WINDOW_CLOSED,
        Closed::Exhausted => WINDOW_EXHAUSTED,
    })?;
    relation.chat.add(platform.sequence.next(), platform.clock.millis(), draft);
    Ok(Answer::ok())
}

/// `POST /cgi-bin/message/custom/typing {"touser", "command"}`
pub(super) fn typing(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let world = platform.world();
    let to = body.get("touser").and_then(Value::as_str).unwrap_or_default();
    let person = world.person_of(registered, to).ok_or(INVALID_OPENID)?;
    if !matches!(body.get("command").and_then(Value::as_str), Some("Typing" | "CancelTyping")) {
        return Err(INVALID_COMMAND);
    }
    let relation = person.relation(&registered.account.app_id);
    match relation.is_some_and(|r| r.windows.open_at(call.now).next().is_some()) {
        true => Ok(Answer::ok()),
        false => Err(WINDOW_CLOSED),
    }
}

/// The message as it will be shown, or what is wrong with it.
fn draft(body: &Map<String, Value>, account: Kind) -> Result<Draft, ApiError> {
    let kind = body.get("msgtype").and_then(Value::as_str).ok_or(INVALID_MESSAGE_TYPE)?;
    let content = body.get(kind);
    let text = |key: &str| content.and_then(|c| c.get(key)).and_then(Value::as_str).filter(|t| !t.is_empty());
    let other = || {
        let more = content.and_then(Value::as_object).cloned().unwrap_or_default();
        Draft::other(Author::Account, "custom", kind, more)
    };
    match kind {
        "text" => {
            let text = text("content").ok_or(EMPTY_CONTENT)?;
            if text.len() > LONGEST_TEXT {
                return Err(CONTENT_TOO_LONG);
            }
            Ok(Draft::text(Author::Account, "custom", text))
        }
        "image" | "voice" | "video" | "mpnews" => text("media_id").map(|_| other()).ok_or(INVALID_MEDIA_ID),
        "music" => text("thumb_media_id").map(|_| other()).ok_or(INVALID_MEDIA_ID),
        "news" => match content.and_then(|c| c.get("articles")) {
            Some(Value::Array(articles)) if articles.len() == 1 => Ok(other()),
            Some(Value::Array(articles)) if articles.is_empty() => Err(EMPTY_CONTENT),
            Some(Value::Array(_)) => Err(TOO_MANY_ARTICLES),
            _ => Err(INVALID_TYPE),
        },
        "link" if account == Kind::OfficialAccount => Err(INVALID_MESSAGE_TYPE),
        "mpnewsarticle" | "msgmenu" | "wxcard" | "miniprogrampage" | "link" => {
            if content.is_some_and(Value::is_object) { Ok(other()) } else { Err(EMPTY_CONTENT) }
        }
        _ => Err(INVALID_MESSAGE_TYPE),
    }
}
