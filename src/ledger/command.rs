//! Everything that moves a point or owes a message.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::account::Lang;
use crate::clock::UnixMs;
use crate::ids::{AppId, DedupeKey, EventNo, OpenId, PersonNo, UnionId};

/// One thing that happened to one person, to be settled once.
#[derive(Clone, Debug)]
pub struct Command {
    /// What makes it unique.
    pub key: DedupeKey,
    /// The `Idempotency-Key` under which the brand sent it.
    pub request: Option<Request>,
    /// Whom it concerns.
    pub subject: Subject,
    /// Touchpoint: `oa.subscribe`, `pay.success`, `mp.visit`, `x.own`, ...
    pub kind: SmolStr,
    /// When it happened, unix ms.
    pub occurred_at: UnixMs,
    /// When it reached us, unix ms.
    pub received_at: UnixMs,
    /// What the rules may look at. Kept in the log.
    pub facts: Facts,
    /// What it does beyond the rules.
    pub action: Action,
}

/// One `POST` with an `Idempotency-Key`. The same key with another body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Over the client's name and the key.
    pub key: [u8; 16],
    /// Over the body.
    pub body: [u8; 16],
}

/// Whom a command concerns, as far as its sender knows.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Set for what the gateway itself has to do later about a person it knows.
    pub person: Option<PersonNo>,
    /// The person across the brand's accounts.
    pub union_id: Option<UnionId>,
    /// The person as one account sees them.
    pub identity: Option<(AppId, OpenId)>,
    /// What to do when nobody is known under these names.
    pub resolution: Resolution,
}

/// What the store does with an (AppID, OpenID) that it has never seen and that comes without a UnionID, and with a
/// follow of somebody who has none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Write nothing and say so: the platform has not been asked yet.
    Ask,
    /// Credit a provisional person now and owe an [`Errand::Resolve`](super::Errand::Resolve).
    Later,
    /// Credit a provisional person; there is no UnionID to be had.
    Never,
}

/// What the rules and the words may look at. No name, phone, OpenID or message text: the log keeps it for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The account of a callback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<AppId>,
    /// Fen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_fen: Option<i64>,
    /// Order number, visit number, the event attended.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<SmolStr>,
    /// `moments`, `search`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SmolStr>,
    /// Campaign name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<SmolStr>,
    /// Shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<SmolStr>,
    /// Member of staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<SmolStr>,
    /// Legal basis (`contract`, `consent`); an event without one earns nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<SmolStr>,
    /// Scene of a QR code, without `qrscene_`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scene: Option<SmolStr>,
    /// Key of a menu button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<SmolStr>,
    /// Language of the words: the person's where known, else the account's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
}

/// What a command does beyond the rules of `program.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Nothing: a touchpoint that earns, and answers where an answer is configured.
    Touch,
    /// The person follows [`Facts::app_id`].
    Follow,
    /// The person stopped following: their profile and OpenID link of this account are erased.
    Unfollow,
    /// WeChat or the person demands deletion everywhere.
    Erase,
    /// The person's message to the account: opens the long customer-service window.
    Speak,
    /// An errand [`Resolve`](super::Errand::Resolve) succeeded ([`Subject::union_id`] is set) or ended for good (it is not).
    Resolve {
        /// The errand that this ends.
        errand: i64,
    },
    /// The customer-service message of an errand has met its fate.
    Conclude {
        /// The errand that this ends.
        errand: i64,
        /// The event that owed the message.
        event: EventNo,
        /// What became of it.
        fate: super::Fate,
    },
    /// The grace of a visitor without any identity is over: what is unclaimed is forfeited.
    Lapse {
        /// The errand that this ends.
        errand: i64,
    },
}
