//! What is kept of one person: the fold of their events. It names nobody.
//!
//! The store keeps it in a packed form, because it is read and written with every event; the log, of
//! which it is the fold, is text. How it looks to an operator: `GET /v1/persons/{id}`.
//!
//! - `fold.rs`: [`State::fold`], the only code that changes a state
//! - `lots.rs`: points in and out of lots
//! - `follow.rs`: accounts followed, and their customer-service windows
//! - `merge.rs`: two persons who turn out to be one
//! - `chain.rs`: the hash over their events
//! - `balance.rs`: what a person has on a day

mod balance;
mod chain;
mod fold;
mod follow;
mod lots;
mod merge;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::outcome::Bucket;
use crate::account::Lang;
use crate::clock::UnixMs;
use crate::ids::{AppId, EventNo};

pub use balance::Balance;
pub use chain::Chain;
pub(super) use chain::hex;
pub use fold::Step;
pub(super) use fold::{of_sort, sort_of};
pub use follow::{Follow, Window, WindowKind};
pub use merge::{Survivor, survivor};

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
    pub group: SmolStr,
    /// Last day, as days since 1970-01-01 in the program's time zone; `None` for ever.
    pub expires: Option<i32>,
    /// Points left, positive.
    pub left: i64,
    /// Of held points: first day on which they can be spent.
    pub release: Option<i32>,
}

/// Use of one cap in one window: what was asked of it, see [`CapUse`](super::CapUse).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    /// Times.
    pub times: u32,
    /// Points.
    pub points: i64,
    /// Local day of the latest use.
    pub day: i32,
}

/// One payment that can be refunded, or whose refund came first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// Payments under this reference.
    pub times: i32,
    /// Points that the rule gave for it, before caps of a day, a year and ever.
    pub points: i64,
    /// Fen paid.
    pub paid: i64,
    /// Fen refunded.
    pub refunded: i64,
    /// Local day of the first payment; of the refund while there is none.
    pub day: i32,
}

/// What one group did in one month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// Source.
    pub group: SmolStr,
    /// Year and month in the program's time zone, as 202611.
    pub month: u32,
    /// Points granted.
    pub points: i64,
    /// Events.
    pub count: i32,
    /// Fen.
    pub fen: i64,
    /// The latest event, unix ms.
    pub last: UnixMs,
}

/// One person, kept in the same commit as the event that changed it; `verify` folds the log again and compares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Visitor, member or erased.
    pub life: Life,
    /// Language the person chose.
    pub lang: Option<Lang>,
    /// Points by last day, bucket and group; what ends first comes first.
    pub lots: Vec<Lot>,
    /// Refunded points that were spent already.
    pub debt: i64,
    /// Use of caps by `rule|window`. Of each rule the newest 35 days, 64 references, 64 campaigns and 3 years.
    pub caps: BTreeMap<SmolStr, Cap>,
    /// Payments that can be refunded, by `rule|reference`. Of each rule the newest 64.
    pub refs: BTreeMap<SmolStr, Paid>,
    /// Counts per group and month: of the newest thirteen months, by month and group.
    pub months: Vec<Month>,
    /// Accounts that the person follows or followed.
    pub follows: BTreeMap<AppId, Follow>,
    /// Known by something else than one followed account: an event from the brand, a payment, another account.
    pub elsewhere: bool,
    /// Earliest event, unix ms.
    pub first_at: UnixMs,
    /// Latest event by time of occurrence, unix ms.
    pub last_at: UnixMs,
    /// Latest event by append order.
    pub last_event: EventNo,
    /// Hash over the chain of events.
    pub hash: Chain,
}
