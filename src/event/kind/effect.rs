//! What a kind means to the rest of the gateway.

use crate::account::Format;
use crate::event::key::KeyText;
use crate::event::limits::{MAX_ELEMENTS, MAX_KEY};
use crate::ids::{OpenId, UnionId};
use crate::ledger::{Action, Facts};

/// What a kind means to the rest of the gateway. The defaults fit a menu tap of the sender.
pub(in crate::event) trait Effect {
    /// Whom it is about.
    fn person(&self) -> Person<'_> {
        Person::Sender
    }

    /// The person across the brand's accounts, in the few kinds that say.
    fn union_id(&self) -> Option<&UnionId> {
        None
    }

    /// Adds what tells it from another with the same sender, second, `Event` and `EventKey`. All notices to an operator
    /// have one sender and no key, so that only their text tells them apart.
    fn distinguish(&self, key: &mut KeyText<'_>) {
        if self.person() == Person::Nobody {
            key.with_body();
        }
    }

    /// Adds what the rules may look at: no name, phone, OpenID or message text.
    fn facts(&self, _facts: &mut Facts) {}

    /// What it does beyond the rules.
    fn action(&self) -> Action {
        Action::Touch
    }

    /// True when WeChat shows a passive reply to it.
    fn expects_reply(&self) -> bool {
        false
    }

    /// The body that tells WeChat to stop repeating it.
    fn acknowledgement(&self) -> Ack {
        Ack::Success
    }

    /// Bytes that its `EventKey` may have.
    fn longest_key(&self) -> usize {
        MAX_KEY
    }

    /// Elements that it may have.
    fn most_elements(&self) -> usize {
        MAX_ELEMENTS
    }
}

/// Whom a push is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::event) enum Person<'a> {
    /// `FromUserName`.
    Sender,
    /// Somebody named inside it; its sender is a service of WeChat.
    Named(&'a OpenId),
    /// Nobody: it is a notice to the account's operator.
    Nobody,
}

/// The body of an answer that says "I have it" and nothing to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ack {
    /// The word `success`.
    Success,
    /// `ErrCode` 0 in the format of the push; virtual payments are repeated up to 15 times without it.
    ErrCode,
}

impl Ack {
    /// The octets to answer with.
    #[must_use]
    pub fn body(self, format: Format) -> &'static str {
        match (self, format) {
            (Self::Success, _) => "success",
            (Self::ErrCode, Format::Xml) => {
                "<xml><ErrCode>0</ErrCode><ErrMsg><![CDATA[success]]></ErrMsg></xml>"
            }
            (Self::ErrCode, Format::Json) => r#"{"ErrCode":0,"ErrMsg":"success"}"#,
        }
    }
}
