//! Agree to subscription messages, or refuse them.

use serde::Deserialize;

use super::{ActError, Effect, Scenery};
use crate::{
    push::{Answered, Push},
    world::{World, account::Kind},
};

/// Answer the question whether a subscription message may be sent: each yes is good for one message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subscribe {
    pub(crate) template_id: String,
    /// `false` to refuse.
    #[serde(default = "yes")]
    pub(crate) accept: bool,
    /// Refuse afterwards in the settings, and not when asked.
    #[serde(default)]
    pub(crate) withdraw: bool,
}

impl Subscribe {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        let account = &at.registered.account;
        if world.templates.find(at.app_id(), &self.template_id, true).is_none() {
            let known: Vec<&str> =
                world.templates.of(at.app_id(), true).map(|t| t.template_id.as_str()).collect();
            return Err(ActError::Impossible(format!(
                "{} has no subscription template {:?}; it has: {}",
                account.name,
                self.template_id,
                known.join(", ")
            )));
        }
        let accepts = self.accept && !self.withdraw;
        world.templates.consent(at.person, at.app_id(), &self.template_id, accepts);
        let answer = match (self.withdraw, account.kind) {
            (true, _) => Answered::Withdrawn,
            (false, Kind::MiniProgram) => Answered::Asked { accepts, scene: 0 },
            (false, Kind::OfficialAccount | Kind::Component) => Answered::Asked { accepts, scene: 1 },
        };
        let push =
            Push::subscription_answered(world, at.registered, at.person, &self.template_id, answer, at.now);
        Ok(push.map_or_else(Effect::default, Effect::push))
    }
}

fn yes() -> bool {
    true
}
