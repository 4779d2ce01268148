//! The shape of a menu, and the code of each mistake: buttons on top have codes of their own.

use serde_json::{Map, Value};

use super::error::ApiError;
use crate::world::{World, account::Kind, menus::Button};

const MOST_TOP: usize = 3;
const MOST_BELOW: usize = 5;
/// Bytes of UTF-8.
const LONGEST_KEY: usize = 128;
const LONGEST_URL: usize = 1024;

/// The code of each mistake in a button: on top, and below another.
struct Codes {
    button: i64,
    kind: i64,
    name: i64,
    key: i64,
    url: i64,
    domain: i64,
    longest_name: usize,
}

const TOP: Codes = Codes {
    button: 40016,
    kind: 40017,
    name: 40018,
    key: 40019,
    url: 40020,
    domain: 40055,
    longest_name: 16,
};
const BELOW: Codes = Codes {
    button: 40023,
    kind: 40024,
    name: 40025,
    key: 40026,
    url: 40027,
    domain: 40054,
    longest_name: 60,
};

/// The menu of a body, or what is wrong with its shape. Also for the control API.
pub(crate) fn buttons(world: &World, body: &Map<String, Value>) -> Result<Vec<Button>, ApiError> {
    let buttons = check(body)?;
    for button in each(&buttons) {
        let linked = || world.account(&button.appid).is_some_and(|a| a.account.kind == Kind::MiniProgram);
        if button.kind == "miniprogram" && !linked() {
            return Err(ApiError::code(45064));
        }
    }
    Ok(buttons)
}

/// The buttons of `{"button": [...]}`.
fn check(body: &Map<String, Value>) -> Result<Vec<Button>, ApiError> {
    let list = body.get("button").and_then(Value::as_array).ok_or(ApiError::code(TOP.button))?;
    if !(1..=MOST_TOP).contains(&list.len()) {
        return Err(ApiError::code(TOP.button));
    }
    list.iter().map(|button| one(button, &TOP)).collect()
}

/// Every button, on top and below.
fn each(buttons: &[Button]) -> impl Iterator<Item = &Button> {
    buttons.iter().flat_map(|top| std::iter::once(top).chain(&top.sub_button))
}

fn one(value: &Value, codes: &Codes) -> Result<Button, ApiError> {
    let button: Button = serde_json::from_value(value.clone()).map_err(|_| ApiError::code(codes.kind))?;
    if !(1..=codes.longest_name).contains(&button.name.len()) {
        return Err(ApiError::code(codes.name));
    }
    if button.sub_button.is_empty() {
        leaf(&button, codes)?;
        return Ok(button);
    }
    if codes.button == BELOW.button {
        return Err(ApiError::code(40022)); // there is no third level
    }
    if button.sub_button.len() > MOST_BELOW {
        return Err(ApiError::code(BELOW.button));
    }
    let below = value.get("sub_button").and_then(Value::as_array).into_iter().flatten();
    let sub_button = below.map(|button| one(button, &BELOW)).collect::<Result<_, _>>()?;
    // What a button above others would do is forgotten.
    Ok(Button { name: button.name, sub_button, ..Button::default() })
}

fn leaf(button: &Button, codes: &Codes) -> Result<(), ApiError> {
    let some = |text: &str, code| if text.is_empty() { Err(ApiError::code(code)) } else { Ok(()) };
    match button.kind.as_str() {
        "click" | "scancode_push" | "scancode_waitmsg" | "pic_sysphoto" | "pic_photo_or_album"
        | "pic_weixin" | "location_select" => {
            if !(1..=LONGEST_KEY).contains(&button.key.len()) {
                return Err(ApiError::code(codes.key));
            }
            Ok(())
        }
        "view" => url(button, codes),
        "miniprogram" => {
            url(button, codes)?;
            some(&button.appid, 40166)?;
            some(&button.pagepath, 40165)
        }
        "media_id" | "view_limited" => some(&button.media_id, 40007),
        "article_id" | "article_view_limited" => some(&button.article_id, 40007),
        _ => Err(ApiError::code(codes.kind)),
    }
}

fn url(button: &Button, codes: &Codes) -> Result<(), ApiError> {
    if !(1..=LONGEST_URL).contains(&button.url.len()) {
        return Err(ApiError::code(codes.url));
    }
    let host = button.url.strip_prefix("https://").or_else(|| button.url.strip_prefix("http://"));
    if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
        return Err(ApiError::code(codes.domain));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn code(buttons: Value) -> i64 {
        let body = Map::from_iter([("button".to_owned(), buttons)]);
        check(&body).map_or_else(|error| error.code, |_| 0)
    }

    #[test]
    fn every_mistake_has_its_code() {
        let click = json!({"name": "a", "type": "click", "key": "K"});
        let under = |button: Value| json!([{"name": "a", "sub_button": [button]}]);
        let view = |url: &str| json!({"name": "a", "type": "view", "url": url});
        for (buttons, expected) in [
            (json!([click]), 0),
            (json!([]), 40016),
            (json!([click, click, click, click]), 40016),
            (json!([{"name": "我的积分查", "type": "click", "key": "K"}]), 0),
            (json!([{"name": "我的积分查询", "type": "click", "key": "K"}]), 40018),
            (json!([{"name": "", "type": "click", "key": "K"}]), 40018),
            (json!([{"name": "a", "type": "teleport", "key": "K"}]), 40017),
            (json!([{"name": "a", "type": "click"}]), 40019),
            (json!([{"name": "a", "type": "click", "key": "k".repeat(129)}]), 40019),
            (json!([view("")]), 40020),
            (json!([view(&format!("https://a/{}", "x".repeat(1024)))]), 40020),
            (json!([view("example.com")]), 40055),
            (json!([{"name": "a", "type": "miniprogram", "url": "https://a", "pagepath": "p"}]), 40166),
            (json!([{"name": "a", "sub_button": [click, click, click, click, click, click]}]), 40023),
            (under(under(click.clone())[0].clone()), 40022),
            (under(json!({"name": "n".repeat(61), "type": "click", "key": "K"})), 40025),
            (under(json!({"name": "n".repeat(60), "type": "click", "key": "K"})), 0),
            (under(json!({"name": "a", "type": "teleport"})), 40024),
            (under(json!({"name": "a", "type": "click"})), 40026),
            (under(view("")), 40027),
            (under(view("ftp://example.com")), 40054),
            (json!([{"name": "a", "type": "media_id"}]), 40007),
        ] {
            assert_eq!(code(buttons.clone()), expected, "{buttons}");
        }
    }
}
