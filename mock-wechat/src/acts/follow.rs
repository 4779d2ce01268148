//! Follow, unfollow, scan a parametric QR code.

use serde::{Deserialize, Serialize};

use super::{ActError, Effect, Scenery};
use crate::{
    push::Replies,
    wire::fields::Fields,
    world::{
        World,
        account::Kind,
        person,
        scenes::{QrCode, Scene},
        windows::Trigger,
    },
};

/// Seconds that a QR code lives which a scan made up because nobody had created it.
const MADE_UP_LIFETIME: i64 = 2_592_000;

/// Follow: by search, by scanning the QR code of a scene, or on the page after a payment.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Follow {
    pub(crate) scene: Option<SceneValue>,
    /// The payment's number, in the place of a scene.
    pub(crate) transaction_id: Option<String>,
}

/// Leave.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Unfollow {}

/// Scan a parametric QR code: a follower's push is `SCAN`, anyone else follows by it.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Scan {
    pub(crate) scene: Option<SceneValue>,
    /// In the place of a scene: the ticket that `qrcode/create` gave.
    pub(crate) ticket: Option<String>,
    /// In the place of both: what a camera read, `http://weixin.qq.com/q/...`.
    pub(crate) url: Option<String>,
}

/// A scene as text, or as the number that it was created with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema, Serialize)]
#[serde(untagged)]
pub(crate) enum SceneValue {
    Id(u32),
    Text(String),
}

impl Follow {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "follow")?;
        let code = self.scene.as_ref().map(|scene| code(at, world, scene)).transpose()?;
        self.by(at, world, code)
    }

    /// By a QR code, or else as it says itself.
    fn by(&self, at: &Scenery<'_>, world: &mut World, code: Option<QrCode>) -> Result<Effect, ActError> {
        let follow = person::Follow {
            since: at.now,
            subscribe_scene: match (&code, &self.transaction_id) {
                (Some(_), None) => "ADD_SCENE_QR_CODE".into(),
                (None, Some(_)) => "ADD_SCENE_PAID".into(),
                (None, None) => "ADD_SCENE_SEARCH".into(),
                (Some(_), Some(_)) => return Err(impossible("give a scene or a transaction_id, not both")),
            },
            scene: code.as_ref().map(|code| code.scene.clone()),
            order: 0,
        };
        if !world.follow(at.person, at.app_id(), follow) {
            let (name, account) = (at.name, &at.registered.account.name);
            return Ok(Effect::nothing(format!("{name} follows {account} already; WeChat pushes nothing")));
        }
        open(at, world, Trigger::Follow);
        let fields = match code {
            // An empty EventKey though the document has none, and no ticket after a payment: both as logged.
            None => Fields::new().text(
                "EventKey",
                match &self.transaction_id {
                    Some(id) => format!("last_trade_no_{id}"),
                    None => String::new(),
                },
            ),
            // Whether this counts as a scan too is not documented; the follow's window alone is the safe guess.
            Some(code) => Fields::new()
                .text("EventKey", format!("qrscene_{}", code.scene.key()))
                .text("Ticket", code.ticket),
        };
        Ok(Effect::push(at.event(world, "subscribe", Replies::ToEvent, fields)))
    }
}

impl Unfollow {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "unfollow")?;
        if !world.unfollow(at.person, at.app_id()) {
            let (name, account) = (at.name, &at.registered.account.name);
            return Ok(Effect::nothing(format!("{name} does not follow {account}; WeChat pushes nothing")));
        }
        let fields = Fields::new().text("EventKey", "");
        Ok(Effect::push(at.event(world, "unsubscribe", Replies::Ignored, fields)))
    }
}

impl Scan {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "scan")?;
        let code = self.code(at, world)?;
        if !world.find_person(at.person).is_some_and(|p| p.follows(at.app_id())) {
            return Follow::default().by(at, world, Some(code));
        }
        open(at, world, Trigger::Scan);
        let fields = Fields::new().text("EventKey", code.scene.key()).text("Ticket", code.ticket);
        Ok(Effect::push(at.event(world, "SCAN", Replies::ToEvent, fields)))
    }
}

impl Scan {
    /// The very code that is scanned; of a scene its newest.
    fn code(&self, at: &Scenery<'_>, world: &mut World) -> Result<QrCode, ActError> {
        if let Some(scene) = &self.scene {
            return code(at, world, scene);
        }
        let code = match (&self.ticket, &self.url) {
            (Some(ticket), _) => world.scenes.by_ticket(ticket),
            (None, Some(url)) => world.scenes.by_url(url),
            (None, None) => return Err(impossible("give the scene, the ticket or the url to scan")),
        };
        let code = code.filter(|code| code.app_id == at.app_id());
        let code = code.ok_or_else(|| impossible("no QR code of this account has that ticket or url"))?;
        if code.expires_at.is_some_and(|end| end <= at.now) {
            return Err(impossible("the QR code has expired"));
        }
        Ok(code.clone())
    }
}

impl From<SceneValue> for Scene {
    fn from(scene: SceneValue) -> Self {
        match scene {
            SceneValue::Id(id) => Self::Id(id),
            SceneValue::Text(text) => Self::Text(text),
        }
    }
}

fn impossible(why: &str) -> ActError {
    ActError::Impossible(why.to_owned())
}

/// The QR code of a scene, made up where nobody created a living one.
fn code(at: &Scenery<'_>, world: &mut World, scene: &SceneValue) -> Result<QrCode, ActError> {
    let scene = Scene::from(scene.clone()).checked().map_err(impossible)?;
    let existing = world.scenes.latest(at.app_id(), &scene.key());
    if let Some(code) = existing.filter(|code| code.expires_at.is_none_or(|end| end > at.now)) {
        return Ok(code.clone());
    }
    Ok(world.scenes.create(at.app_id(), scene, Some(MADE_UP_LIFETIME), at.now))
}

fn open(at: &Scenery<'_>, world: &mut World, trigger: Trigger) {
    let account = &at.registered.account;
    if let Some(relation) = world.relation_mut(at.person, at.app_id()) {
        relation.windows.open(trigger, account.kind, account.windows, at.now);
    }
}
