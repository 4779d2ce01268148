//! Tap a button of an Official Account's menu that asks the phone for something: a scan, pictures, a place.
//!
//! Pictures and places arrive as messages too, behind the event.

use serde::{Deserialize, Serialize};

use super::{ActError, Effect, Scenery, media::Image, menu::tapped, message::Location};
use crate::{
    push::Replies,
    wire::{fields::Fields, file::md5},
    world::{World, account::Kind, windows::Trigger},
};

/// Pictures that one tap sends at most.
const MOST_PICTURES: usize = 9;

/// A button of type `scancode_push` or `scancode_waitmsg`. Both open the menu's message window.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scancode {
    pub(crate) key: String,
    /// What the camera read; of a bar code its kind too: `EAN_13,6901234567892`.
    pub(crate) result: String,
    #[serde(default)]
    pub(crate) scan_type: ScanType,
}

/// What was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ScanType {
    #[default]
    Qrcode,
    Barcode,
}

/// A button of type `pic_sysphoto`, `pic_photo_or_album` or `pic_weixin`.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pictures {
    pub(crate) key: String,
    /// 1 to 9; made up where absent.
    #[serde(default = "Pictures::usual")]
    pub(crate) pictures: Vec<Image>,
}

/// A button of type `location_select`.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LocationSelect {
    pub(crate) key: String,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    #[serde(default = "LocationSelect::usual_scale")]
    pub(crate) scale: u32,
    /// The address.
    #[serde(default)]
    pub(crate) label: String,
    /// The place's name in WeChat's friends circle.
    #[serde(default)]
    pub(crate) poiname: String,
}

impl Scancode {
    /// `event` is the button's type.
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World, event: &str) -> Result<Effect, ActError> {
        tap(at, world, event, &self.key)?;
        let account = &at.registered.account;
        if let Some(relation) = world.relation_mut(at.person, at.app_id()) {
            relation.windows.open(Trigger::Menu, account.kind, account.windows, at.now);
        }
        let scan_type = match self.scan_type {
            ScanType::Qrcode => "qrcode",
            ScanType::Barcode => "barcode",
        };
        let scanned = Fields::new().text("ScanType", scan_type).text("ScanResult", &self.result);
        let fields = Fields::new().text("EventKey", &self.key).group("ScanCodeInfo", scanned);
        Ok(Effect::push(at.event(world, event, Replies::ToEvent, fields)))
    }
}

impl Pictures {
    /// `event` is the button's type.
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World, event: &str) -> Result<Effect, ActError> {
        tap(at, world, event, &self.key)?;
        if !(1..=MOST_PICTURES).contains(&self.pictures.len()) {
            let count = self.pictures.len();
            return Err(ActError::Impossible(format!(
                "{count} pictures; a phone sends 1 to {MOST_PICTURES}"
            )));
        }
        let files = self.pictures.iter().map(|picture| picture.file(at)).collect::<Result<Vec<_>, _>>()?;
        let list = files
            .iter()
            .fold(Fields::new(), |list, file| list.group("item", Fields::new().text("PicMd5Sum", md5(file))));
        let sent = Fields::new().number("Count", files.len()).group("PicList", list);
        let fields = Fields::new().text("EventKey", &self.key).group("SendPicsInfo", sent);
        let mut effect = Effect::push(at.event(world, event, Replies::ToEvent, fields));
        for (picture, file) in self.pictures.iter().zip(files) {
            effect.pushes.extend(picture.sent(at, world, file).pushes);
        }
        Ok(effect)
    }

    fn usual() -> Vec<Image> {
        vec![Image::default()]
    }
}

impl LocationSelect {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        tap(at, world, "location_select", &self.key)?;
        // Numbers are text here, other than in the message that follows.
        let place = Fields::new()
            .text("Location_X", self.latitude.to_string())
            .text("Location_Y", self.longitude.to_string())
            .text("Scale", self.scale.to_string())
            .text("Label", &self.label)
            .text("Poiname", &self.poiname);
        let fields = Fields::new().text("EventKey", &self.key).group("SendLocationInfo", place);
        let mut effect = Effect::push(at.event(world, "location_select", Replies::ToEvent, fields));
        let message = Location {
            latitude: self.latitude,
            longitude: self.longitude,
            scale: self.scale,
            label: self.label.clone(),
            report: false,
        };
        effect.pushes.extend(message.act(at, world)?.pushes);
        Ok(effect)
    }

    fn usual_scale() -> u32 {
        15
    }
}

fn tap(at: &Scenery<'_>, world: &World, kind: &str, key: &str) -> Result<(), ActError> {
    at.must_be(Kind::OfficialAccount, "tap a menu")?;
    at.must_follow(world, "tap its menu")?;
    tapped(at, world, |button| button.kind == kind && button.key == key).map(drop)
}
