//! What a thing that is bound to a person's phone (微信硬件平台) makes WeChat push: an old interface that SDKs still read.
//!
//! Shapes are those of SDKs' fixtures: `DeviceType` is the account's original id, `Content` is base64, `SessionID` is a bare
//! number, and the person stands in `OpenID` too. Nothing of it is shown in the chat.

use serde::Deserialize;

use super::{ActError, Effect, Scenery};
use crate::{
    push::{Push, Replies},
    wire::fields::Fields,
    world::{World, account::Kind},
};

/// Let a device send something through the phone.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceText {
    pub(crate) device_id: String,
    /// What it sends, in base64 as it goes over the wire.
    #[serde(default = "DeviceText::usual_data")]
    pub(crate) data: String,
}

/// Bind a device to the phone, or unbind it.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceEvent {
    pub(crate) device_id: String,
    #[serde(default)]
    pub(crate) event: Binding,
    /// What the device adds, in base64.
    #[serde(default)]
    pub(crate) data: String,
}

/// What becomes of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Binding {
    #[default]
    Bind,
    Unbind,
}

impl DeviceText {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        let session = at.platform.sequence.next();
        let behind = Fields::new().number("MsgId", at.platform.sequence.message_id());
        pushed(at, world, "device_text", Fields::new(), (&self.device_id, &self.data, session), behind)
    }

    fn usual_data() -> String {
        "aGVsbG8=".into()
    }
}

impl DeviceEvent {
    pub(super) fn act(&self, at: &Scenery<'_>, world: &mut World) -> Result<Effect, ActError> {
        let event = match self.event {
            Binding::Bind => "bind",
            Binding::Unbind => "unbind",
        };
        let head = Fields::new().text("Event", event);
        pushed(at, world, "device_event", head, (&self.device_id, &self.data, 0), Fields::new())
    }
}

fn pushed(
    at: &Scenery<'_>,
    world: &mut World,
    kind: &str,
    head: Fields,
    (device, data, session): (&str, &str, u64),
    behind: Fields,
) -> Result<Effect, ActError> {
    at.must_be(Kind::OfficialAccount, "use a device with it")?;
    at.must_follow(world, "use a device with it")?;
    let fields = head
        .text("DeviceType", &at.registered.account.original_id)
        .text("DeviceID", device)
        .text("Content", data)
        .number("SessionID", session)
        .and(behind)
        .text("OpenID", at.registered.open_ids.seal(at.person));
    let push: Push = at.message(world, kind, kind, Replies::Ignored, fields);
    Ok(Effect::push(push))
}
