//! What a visitor of a mini-program does.

use serde::Deserialize;

use super::{ActError, Effect, Scenery};
use crate::{
    push::Replies,
    wire::fields::Fields,
    world::{World, account::Kind, codes::Purpose, windows::Trigger},
};

/// Enter the customer-service chat.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Enter {
    /// The button's `session-from`.
    pub(crate) session_from: String,
}

/// `wx.login`: gives a `js_code`, pushes nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Login {}

/// Consent to the phone number: gives a `code`, pushes nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Phone {}

impl Enter {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        if at.kind() == Kind::OfficialAccount {
            at.must_follow(world, "enter its chat")?;
            return Ok(Effect::nothing(
                "entering an Official Account's chat pushes nothing; a location report is `location` with `report`".into(),
            ));
        }
        let account = &at.registered.account;
        if let Some(relation) = world.relation_mut(at.person, at.app_id()) {
            relation.windows.open(Trigger::Enter, account.kind, account.windows, at.now);
        }
        let fields = Fields::new().text("SessionFrom", &self.session_from);
        Ok(Effect::push(at.event(world, "user_enter_tempsession", Replies::Ignored, fields)))
    }
}

impl Login {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::MiniProgram, "log in")?;
        let code = world.codes.issue(at.app_id(), at.person, Purpose::Login, at.now);
        Ok(Effect::default().with("js_code", code))
    }
}

impl Phone {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::MiniProgram, "give a phone number")?;
        let code = world.codes.issue(at.app_id(), at.person, Purpose::Phone, at.now);
        Ok(Effect::default().with("code", code))
    }
}
