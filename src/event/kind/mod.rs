//! The kinds of push: one file each, or one for siblings that WeChat gives the same elements.
//!
//! A kind is a struct of [`wire!`](super::value::wire), what it means to the rest of the gateway ([`Effect`]), and its
//! line in the table below. What an account of either sort may receive stands in it; anything else is
//! [`Unknown`](Kind::Unknown), kept whole and acknowledged.
//!
//! To add a kind:
//! 1. Write `kind/<name>.rs`: a struct in `wire!` with an element name for every field. A plain type refuses a push
//!    without that element; `Option` does not. Text about a person is [`Words`](super::Words).
//! 2. In the same file `impl Effect`: whom it is about, if not the sender; what tells two of them apart in one second,
//!    if not `EventKey`; which facts the rules may see. The defaults fit a menu tap.
//! 3. Declare the file here, and add its line to the table: variant, type, name on the wire in lower case, and
//!    `=> "touchpoint"` where the touchpoint has another name.
//! 4. Add `tests/fixtures/event/<name>.xml` and `.json` with made-up values, run `cargo test --lib event`: it prints what
//!    it read of them. Read that, and keep it as `<name>.txt`. A kind without fixtures fails that test.

use super::error::ParseError;
use super::fields::Fields;
use super::head::Head;
use super::key::KeyText;
use super::value::Wire;
use crate::account::AccountKind;
use crate::ids::{OpenId, UnionId};
use crate::ledger::{Action, Facts};

pub mod click;
pub mod location_report;
pub mod scan;
pub mod subscribe;
pub mod text;
pub mod unknown;
pub mod unsubscribe;
pub mod view;

/// Elements of a push that is no batch; the largest of them, a member card's, has 18.
pub(super) const MAX_ELEMENTS: usize = 64;
/// Bytes of an `EventKey` that is a scene or a button's key.
const MAX_KEY: usize = 128;
/// Bytes of an `EventKey` that is a button's URL.
pub(super) const MAX_URL: usize = 1024;

kinds! {
    messages {
        Text(text::Text) "text";
    }
    events {
        Subscribe(subscribe::Subscribe) "subscribe";
        Unsubscribe(unsubscribe::Unsubscribe) "unsubscribe";
        Scan(scan::Scan) "scan";
        Click(click::Click) "click";
        View(view::View) "view";
        LocationReport(location_report::LocationReport) "location";
    }
}

/// What a kind means to the rest of the gateway. The defaults fit a menu tap of the sender.
pub(super) trait Effect {
    /// Whom it is about.
    fn person(&self) -> Person<'_> {
        Person::Sender
    }

    /// The person across the brand's accounts, in the few kinds that say.
    fn union_id(&self) -> Option<&UnionId> {
        None
    }

    /// Adds what tells it from another with the same sender, second, `Event` and `EventKey`.
    fn distinguish(&self, _key: &mut KeyText<'_>) {}

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
pub(super) enum Person<'a> {
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
    pub fn body(self, format: crate::account::Format) -> &'static str {
        use crate::account::Format;
        match (self, format) {
            (Self::Success, _) => "success",
            (Self::ErrCode, Format::Xml) => {
                "<xml><ErrCode>0</ErrCode><ErrMsg><![CDATA[success]]></ErrMsg></xml>"
            }
            (Self::ErrCode, Format::Json) => r#"{"ErrCode":0,"ErrMsg":"success"}"#,
        }
    }
}

/// Makes the enum, its reader and its names out of the table.
macro_rules! kinds {
    (
        messages { $($message:ident($message_type:ty) $message_name:literal;)* }
        events { $($event:ident($event_type:ty) $event_name:literal $(| $also:literal)* $(=> $touch:literal)?;)* }
    ) => {
        /// What was pushed. `Debug` shows what is in it, [`Words`](super::Words) and identifiers excepted.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Kind {
            $(#[doc = concat!("Message `", $message_name, "`.")] $message($message_type),)*
            $(#[doc = concat!("Event `", $event_name, "`.")] $event($event_type),)*
            /// Anything else: WeChat adds kinds without notice.
            Unknown(unknown::Unknown),
        }

        impl Kind {
            /// Every [`Kind::label`] but `unknown` and `message.unknown`.
            pub const LABELS: &[&'static str] = &[
                $(concat!("message.", $message_name),)*
                $($event_name,)*
            ];

            /// Reads the kind that the header names. `Event` is written in any case: `subscribe`, but `SCAN`.
            pub(super) fn read(head: &Head<'_>, fields: Fields<'_>) -> Result<Self, ParseError> {
                let is = |name: &str| head.name.eq_ignore_ascii_case(name);
                match head.event {
                    None => {
                        $(if is($message_name) {
                            return Wire::from_fields(fields).map(Self::$message);
                        })*
                    }
                    Some(_) => {
                        $(if is($event_name) $(|| is($also))* {
                            return Wire::from_fields(fields).map(Self::$event);
                        })*
                    }
                }
                Ok(Self::Unknown(unknown::Unknown::keep(head, fields)))
            }

            /// Name for metrics and logs, one of a fixed set: the event in lower case, or `message.` and its type.
            #[must_use]
            pub fn label(&self) -> &'static str {
                match self {
                    $(Self::$message(_) => concat!("message.", $message_name),)*
                    $(Self::$event(_) => $event_name,)*
                    Self::Unknown(unknown) => unknown.label(),
                }
            }

            /// The touchpoint that rules listen on (`oa.subscribe`, `mp.message`), one of a fixed set.
            #[must_use]
            pub fn touchpoint(&self, account: AccountKind) -> &'static str {
                let (oa, mp) = match self {
                    $(Self::$message(_))|* => ("oa.message", "mp.message"),
                    $(Self::$event(_) => touchpoints!($($touch)? $event_name),)*
                    Self::Unknown(unknown) => unknown.touchpoints(),
                };
                match account {
                    AccountKind::OfficialAccount => oa,
                    AccountKind::MiniProgram => mp,
                }
            }

            /// True for what a person wrote or sent, false for an event.
            pub(super) fn is_message(&self) -> bool {
                match self {
                    $(Self::$message(_))|* => true,
                    $(Self::$event(_))|* => false,
                    Self::Unknown(unknown) => unknown.is_message(),
                }
            }

            pub(super) fn effect(&self) -> &dyn Effect {
                match self {
                    $(Self::$message(kind) => kind,)*
                    $(Self::$event(kind) => kind,)*
                    Self::Unknown(kind) => kind,
                }
            }
        }
    };
}
use kinds;

/// Both names of a touchpoint: its own where the table gives one, else the event's.
macro_rules! touchpoints {
    ($touch:literal $event:literal) => {
        touchpoints!($touch)
    };
    ($touch:literal) => {
        (concat!("oa.", $touch), concat!("mp.", $touch))
    };
}
use touchpoints;
