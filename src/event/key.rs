//! The unique key of a push: what stays the same when WeChat sends it again, and differs for everything else.
//!
//! * message: `m:{AppID}:{FromUserName}:{MsgId}:{CreateTime}`. A `MsgId` alone has collided across people.
//! * event: `e:{AppID}:{FromUserName}:{CreateTime}:{Event}:{EventKey}`, then what a kind adds. Sender and second alone
//!   are not enough: SCAN and LOCATION, or two taps on a menu, share both.
//!
//! Two taps on one button in one second are one event: nothing on the wire tells them from a repeat.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::head::Head;
use crate::ids::{AppId, DedupeKey};

/// The canonical text of a key while it is being written.
pub(super) struct KeyText<'a> {
    text: String,
    body: &'a [u8],
}

impl<'a> KeyText<'a> {
    /// Begins the key of a push with this header; `body` is the plaintext.
    pub(super) fn new(app_id: &AppId, head: &Head<'_>, event_key: &str, body: &'a [u8]) -> Self {
        let mut text = String::with_capacity(160);
        let (from, at) = (head.from, head.create_time);
        // Writing to a String cannot fail.
        let _ = match head.event {
            None => {
                text.extend(["m:", app_id.as_str(), ":", from, ":", head.msg_id, ":"]);
                write!(text, "{at}")
            }
            Some(_) => {
                text.extend(["e:", app_id.as_str(), ":", from, ":"]);
                let _ = write!(text, "{at}:");
                text.extend(head.name.chars().map(|c| c.to_ascii_lowercase()));
                text.extend([":", event_key]);
                Ok(())
            }
        };
        Self { text, body }
    }

    /// Adds what tells this push from another of the same kind, sender and second.
    pub(super) fn with(&mut self, part: &str) {
        self.text.extend([":", part]);
    }

    /// Adds the whole push, for kinds that nothing shorter identifies.
    pub(super) fn with_body(&mut self) {
        self.text.push(':');
        for byte in &Sha256::digest(self.body)[..16] {
            let _ = write!(self.text, "{byte:02x}");
        }
    }

    /// The key of an event of time `at`, unix ms.
    pub(super) fn finish(self, at: i64) -> DedupeKey {
        DedupeKey::of(at, &self.text)
    }
}
