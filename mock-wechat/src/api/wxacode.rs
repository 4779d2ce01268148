//! Mini-program codes: WeChat's document "获取小程序码". The picture is a square code here and not a round one: every
//! decoder reads it, and it says `https://mp.weixin.qq.com/a/~?appid=&page=&scene=`.

use serde_json::Value;

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
    let width = body.get("width").and_then(Value::as_u64).and_then(|width| u16::try_from(width).ok());
    let width = width.unwrap_or(430).clamp(280, 1280);
    let says =
        format!("https://mp.weixin.qq.com/a/~?appid={}&page={page}&scene={scene}", registered.account.app_id);
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
