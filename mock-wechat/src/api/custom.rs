//! A customer-service message as the call has it: checked by its type, and as the chat will show it.

use serde_json::{Map, Value};

use super::error::{
    ApiError, CONTENT_TOO_LONG, EMPTY_CONTENT, EMPTY_NEWS, INVALID_MEDIA_ID, INVALID_MESSAGE_TYPE,
    INVALID_TYPE, MISSING_PARAMETER, NO_MESSAGE_MENU, TOO_MANY_ARTICLES,
};
use crate::world::{
    World,
    account::{Account, Kind},
    chat::{Author, Draft},
    standing::ServiceType,
};

/// Bytes of UTF-8.
const LONGEST_TEXT: usize = 2048;

/// A message whose type and content are read, and whose references are still to be checked.
struct Content<'a> {
    world: &'a World,
    account: &'a Account,
    now: i64,
    kind: &'a str,
    fields: Option<&'a Value>,
}

/// The message as it will be shown, or what is wrong with it.
pub(super) fn draft(
    world: &World,
    account: &Account,
    body: &Map<String, Value>,
    now: i64,
) -> Result<Draft, ApiError> {
    let kind = body.get("msgtype").and_then(Value::as_str).ok_or(INVALID_MESSAGE_TYPE)?;
    if let Some(service) = body.get("customservice") {
        let name = service.get("kf_account").and_then(Value::as_str).ok_or(ApiError::code(61451))?;
        if !name.split_once('@').is_some_and(|(who, at)| !who.is_empty() && !at.is_empty()) {
            return Err(ApiError::code(61452));
        }
    }
    let content = Content { world, account, now, kind, fields: body.get(kind) };
    if kind == "text" {
        let text = content.text("content").ok_or(EMPTY_CONTENT)?;
        if text.len() > LONGEST_TEXT {
            return Err(CONTENT_TOO_LONG);
        }
        return Ok(Draft::text(Author::Account, "custom", text));
    }
    content.check()?;
    let more = content.fields.and_then(Value::as_object).cloned().unwrap_or_default();
    Ok(Draft::other(Author::Account, "custom", kind, more))
}

impl Content<'_> {
    fn check(&self) -> Result<(), ApiError> {
        let mini_program = self.account.kind == Kind::MiniProgram;
        match self.kind {
            "image" => self.medium("media_id", "image"),
            "link" if mini_program => self.needs(&["title", "description", "url", "thumb_url"]),
            "miniprogrampage" => {
                self.needs(&["title", "pagepath"])?;
                if !mini_program {
                    self.needs(&["appid"])?;
                }
                self.medium("thumb_media_id", "image")
            }
            _ if mini_program => Err(INVALID_MESSAGE_TYPE),
            "voice" => self.medium("media_id", "voice"),
            "video" => {
                self.medium("media_id", "video")?;
                // Optional, but not made up.
                if self.text("thumb_media_id").is_some() {
                    self.medium("thumb_media_id", "image")
                } else {
                    Ok(())
                }
            }
            "music" => {
                self.needs(&["musicurl"])?;
                self.medium("thumb_media_id", "image")
            }
            "news" => self.news(),
            // What articles an account has published is not modelled.
            "mpnews" => self.text("media_id").map(|_| ()).ok_or(INVALID_MEDIA_ID),
            "mpnewsarticle" => self.needs(&["article_id"]),
            "msgmenu" => self.menu(),
            "wxcard" => self.needs(&["card_id"]),
            _ => Err(INVALID_MESSAGE_TYPE),
        }
    }

    /// An image, card or list of links must have been uploaded by this account and still be there.
    fn medium(&self, name: &str, kind: &str) -> Result<(), ApiError> {
        let id = self.text(name).ok_or(INVALID_MEDIA_ID)?;
        let medium = self.world.media.find(&self.account.app_id, id, self.now);
        let fits = medium.is_some_and(|m| m.kind == kind || (kind == "image" && m.kind == "thumb"));
        if fits { Ok(()) } else { Err(INVALID_MEDIA_ID) }
    }

    /// One article since October 2018; an object in the place of the list has a code of its own, as logged.
    fn news(&self) -> Result<(), ApiError> {
        let articles = self.fields.and_then(|news| news.get("articles")).ok_or(EMPTY_NEWS)?;
        match articles.as_array().ok_or(INVALID_TYPE)?.as_slice() {
            [] => Err(EMPTY_NEWS),
            [article] if article.is_object() => Ok(()),
            [_] => Err(INVALID_TYPE),
            _ => Err(TOO_MANY_ARTICLES),
        }
    }

    fn menu(&self) -> Result<(), ApiError> {
        let Account { kind, service_type, verified, .. } = self.account;
        if (*kind, *service_type, *verified) == (Kind::OfficialAccount, ServiceType::Subscription, false) {
            return Err(NO_MESSAGE_MENU);
        }
        let list = self.fields.and_then(|menu| menu.get("list")).and_then(Value::as_array);
        let list = list.filter(|list| !list.is_empty()).ok_or(MISSING_PARAMETER)?;
        let whole = |item: &Value| {
            // Numbers as ids are common in code that was written from the documents.
            let id =
                item.get("id").is_some_and(|id| id.is_u64() || id.as_str().is_some_and(|t| !t.is_empty()));
            id && item.get("content").and_then(Value::as_str).is_some_and(|t| !t.is_empty())
        };
        if list.iter().all(whole) { Ok(()) } else { Err(MISSING_PARAMETER) }
    }

    fn needs(&self, names: &[&str]) -> Result<(), ApiError> {
        if !self.fields.is_some_and(Value::is_object) {
            return Err(EMPTY_CONTENT);
        }
        if names.iter().all(|name| self.text(name).is_some()) { Ok(()) } else { Err(MISSING_PARAMETER) }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.fields?.get(name)?.as_str().filter(|text| !text.is_empty())
    }
}
