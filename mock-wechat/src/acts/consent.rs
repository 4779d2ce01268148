//! Agree to subscription messages, or refuse them.

use serde::Deserialize;

use super::{ActError, Effect, Scenery};
use crate::{
    push::{Answered, Push},
    world::{World, account::Kind},
};

/// Answer the question whether subscription messages may be sent: each yes is good for one message.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subscribe {
    #[serde(default)]
    pub(crate) template_id: String,
    /// `false` to refuse.
    #[serde(default = "yes")]
    pub(crate) accept: bool,
    /// Refuse afterwards in the settings, and not when asked.
    #[serde(default)]
    pub(crate) withdraw: bool,
    /// In the place of one template: what is said to a question for several. They are told in one push.
    #[serde(default)]
    pub(crate) answers: Vec<Answer>,
}

/// What is said to one template of a question.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) template_id: String,
    #[serde(default = "yes")]
    pub(crate) accept: bool,
}

impl Subscribe {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        let one = [Answer { template_id: self.template_id.clone(), accept: self.accept }];
        let answers = if self.answers.is_empty() { &one } else { self.answers.as_slice() };
        for answer in answers {
            known(at, world, &answer.template_id)?;
        }
        let mut told = Vec::new();
        for Answer { template_id, accept } in answers {
            let accepts = *accept && !self.withdraw;
            world.templates.consent(at.person, at.app_id(), template_id, accepts);
            told.push((template_id.as_str(), accepts));
        }
        let answered = match (self.withdraw, at.kind()) {
            (true, _) => Answered::Withdrawn,
            (false, Kind::MiniProgram) => Answered::Asked { scene: 0 },
            (false, Kind::OfficialAccount | Kind::Component) => Answered::Asked { scene: 1 },
        };
        let push = Push::subscription_answered(world, at.registered, at.person, &told, answered, at.now);
        Ok(push.map_or_else(Effect::default, Effect::push))
    }
}

fn known(at: &Scenery<'_>, world: &World, template_id: &str) -> Result<(), ActError> {
    if world.templates.find(at.app_id(), template_id, true).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = world.templates.of(at.app_id(), true).map(|t| t.template_id.as_str()).collect();
    Err(ActError::Impossible(format!(
        "{} has no subscription template {template_id:?}; it has: {}",
        at.registered.account.name,
        known.join(", ")
    )))
}

fn yes() -> bool {
    true
}
