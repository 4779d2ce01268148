//! Raw events: any text, signed and pushed as it is.

use super::{Push, Replies, Sender};
use crate::{platform::Platform, wire::fields::Fields, world::account::Kind};

impl Platform {
    /// A push of this very text. A reply is shown where `FromUserName` is a person of this account. `None` when there
    /// is no such account.
    pub(crate) fn raw_push(&self, account: &str, plaintext: String) -> Option<Push> {
        let world = self.world();
        let registered = world.account(account)?;
        let fields = Fields::parse(&plaintext).unwrap_or_default();
        let open_id = fields.find("FromUserName").unwrap_or_default();
        let person = world.person_of(registered, open_id).map(|person| Sender {
            key: person.key,
            name: person.name.clone(),
            open_id: open_id.to_owned(),
        });
        // Third-party platforms' events have neither MsgType nor Event.
        let message_type = fields.find("MsgType").or_else(|| fields.find("InfoType")).unwrap_or("raw");
        let kind = fields.find("Event").unwrap_or(message_type).to_owned();
        let replies = match message_type {
            _ if registered.account.kind == Kind::Component => Replies::Ignored,
            "event" => replies_to(&kind),
            _ => Replies::ToMessage,
        };
        Some(Push { registered: registered.clone(), person, kind, plaintext, replies, through: None })
    }
}

/// Events that a person waits for an answer to.
fn replies_to(event: &str) -> Replies {
    match event.to_ascii_lowercase().as_str() {
        "subscribe" | "scan" | "click" | "scancode_waitmsg" | "scancode_push" | "location"
        | "pic_sysphoto" | "pic_photo_or_album" | "pic_weixin" | "location_select" => Replies::ToEvent,
        _ => Replies::Ignored,
    }
}
