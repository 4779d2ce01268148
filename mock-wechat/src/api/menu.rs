//! Menus: WeChat's documents "自定义菜单" and "个性化菜单".

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_OPENID, NO_MENU},
    menu_shape::buttons,
};
use crate::{
    platform::Platform,
    world::{
        Registered,
        menus::{Button, Menu},
    },
};

/// Other sites that the buttons of all conditional menus may lead to.
const MOST_DOMAINS: usize = 3;

/// `POST /cgi-bin/menu/create {"button": [...]}`: replaces the default menu.
pub(super) fn create(platform: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let mut world = platform.world_mut();
    let buttons = buttons(&world, &body)?;
    world.menus.set(&registered.account.app_id, buttons);
    Ok(Answer::ok())
}

/// `GET /cgi-bin/menu/get`: menu numbers are numbers here.
pub(super) fn read(platform: &Platform, _: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let world = platform.world();
    let menus = world.menus.of(&registered.account.app_id).ok_or(NO_MENU)?;
    let mut answer = Map::from_iter([("menu".to_owned(), json!(menus.default))]);
    if !menus.conditional.is_empty() {
        answer.insert("conditionalmenu".into(), json!(menus.conditional));
    }
    Answer::json(&answer)
}

/// `GET /cgi-bin/menu/delete`: the default menu and all conditional ones.
pub(super) fn delete(platform: &Platform, _: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    platform.world_mut().menus.forget(&registered.account.app_id);
    Ok(Answer::ok())
}

/// `GET /cgi-bin/get_current_selfmenu_info`: the same menu with another key for the buttons below a button.
pub(super) fn current(platform: &Platform, _: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let world = platform.world();
    let Some(menus) = world.menus.of(&registered.account.app_id) else {
        return Answer::json(&json!({"is_menu_open": 0, "selfmenu_info": {"button": []}}));
    };
    let buttons: Vec<Value> = menus.default.buttons.iter().map(self_button).collect();
    Answer::json(&json!({"is_menu_open": 1, "selfmenu_info": {"button": buttons}}))
}

/// `POST /cgi-bin/menu/addconditional {"button": [...], "matchrule": {...}}`: the menu number is text here.
pub(super) fn add_conditional(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let mut world = platform.world_mut();
    let app_id = &registered.account.app_id;
    let menus = world.menus.of(app_id).ok_or(ApiError::code(65303))?;
    let buttons = buttons(&world, &body)?;
    let rule = body.get("matchrule").and_then(Value::as_object).ok_or(ApiError::code(65304))?;
    let says_something = |value: &Value| value.as_str().is_none_or(|text| !text.is_empty());
    if !rule.values().any(says_something) {
        return Err(ApiError::code(65304));
    }
    let menu = Menu { buttons, matchrule: Some(rule.clone()), id: 0 };
    let mut domains: BTreeSet<String> = menus.conditional.iter().flat_map(domains).collect();
    domains.extend(self::domains(&menu));
    if domains.len() > MOST_DOMAINS {
        return Err(ApiError::code(65316));
    }
    let id = world.menus.add(app_id, menu).ok_or(ApiError::code(65303))?;
    Answer::json(&json!({"menuid": id.to_string()}))
}

/// `POST /cgi-bin/menu/delconditional {"menuid"}`: text as documented, or the number that one SDK sends.
pub(super) fn delete_conditional(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let id = body.get("menuid").and_then(|id| id.as_i64().or_else(|| id.as_str()?.parse().ok()));
    let removed = id.is_some_and(|id| platform.world_mut().menus.remove(&registered.account.app_id, id));
    if removed { Ok(Answer::ok()) } else { Err(ApiError::code(65301)) }
}

/// `POST /cgi-bin/menu/trymatch {"user_id"}`: an OpenID, or a WeChat id, which here is the person's name.
pub(super) fn try_match(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let user = body.get("user_id").and_then(Value::as_str).ok_or(INVALID_OPENID)?;
    let world = platform.world();
    let by_name = || world.find_person(crate::ids::PersonKey::of(user));
    let person = world.person_of(registered, user).or_else(by_name).ok_or(ApiError::code(65302))?;
    let menu = world.menu_for(person.key, &registered.account.app_id).ok_or(NO_MENU)?;
    Answer::json(&json!({"button": menu.buttons}))
}

fn self_button(button: &Button) -> Value {
    let Ok(Value::Object(mut shown)) = serde_json::to_value(button) else { return Value::Null };
    shown.remove("sub_button");
    if !button.sub_button.is_empty() {
        let list: Vec<Value> = button.sub_button.iter().map(self_button).collect();
        shown.insert("sub_button".into(), json!({"list": list}));
    }
    Value::Object(shown)
}

fn domains(menu: &Menu) -> BTreeSet<String> {
    let hosts = menu.leaves().filter(|button| button.kind == "view").filter_map(|button| {
        let rest = button.url.split_once("://")?.1;
        Some(rest.split(['/', '?', '#']).next()?.to_owned())
    });
    hosts.collect()
}
