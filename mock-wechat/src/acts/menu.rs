//! Tap a button of an Official Account's menu.

use serde::Deserialize;

use super::{ActError, Effect, Scenery};
use crate::{
    push::Replies,
    wire::fields::Fields,
    world::{
        World,
        account::Kind,
        menus::{self, Button},
        windows::Trigger,
    },
};

/// A button of type `click`.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Click {
    pub(crate) key: String,
}

/// A button of type `view`: opens no message window and takes no reply.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    pub(crate) url: String,
}

/// A button of type `miniprogram`: opens its page, opens no message window and takes no reply.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ViewMiniprogram {
    /// The page's path within the mini-program.
    pub(crate) path: String,
}

impl Click {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "tap a menu")?;
        at.must_follow(world, "tap its menu")?;
        tapped(at, world, |button| button.kind == "click" && button.key == self.key)?;
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
        let menu = tapped(at, world, |button| button.kind == "view" && button.url == self.url)?;
        let fields = Fields::new().text("EventKey", &self.url).number("MenuId", menu);
        Ok(Effect::push(at.event(world, "VIEW", Replies::Ignored, fields)))
    }
}

impl ViewMiniprogram {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "tap a menu")?;
        at.must_follow(world, "tap its menu")?;
        let menu = tapped(at, world, |button| button.kind == "miniprogram" && button.pagepath == self.path)?;
        let fields = Fields::new().text("EventKey", &self.path).number("MenuId", menu);
        Ok(Effect::push(at.event(world, "view_miniprogram", Replies::Ignored, fields)))
    }
}

/// The number of the menu that the person sees, if it has such a button: what is not there cannot be tapped.
///
/// A menu that the mock has never been told of may have been made in WeChat's console: then every button is there.
pub(super) fn tapped(
    at: &Scenery<'_>,
    world: &World,
    is_it: impl Fn(&Button) -> bool,
) -> Result<i64, ActError> {
    let Some(menu) = world.menu_for(at.person, at.app_id()) else { return Ok(menus::FIRST_ID) };
    if menu.leaves().any(is_it) {
        return Ok(menu.id);
    }
    let buttons: Vec<String> = menu
        .leaves()
        .map(|b| {
            let what = [&b.key, &b.pagepath, &b.url].into_iter().find(|text| !text.is_empty());
            format!("{} {}", b.kind, what.map_or("", String::as_str))
        })
        .collect();
    let account = &at.registered.account.name;
    Err(ActError::Impossible(format!(
        "the menu of {account} has no such button; it has: {}; POST /cgi-bin/menu/create sets it, and so does PUT \
         /_mock/accounts/{account}/menu {{\"button\": [...]}}",
        buttons.join(", ")
    )))
}
