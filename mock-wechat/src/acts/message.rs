//! Write to an account.

use serde::Deserialize;
use serde_json::{Map, json};

use super::{ActError, Effect, Scenery};
use crate::{
    push::{Push, Replies},
    wire::fields::Fields,
    world::{
        World,
        account::Kind,
        chat::{Author, Draft},
        windows::Trigger,
    },
};

/// Send a text.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    pub(crate) content: String,
    /// The item of a message menu (`msgmenu`) that was tapped instead of writing.
    #[serde(default)]
    pub(crate) menu_id: Option<String>,
}

/// Send a place; or, with `report`, let the phone report where it is on entering the chat.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Location {
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    #[serde(default = "Location::usual_scale")]
    pub(crate) scale: u32,
    #[serde(default)]
    pub(crate) label: String,
    #[serde(default)]
    pub(crate) report: bool,
}

impl Text {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_follow(world, "write to it")?;
        if self.content.is_empty() {
            return Err(ActError::Impossible("an empty text cannot be sent; give its content".to_owned()));
        }
        let shown = Draft::text(Author::Person, "message", &self.content);
        let fields = Fields::new().text("Content", &self.content);
        let behind =
            self.menu_id.as_ref().map_or_else(Fields::new, |id| Fields::new().text("bizmsgmenuid", id));
        Ok(Effect::push(send(at, world, "text", shown, fields, behind)))
    }
}

impl Location {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        at.must_be(Kind::OfficialAccount, "send a location")?;
        at.must_follow(world, "write to it")?;
        if self.report {
            let fields = Fields::new()
                .number("Latitude", format!("{:.6}", self.latitude))
                .number("Longitude", format!("{:.6}", self.longitude))
                .number("Precision", "65.000000");
            return Ok(Effect::push(at.event(world, "LOCATION", Replies::ToEvent, fields)));
        }
        let more = Map::from_iter([
            ("latitude".to_owned(), json!(self.latitude)),
            ("longitude".to_owned(), json!(self.longitude)),
            ("label".to_owned(), json!(self.label)),
        ]);
        let shown = Draft::other(Author::Person, "message", "location", more);
        let fields = Fields::new()
            .number("Location_X", format!("{:.6}", self.latitude))
            .number("Location_Y", format!("{:.6}", self.longitude))
            .number("Scale", self.scale)
            .text("Label", &self.label);
        Ok(Effect::push(send(at, world, "location", shown, fields, Fields::new())))
    }

    fn usual_scale() -> u32 {
        16
    }
}

/// Shows the message in the chat, opens or renews the message window, and pushes it under a fresh `MsgId`, behind
/// which optional fields stand.
pub(super) fn send(
    at: &Scenery<'_>,
    world: &mut World,
    kind: &str,
    shown: Draft,
    fields: Fields,
    behind: Fields,
) -> Push {
    let account = &at.registered.account;
    if let Some(relation) = world.relation_mut(at.person, at.app_id()) {
        relation.windows.open(Trigger::Message, account.kind, account.windows, at.now);
        relation.chat.add(at.platform.sequence.next(), at.platform.clock.millis(), shown);
    }
    let fields = fields.number("MsgId", at.platform.sequence.message_id()).and(behind);
    at.message(world, kind, kind, Replies::ToMessage, fields)
}
