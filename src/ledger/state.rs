//! What is kept of one person: the fold of their events. It names nobody.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::command::{Action, Facts};
use super::outcome::{Bucket, Outcome};
use crate::account::Lang;
use crate::clock::UnixMs;
use crate::ids::{AppId, EventNo};

/// Where a person stands with the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// Not joined: what they earn is unclaimed.
    #[default]
    Visitor,
    /// Joined.
    Member,
    /// Forgotten: earns nothing, is greeted generically.
    Erased,
}

/// Points of one bucket, one group and one last day: one lot, whatever number of events made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// One of the person's three buckets.
    pub bucket: Bucket,
    /// Source.
    pub group: Box<str>,
    /// Last day, as days since 1970-01-01 in the program's time zone; `None` for ever.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires: Option<i32>,
    /// Points left, positive.
    pub left: i64,
}

/// What one group did in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// Source.
    pub group: Box<str>,
    /// Year and month in the program's time zone, as 202611.
    pub month: u32,
    /// Points granted.
    pub points: i64,
    /// Events.
    pub count: u32,
    /// Fen.
    pub fen: i64,
    /// The latest event, unix ms.
    pub last: UnixMs,
}

/// What opened a customer-service window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowKind {
    /// Follow, scan or menu tap: three messages in one minute.
    Brief,
    /// The person wrote: five messages in 48 hours.
    Long,
}

/// One open customer-service window of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// What opened it.
    pub kind: WindowKind,
    /// `CreateTime` of what opened it, unix ms.
    pub opened_at: UnixMs,
    /// Messages owed or sent out of it.
    pub used: u32,
}

/// The person and one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Follow {
    /// Follows now.
    pub on: bool,
    /// Follows so far.
    pub times: u32,
    /// `CreateTime` of the latest follow or unfollow, unix ms: an older one that arrives late changes nothing.
    pub changed_at: UnixMs,
    /// Windows that may still be open: at most one of each kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
    /// A welcome with exact figures that waits for the UnionID: the event that owes it, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owes: Option<(EventNo, UnixMs)>,
}

/// One person, kept in the same commit as the event that changed it; rebuilt from the log by `verify`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Visitor, member or erased.
    pub life: Life,
    /// Language the person chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
    /// Points by bucket, group and last day; earliest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lots: Vec<Lot>,
    /// Refunded points that were spent already.
    #[serde(skip_serializing_if = "is_zero")]
    pub debt: i64,
    /// Use of caps: `rule|window` to times and points.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub caps: BTreeMap<Box<str>, (u32, i64)>,
    /// Counts per group and month of the last thirteen months.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<Month>,
    /// Accounts that the person follows or followed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub follows: BTreeMap<AppId, Follow>,
    /// Known by something else than one followed account: an event from the brand, a payment, another account.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// Earliest event, unix ms.
    pub first_at: UnixMs,
    /// Latest event by time of occurrence, unix ms.
    pub last_at: UnixMs,
    /// Latest event by append order.
    pub last_event: EventNo,
    /// Hash over the chain of events, hex.
    pub hash: Box<str>,
}

/// One event, as [`State::fold`] sees it: the same when it is settled and when the log is folded again.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Its place in the log.
    pub event: EventNo,
    /// Touchpoint.
    pub kind: &'a str,
    /// When it happened, unix ms.
    pub occurred_at: UnixMs,
    /// When it was received, unix ms.
    pub received_at: UnixMs,
    /// What the rules saw.
    pub facts: &'a Facts,
    /// What it did beyond the rules.
    pub action: &'a Action,
    /// What changed.
    pub outcome: &'a Outcome,
    /// The same, as the log writes it: the link of the hash chain is taken over this text.
    pub outcome_json: &'a str,
}

impl State {
    /// Applies one event. Total: any event of the log applies to any state.
    pub fn fold(&mut self, step: &Step<'_>) {
        self.last_event = step.event;
        self.last_at = self.last_at.max(step.occurred_at);
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_zero(points: &i64) -> bool {
    *points == 0
}
