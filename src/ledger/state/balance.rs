//! What a person has on a day.

use std::collections::BTreeMap;

use super::State;
use crate::ledger::outcome::{Bucket, Entry};

/// Points of a person that are alive on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance<'a> {
    /// Earned before joining.
    pub unclaimed: i64,
    /// To be spent.
    pub available: i64,
    /// Not to be spent yet.
    pub held: i64,
    /// All three by group; groups without points are left out.
    pub by_group: BTreeMap<&'a str, i64>,
    /// The first day after which some of them are gone, as days since 1970-01-01.
    pub ends: Option<i32>,
}

impl State {
    /// The points on `day` (days since 1970-01-01 in the program's time zone): without what has expired by then, and
    /// with what was held until then, whether or not an event has booked that already.
    #[must_use]
    pub fn balance(&self, day: i32) -> Balance<'_> {
        self.balance_after(&[], day)
    }

    /// The same after `entries`.
    pub(in crate::ledger) fn balance_after<'a>(&'a self, entries: &'a [Entry], day: i32) -> Balance<'a> {
        let mut balance = Balance::default();
        for lot in &self.lots {
            balance.add((lot.bucket, &lot.group, lot.expires, lot.release), lot.left, day);
        }
        for entry in entries {
            balance.add((entry.to, &entry.group, entry.expires, entry.release), entry.points, day);
            balance.add((entry.from, &entry.group, entry.expires, entry.release), -entry.points, day);
        }
        balance.by_group.retain(|_, points| *points != 0);
        if balance.by_group.is_empty() {
            balance.ends = None;
        }
        balance
    }
}

impl<'a> Balance<'a> {
    /// Everything that is the person's.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.unclaimed + self.available + self.held
    }

    fn add(
        &mut self,
        (bucket, group, expires, release): (Bucket, &'a str, Option<i32>, Option<i32>),
        points: i64,
        day: i32,
    ) {
        if expires.is_some_and(|last| last < day) {
            return;
        }
        match bucket {
            Bucket::Unclaimed => self.unclaimed += points,
            Bucket::Available => self.available += points,
            Bucket::Held if release.is_some_and(|release| release <= day) => self.available += points,
            Bucket::Held => self.held += points,
            _ => return,
        }
        *self.by_group.entry(group).or_default() += points;
        if points > 0 {
            self.ends = match (self.ends, expires) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
}
