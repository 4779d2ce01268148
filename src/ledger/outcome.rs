//! What one event did, as the log keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::message::Message;
use crate::clock::UnixMs;

/// Where points stand. The first three are a person's, the rest the program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// Earned before joining; claimed on join.
    Unclaimed,
    /// To be spent.
    Available,
    /// Earned or reserved, not to be spent yet.
    Held,
    /// Where earned points come from.
    Issued,
    /// Where spent points go.
    Redeemed,
    /// Where points go whose time is over.
    Expired,
    /// Where points go that lapse with the person's link.
    Forfeited,
    /// Corrections and reversals.
    Adjusted,
}

impl Bucket {
    /// True for the three buckets of a person.
    #[must_use]
    pub fn is_personal(self) -> bool {
        matches!(self, Self::Unclaimed | Self::Available | Self::Held)
    }
}

/// Points moving from one bucket to another. Never updated, never deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The rule that decided; or `expire`, `release`, `lapse`, `erase`, `debt`, `reverse:<rule>`, `merge:<rule>`.
    pub rule: SmolStr,
    /// Source of the points, as the welcome groups them.
    pub group: SmolStr,
    /// Taken from.
    pub from: Bucket,
    /// Put into.
    pub to: Bucket,
    /// Always positive.
    pub points: i64,
    /// Last day on which the points live, as days since 1970-01-01 in the program's time zone; `None` for ever.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires: Option<i32>,
    /// Of held points: first day on which they can be spent, as days since 1970-01-01.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub release: Option<i32>,
}

/// What one rule said to one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Granted; 0 with a reason; negative when the rule reversed what it had granted.
    pub points: i64,
    /// Why not (all of) it: `when.source`, `cap.ever`, `no_basis`, ...
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<SmolStr>,
}

/// What one event asked of one cap, whether or not the cap let it pass: the cap then holds for the sum, in any order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapUse {
    /// `rule|window`: `follow|ever`, `mp-visit|d20411` (day), `mp-visit|y2026`, `ad|c:summer-a`, `event|r:order-1`.
    pub cap: SmolStr,
    /// Times; negative, like points, when what was asked turns out to be asked twice, or is refunded.
    #[serde(skip_serializing_if = "is_default", default)]
    pub times: i32,
    /// Points.
    #[serde(skip_serializing_if = "is_default", default)]
    pub points: i64,
    /// Local day of what used it; the oldest windows are forgotten first.
    pub day: i32,
}

/// What one event adds to what is known of one payment that can be refunded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefUse {
    /// `rule|reference`.
    #[serde(rename = "ref")]
    pub reference: SmolStr,
    /// Payments.
    #[serde(skip_serializing_if = "is_default", default)]
    pub times: i32,
    /// Points that the rule gave for it, before caps of a day, a year and ever.
    #[serde(skip_serializing_if = "is_default", default)]
    pub points: i64,
    /// Fen paid.
    #[serde(skip_serializing_if = "is_default", default)]
    pub paid: i64,
    /// Fen refunded.
    #[serde(skip_serializing_if = "is_default", default)]
    pub refunded: i64,
    /// Local day.
    pub day: i32,
}

/// What one event adds to the person's counts: one per group and month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Source of the points.
    pub group: SmolStr,
    /// Year and month in the program's time zone, as 202611.
    pub month: u32,
    /// Points granted; negative for what a refund takes back, like the next two.
    pub points: i64,
    /// Events, also those for which a cap left no points.
    pub count: i32,
    /// Fen.
    #[serde(skip_serializing_if = "is_default", default)]
    pub fen: i64,
    /// When it happened, unix ms; 0 for a refund, which is no touchpoint of its own.
    #[serde(skip_serializing_if = "is_default", default)]
    pub last: UnixMs,
}

/// What became of the one welcome that a follow is owed, or of an answer that could not be passive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Answered in the callback's own response.
    Passive,
    /// Still to be sent as a customer-service message.
    Owed,
    /// Sent as a customer-service message.
    Sent,
    /// The window closed before it could be sent.
    Missed,
    /// The send timed out: WeChat may or may not have it, and it is not sent again.
    Unknown,
    /// Nothing to send: opted out, erased, no words configured, or WeChat refused for good.
    Suppressed,
}

/// Everything that one event changed. [`super::State::fold`] over these rebuilds every person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// Points moved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
    /// What every rule that listens on this kind said, also for 0 points.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub verdicts: BTreeMap<SmolStr, Verdict>,
    /// Caps used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<CapUse>,
    /// Payments that can be refunded, and refunds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<RefUse>,
    /// Added to the debt; negative when earnings settle some of it.
    #[serde(skip_serializing_if = "is_default")]
    pub debt: i64,
    /// Counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tallies: Vec<Tally>,
    /// Customer-service window that a message owed by this event is charged to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slot: Option<super::WindowKind>,
    /// Fate of the welcome at the time of the commit: of a follow, or of an earlier follow's that this event ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub welcome: Option<Fate>,
    /// The other person that this event merged away into this one, as they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<Box<super::State>>,
    /// First 8 hex digits of the program's hash.
    pub ruleset: SmolStr,
}

/// Something still to be done outside, kept durably until it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// What.
    pub errand: Errand,
    /// Not before, unix ms.
    pub due_at: UnixMs,
    /// Pointless after, unix ms.
    pub deadline: UnixMs,
}

/// What is still to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "errand", rename_all = "snake_case")]
pub enum Errand {
    /// Ask the platform for the UnionID of a provisional person.
    Resolve,
    /// Send a customer-service message.
    Send {
        /// The words.
        message: Message,
    },
    /// Let the unclaimed points of a visitor known by nothing else lapse.
    Lapse,
}

/// What [`super::decide`] says about one command.
#[derive(Clone, Debug)]
pub struct Decision {
    /// What changes; the log keeps it.
    pub outcome: Outcome,
    /// The passive reply; the log keeps it, and every repeat gets it again.
    pub reply: Option<Message>,
    /// What must still be done outside.
    pub owed: Vec<Owed>,
    /// Which names of the person are forgotten in the same commit.
    pub erase: Erase,
}

/// Which names of a person a commit forgets. An erased name is replaced by its keyed digest, so that a later return
/// finds the same state and caps, and nobody can read the name any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Erase {
    /// None.
    #[default]
    Nothing,
    /// The (AppID, OpenID) of the command.
    Link,
    /// That, and the UnionID: the person is known by nothing else.
    LinkAndUnion,
    /// Every identity and the UnionID.
    Everything,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
