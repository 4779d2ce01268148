//! Points in and out of lots.

use std::cmp::Ordering;

use super::{Lot, State};
use crate::ledger::outcome::{Bucket, Entry};

impl State {
    /// Books one entry.
    pub(in crate::ledger) fn post(&mut self, entry: &Entry) {
        if entry.from.is_personal() {
            self.take(entry);
        }
        if entry.to.is_personal() {
            self.put(Lot {
                bucket: entry.to,
                group: entry.group.clone(),
                expires: entry.expires,
                left: entry.points,
                // Points that leave `held` have been released, whatever day was set.
                release: entry.release.filter(|_| entry.to == Bucket::Held),
            });
        }
    }

    /// Adds to the lot of the same bucket, group and days, or makes one.
    pub(super) fn put(&mut self, lot: Lot) {
        match self.lots.binary_search_by(|old| order(old, &lot)) {
            Ok(at) => self.lots[at].left += lot.left,
            Err(at) => self.lots.insert(at, lot),
        }
    }

    /// Takes from the lot that the entry names; what that does not hold comes from other lots of the group and then of
    /// the bucket, those that end first first.
    fn take(&mut self, entry: &Entry) {
        let exact = |lot: &Lot| {
            lot.group == entry.group && lot.expires == entry.expires && lot.release == entry.release
        };
        let group = |lot: &Lot| lot.group == entry.group;
        let any = |_: &Lot| true;
        let mut missing = entry.points;
        for fits in [&exact as &dyn Fn(&Lot) -> bool, &group, &any] {
            for lot in self.lots.iter_mut().filter(|lot| lot.bucket == entry.from && fits(lot)) {
                let taken = lot.left.min(missing);
                lot.left -= taken;
                missing -= taken;
            }
            if missing == 0 {
                break;
            }
        }
        self.lots.retain(|lot| lot.left > 0);
    }
}

/// What ends first comes first; what never ends comes last.
fn order(a: &Lot, b: &Lot) -> Ordering {
    let end = |lot: &Lot| lot.expires.unwrap_or(i32::MAX);
    end(a)
        .cmp(&end(b))
        .then_with(|| a.bucket.cmp(&b.bucket))
        .then_with(|| a.group.cmp(&b.group))
        .then_with(|| a.expires.cmp(&b.expires))
        .then_with(|| a.release.cmp(&b.release))
}
