//! Mini-program codes: WeChat's document "获取小程序码". The picture is a square code here and not a round one: every
//! decoder reads it, and it says `https://mp.weixin.qq.com/a/~?appid=&page=&scene=`, or `&path=`.

use serde_json::{Map, Value};

use super::{
    call::{Answer, Call},
    error::{ApiError, INVALID_PAGE, INVALID_SCENE},
};
use crate::{platform::Platform, wire::picture, world::Registered};

/// `POST /wxa/getwxacodeunlimit {"scene", "page"?, "width"?, "is_hyaline"?, "line_color"?}`
pub(super) fn unlimited(_: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let (scene, page) = (text("scene"), text("page"));
    // The characters that the document lists.
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$&'()*+,/:;=?@-._~".contains(c);
    if scene.is_empty() || scene.len() > 32 || !scene.chars().all(allowed) {
        return Err(INVALID_SCENE);
    }
    if page.starts_with('/') || page.contains('?') {
        return Err(INVALID_PAGE);
    }
    drawn(&body, format!("{}&page={page}&scene={scene}", says(registered)))
}

/// `POST /wxa/getwxacode {"path", ...}` and `POST /cgi-bin/wxaapp/createwxaqrcode {"path", "width"?}`: the query is part of
/// the path here.
pub(super) fn limited(_: &Platform, call: &Call, registered: &Registered) -> Result<Answer, ApiError> {
    let body = call.json()?;
    let path = body.get("path").and_then(Value::as_str).unwrap_or_default();
    if !(1..=LONGEST_PATH).contains(&path.len()) {
        return Err(ApiError::code(40159));
    }
    if path.starts_with('/') {
        return Err(INVALID_PAGE);
    }
    drawn(&body, format!("{}&path={path}", says(registered)))
}

/// Bytes.
const LONGEST_PATH: usize = 1024;

fn says(registered: &Registered) -> String {
    format!("https://mp.weixin.qq.com/a/~?appid={}", registered.account.app_id)
}

/// The picture that the body asks for.
fn drawn(body: &Map<String, Value>, says: String) -> Result<Answer, ApiError> {
    let width = body.get("width").and_then(Value::as_u64).and_then(|width| u16::try_from(width).ok());
    let width = width.unwrap_or(430).clamp(280, 1280);
    if body.get("is_hyaline").and_then(Value::as_bool) == Some(true) {
        let line = body.get("line_color");
        // Numbers, or numbers as text as the document's sample has them.
        let part = |name: &str| {
            let value = line.and_then(|line| line.get(name));
            let number = value.and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok()));
            number.and_then(|n| u8::try_from(n).ok()).unwrap_or(0)
        };
        let png = picture::transparent_png(&says, width, [part("r"), part("g"), part("b")]);
        return png.map(|png| Answer::file("image/png", png)).map_err(|_| INVALID_SCENE);
    }
    picture::jpeg(&says, width).map(|jpeg| Answer::file("image/jpeg", jpeg)).map_err(|_| INVALID_SCENE)
}
