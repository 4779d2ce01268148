//! Send a file, a link or a mini-program's card.
//!
//! The account can fetch the file by its `MediaId` for three days, as with WeChat. What is not given is made up: a
//! picture that decoders read, a second of silence, a film of nothing.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ActError, Effect, Scenery, message::send};
use crate::{
    ids,
    wire::{fields::Fields, file, picture},
    world::{
        World,
        account::Kind,
        chat::{Author, Draft},
        media::Medium,
    },
};

/// Send a picture.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Image {
    /// JPEG, PNG or GIF in base64; made up where absent.
    pub(crate) data: Option<String>,
    /// `PicUrl`, for receivers that fetch it; in WeChat's shape, where nothing is to be fetched, where absent.
    pub(crate) pic_url: Option<String>,
}

/// Send a spoken message.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Voice {
    /// AMR or MP3 in base64; a second of silence where absent.
    pub(crate) data: Option<String>,
    /// What WeChat understood, for accounts that have speech recognition.
    pub(crate) recognition: Option<String>,
}

/// Send a film: `video`, or `shortvideo` as older phones do.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Video {
    /// MP4 in base64; a film of nothing where absent.
    pub(crate) data: Option<String>,
}

/// Send a link.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) url: String,
}

/// Send a mini-program's card.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Card {
    pub(crate) title: String,
    /// The mini-program's AppID.
    pub(crate) appid: String,
    /// The page's path within the mini-program.
    pub(crate) pagepath: String,
}

impl Image {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_follow(world, "write to it")?;
        let file = self.file(at)?;
        Ok(self.sent(at, world, file))
    }

    /// The file that is sent: what was given, or a picture that nobody else sends.
    pub(super) fn file(&self, at: &Scenery<'_>) -> Result<Bytes, ActError> {
        given(self.data.as_deref(), "image/", || made_up_picture(at, "photo"))
    }

    pub(super) fn sent(&self, at: &Scenery<'_>, world: &mut World, file: Bytes) -> Effect {
        let digest = ids::opaque(43, &["sent picture", at.app_id(), &ids::hex(&ids::digest(&[at.name]))]);
        let media_id = keep(at, world, "image", file);
        let usual = || format!("http://mmbiz.qpic.cn/mmbiz_jpg/{digest}{}/0", &media_id[..16]);
        let pic_url = self.pic_url.clone().unwrap_or_else(usual);
        let shown = shown("image", [("media_id", &media_id), ("pic_url", &pic_url)]);
        let fields = Fields::new().text("PicUrl", pic_url);
        Effect::push(send(at, world, "image", shown, fields, Fields::new().text("MediaId", media_id)))
    }
}

impl Voice {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "send a spoken message")?;
        at.must_follow(world, "write to it")?;
        let file = given(self.data.as_deref(), "audio/", || Ok(silence()))?;
        let media_id = keep(at, world, "voice", file);
        let mut shown = shown("voice", [("media_id", &media_id), ("format", "amr")]);
        let mut behind = Fields::new();
        if let Some(words) = &self.recognition {
            shown.more.insert("recognition".into(), words.as_str().into());
            behind = behind.text("Recognition", words);
        }
        let fields = Fields::new().text("MediaId", media_id).text("Format", "amr");
        Ok(Effect::push(send(at, world, "voice", shown, fields, behind)))
    }
}

impl Video {
    /// `kind` is `video` or `shortvideo`.
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World, kind: &str) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "send a film")?;
        at.must_follow(world, "write to it")?;
        let file = given(self.data.as_deref(), "video/", || Ok(film_of_nothing()))?;
        let thumb = made_up_picture(at, "thumb")?;
        let (media_id, thumb_id) = (keep(at, world, "video", file), keep(at, world, "thumb", thumb));
        let shown = shown(kind, [("media_id", &media_id), ("thumb_media_id", &thumb_id)]);
        let fields = Fields::new().text("MediaId", media_id).text("ThumbMediaId", thumb_id);
        Ok(Effect::push(send(at, world, kind, shown, fields, Fields::new())))
    }
}

impl Link {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "send a link")?;
        at.must_follow(world, "write to it")?;
        let parts = [("title", &*self.title), ("description", &*self.description), ("url", &*self.url)];
        let fields = Fields::new()
            .text("Title", &self.title)
            .text("Description", &self.description)
            .text("Url", &self.url);
        Ok(Effect::push(send(at, world, "link", shown("link", parts), fields, Fields::new())))
    }
}

impl Card {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_follow(world, "write to it")?;
        let thumb = made_up_picture(at, "card")?;
        let thumb_id = keep(at, world, "thumb", thumb);
        let parts = [("title", &*self.title), ("appid", &*self.appid), ("pagepath", &*self.pagepath)];
        // Its number stands first, before the title: as logged.
        let behind = Fields::new()
            .text("Title", &self.title)
            .text("AppId", &self.appid)
            .text("PagePath", &self.pagepath)
            .text("ThumbUrl", format!("https://mmbiz.qpic.cn/mmbiz_jpg/{}/0", &thumb_id[..43]))
            .text("ThumbMediaId", thumb_id);
        let shown = shown("miniprogrampage", parts);
        Ok(Effect::push(send(at, world, "miniprogrampage", shown, Fields::new(), behind)))
    }
}

fn shown<const N: usize>(kind: &str, parts: [(&str, &str); N]) -> Draft {
    let more: Map<String, Value> =
        parts.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect();
    Draft::other(Author::Person, "message", kind, more)
}

/// The file that the arguments hold, if it is one of that family (`image/`, ...), or one that is made up.
fn given(
    data: Option<&str>,
    family: &str,
    made_up: impl FnOnce() -> Result<Bytes, ActError>,
) -> Result<Bytes, ActError> {
    let Some(data) = data else { return made_up() };
    let impossible = |why: &str| ActError::Impossible(format!("data {why}"));
    let bytes: Bytes = STANDARD.decode(data).map_err(|_| impossible("is no base64"))?.into();
    match file::content_type(&bytes) {
        Some(is) if is.starts_with(family) => Ok(bytes),
        Some(is) => Err(impossible(&format!("is of type {is}; it must be {family}..."))),
        None => Err(impossible(&format!("begins like no file that WeChat takes; it must be {family}..."))),
    }
}

/// Puts the file where `media/get` finds it.
fn keep(at: &Scenery<'_>, world: &mut World, kind: &str, bytes: Bytes) -> String {
    let content_type = file::content_type(&bytes).unwrap_or("application/octet-stream");
    let ending = content_type.rsplit('/').next().unwrap_or_default();
    world.media.add(Medium {
        media_id: String::new(),
        app_id: at.app_id().to_owned(),
        kind: kind.to_owned(),
        filename: format!("{kind}.{ending}"),
        content_type: content_type.to_owned(),
        bytes,
        created: at.now,
        permanent: false,
        title: String::new(),
        introduction: String::new(),
    })
}

/// A QR code that says whose picture it is: small, and its content can be checked.
fn made_up_picture(at: &Scenery<'_>, what: &str) -> Result<Bytes, ActError> {
    let text = format!("{what} by {}", at.name);
    let text = if text.len() > 200 { what.to_owned() } else { text };
    picture::jpeg(&text, 200).map(Bytes::from).map_err(|error| ActError::Impossible(error.to_string()))
}

/// A second of AMR: fifty frames without data.
fn silence() -> Bytes {
    let mut file = b"#!AMR\n".to_vec();
    file.resize(file.len() + 50, 0x7c);
    file.into()
}

/// An MP4 that says what it is and holds nothing.
fn film_of_nothing() -> Bytes {
    Bytes::from_static(b"\0\0\0\x18ftypisom\0\0\x02\0isommp41\0\0\0\x08mdat")
}
