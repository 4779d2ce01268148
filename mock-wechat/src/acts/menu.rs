//! Tap a button of an Official Account's menu.

use serde::Deserialize;

use super::{ActError, Effect, Scenery};
use crate::{
    push::Replies,
    wire::fields::Fields,
    world::{World, account::Kind, windows::Trigger},
};

/// Tells which of several conditional menus it was.
const MENU_ID: u64 = 430_012_345;

/// A button of type `click`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Click {
    pub(crate) key: String,
}

/// A button of type `view`: opens no message window and takes no reply.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    pub(crate) url: String,
}

/// A button of type `miniprogram`: opens its page, opens no message window and takes no reply.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewMiniprogram {
    /// The page's path within the mini-program.
    pub(crate) path: String,
}

impl Click {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "tap a menu")?;
        at.must_follow(world, "tap its menu")?;
        let account = &at.registered.account;
        if let Some(relation) = world.relation_mut(at.person, at.app_id()) {
            relation.windows.open(Trigger::Menu, account.kind, account.windows, at.now);
        }
        let fields = Fields::new().text("EventKey", &self.key);
        Ok(Effect::push(at.event(world, "CLICK", Replies::ToEvent, fields)))
    }
}

impl View {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "tap a menu")?;
        at.must_follow(world, "tap its menu")?;
        let fields = Fields::new().text("EventKey", &self.url).number("MenuId", MENU_ID);
        Ok(Effect::push(at.event(world, "VIEW", Replies::Ignored, fields)))
    }
}

impl ViewMiniprogram {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "tap a menu")?;
        at.must_follow(world, "tap its menu")?;
        let fields = Fields::new().text("EventKey", &self.path).number("MenuId", MENU_ID);
        Ok(Effect::push(at.event(world, "view_miniprogram", Replies::Ignored, fields)))
    }
}
