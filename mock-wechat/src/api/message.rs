//! Customer-service messages: WeChat's document "客服消息".

use serde_json::Value;

use super::{
    call::{Answer, Call},
    custom,
    error::{
        ALREADY_TYPING, ApiError, INVALID_COMMAND, INVALID_OPENID, NO_INTERACTION, WINDOW_CLOSED,
        WINDOW_EXHAUSTED,
    },
};
use crate::{
    platform::Platform,
    world::{Registered, account::Kind, windows::Closed},
};

/// Seconds after what a person did in which "typing" may be shown.
const INTERACTION: i64 = 30;
/// Seconds for which it is shown.
const TYPING: i64 = 15;

/// `POST /cgi-bin/message/custom/send {"touser", "msgtype", ...}`
pub(super) fn send(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let Registered { account, .. } = registered;
    let mut world = platform.world_mut();
    let to = body.get("touser").and_then(Value::as_str).unwrap_or_default();
    let person = world.person_of(registered, to).ok_or(INVALID_OPENID)?;
    let (person, follows) = (person.key, person.follows(&account.app_id));
    let draft = custom::draft(&world, account, &body, call.now)?;
    if account.kind == Kind::OfficialAccount && !follows {
        return Err(WINDOW_CLOSED);
    }
    let relation = world.relation_mut(person, &account.app_id).ok_or(INVALID_OPENID)?;
    relation.windows.charge(call.now).map_err(|closed| match closed {
        Closed::None => WINDOW_CLOSED,
        Closed::Exhausted => WINDOW_EXHAUSTED,
    })?;
    relation.typing_until = 0;
    relation.chat.add(platform.sequence.next(), platform.clock.millis(), draft);
    Ok(Answer::ok())
}

/// `POST /cgi-bin/message/custom/typing {"touser", "command"}`: within 30 s of what the person did last.
pub(super) fn typing(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let mut world = platform.world_mut();
    let to = body.get("touser").and_then(Value::as_str).unwrap_or_default();
    let person = world.person_of(registered, to).ok_or(INVALID_OPENID)?.key;
    let starts = match body.get("command").and_then(Value::as_str) {
        Some("Typing") => true,
        Some("CancelTyping") => false,
        _ => return Err(INVALID_COMMAND),
    };
    let relation = world.relation_mut(person, &registered.account.app_id).ok_or(INVALID_OPENID)?;
    if relation.windows.open_at(call.now).next().is_none() {
        return Err(WINDOW_CLOSED);
    }
    if call.now - relation.acted_at > INTERACTION {
        return Err(NO_INTERACTION);
    }
    if starts && relation.typing_until > call.now {
        return Err(ALREADY_TYPING);
    }
    relation.typing_until = if starts { call.now + TYPING } else { 0 };
    Ok(Answer::ok())
}
