//! A passive reply's content: checked, and as the person will see it.

use serde_json::{Map, Value, json};

use super::{Push, Replies};
use crate::{
    wire::fields::Fields,
    world::{
        account::Kind,
        chat::{Author, Draft},
    },
};

/// Bytes of UTF-8, about 680 Chinese characters.
const LONGEST_TEXT: usize = 2048;

/// What the reply says in one sentence and what appears in the chat, or what is wrong with it.
pub(super) fn content(push: &Push, fields: &Fields) -> Result<(String, Vec<Draft>), String> {
    let kind = fields.find("MsgType").map(str::trim).ok_or("MsgType is missing")?;
    let (reason, draft) = match kind {
        "text" => text(fields)?,
        "image" => media(fields, "Image", kind, &["MediaId"])?,
        "voice" => media(fields, "Voice", kind, &["MediaId"])?,
        "video" => media(fields, "Video", kind, &["MediaId"])?,
        // WeChat's document demands ThumbMediaId; several SDKs leave it out and are served.
        "music" => media(fields, "Music", kind, &[])?,
        "news" => news(push.replies, fields)?,
        "transfer_customer_service" => {
            return Ok(("the message goes to the customer service".into(), Vec::new()));
        }
        "device_text" if push.kind == "device_text" => {
            return Ok(("the content goes to the device".into(), Vec::new()));
        }
        other => {
            return Err(format!(
                "MsgType is {other:?}; it must be text, image, voice, video, music, news or transfer_customer_service"
            ));
        }
    };
    if push.registered.account.kind == Kind::MiniProgram {
        return Err(format!(
            "a mini-program's passive {kind} reply is not delivered; answer success and use customer-service messages"
        ));
    }
    if push.replies == Replies::Ignored {
        return Ok((format!("{} takes no reply: it is ignored; answer success", push.kind), Vec::new()));
    }
    Ok((reason, vec![draft]))
}

fn text(fields: &Fields) -> Result<(String, Draft), String> {
    let content = fields.find("Content").ok_or("Content is missing")?;
    if content.is_empty() {
        return Err("Content is empty; to show nothing answer success".into());
    }
    if content.len() > LONGEST_TEXT {
        return Err(format!("Content has {} bytes; at most {LONGEST_TEXT} are delivered", content.len()));
    }
    Ok((format!("a text of {} bytes", content.len()), Draft::text(Author::Account, "passive", content)))
}

fn media(fields: &Fields, group: &str, kind: &str, needed: &[&str]) -> Result<(String, Draft), String> {
    let group_fields = fields.groups(group).next().ok_or_else(|| format!("{group} is missing or empty"))?;
    for name in needed {
        if group_fields.find(name).is_none_or(str::is_empty) {
            return Err(format!("{group}/{name} is missing or empty"));
        }
    }
    let names = [
        ("MediaId", "media_id"),
        ("Title", "title"),
        ("Description", "description"),
        ("MusicUrl", "music_url"),
        ("HQMusicUrl", "hq_music_url"),
        ("ThumbMediaId", "thumb_media_id"),
    ];
    let more: Map<String, Value> = names
        .iter()
        .filter_map(|(wire, ours)| Some(((*ours).to_owned(), group_fields.find(wire)?.into())))
        .collect();
    Ok((format!("a reply of type {kind}"), Draft::other(Author::Account, "passive", kind, more)))
}

fn news(replies: Replies, fields: &Fields) -> Result<(String, Draft), String> {
    let articles = fields.groups("Articles").next().ok_or("Articles is missing or empty")?;
    let items: Vec<&Fields> = articles.groups("item").collect();
    if items.is_empty() {
        return Err("Articles holds no item".into());
    }
    let count = fields.find("ArticleCount").map(str::trim).unwrap_or_default();
    if count != items.len().to_string() {
        return Err(format!("ArticleCount is {count:?} but Articles holds {} items", items.len()));
    }
    let most = if replies == Replies::ToMessage { 1 } else { 8 };
    let shown: Vec<Value> = items
        .iter()
        .take(most)
        .map(|item| {
            let text = |name| item.find(name).unwrap_or_default();
            json!({
                "title": text("Title"),
                "description": text("Description"),
                "picurl": text("PicUrl"),
                "url": text("Url"),
            })
        })
        .collect();
    let dropped = items.len() - shown.len();
    let reason = match dropped {
        0 => format!("{} article(s)", shown.len()),
        _ => format!("{} article(s) shown, {dropped} dropped: this push takes at most {most}", shown.len()),
    };
    let more = Map::from_iter([("articles".to_owned(), Value::Array(shown))]);
    Ok((reason, Draft::other(Author::Account, "passive", "news", more)))
}
