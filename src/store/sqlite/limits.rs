//! How much is committed together, how much gathers before it is worked off, and how many pages are kept.

use crate::ids::PersonNo;

/// As measured; tests have others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Commands of one commit at most, so that the first of those who wait are on their way to the disk while the next
    /// are decided (docs/decisions/0006-sync-beside-the-writer.md).
    pub(super) group: usize,
    /// Keys that stay in memory when others are indexed: those of some seconds under the highest load, of an hour under
    /// a low one.
    pub(super) held: usize,
    /// Keys that are sorted and indexed together.
    pub(super) slice: usize,
    /// The same for the first of a process, which are indexed at once: few enough that nobody waits long.
    pub(super) first: usize,
    /// States that are appended while the writer comes by about half of the persons, at least.
    pub(super) behind: usize,
    /// Or one for so many persons, where that is more: with four, four are waiting on each page. No more than
    /// [`MOST`].
    pub(super) part: PersonNo,
    /// Pages in the log from which on it shall start again.
    pub(super) full: i32,
}

/// Of more states than that, reading them at the start, and knowing where each is, would cost more than is gained.
const MOST: usize = 262_144;

impl Limits {
    pub(super) const DEFAULT: Self =
        Self { group: 32, held: 32_768, slice: 16_384, first: 4_096, behind: 65_536, part: 4, full: 16_384 };

    /// States that are appended while the writer comes by about half of so many persons.
    pub(super) fn behind(&self, persons: PersonNo) -> usize {
        usize::try_from(persons / self.part).unwrap_or_default().min(MOST).max(self.behind)
    }
}

/// Pages that a commit may change before some of them are written to the log (`cache_spill`).
pub(super) const SPILL: i64 = 1_536;

/// Persons, with their links and appended states, whose pages above the leaves fill a MiB.
const PERSONS_A_MIB: PersonNo = 250_000;

/// KiB for SQLite's own cache of the writer, where there are so many persons; no more than a commit may need anyway. The rows
/// of persons are remembered elsewhere (`store/people.rs`); what is needed here are the pages above them, and as long as the
/// file is small SQLite goes through all of it after many commits (docs/decisions/0009-states-are-appended-first.md).
pub(super) fn cache(persons: PersonNo) -> i64 {
    (persons / PERSONS_A_MIB * 1_024).clamp(2_048, SPILL * 4)
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_persons_there_are_the_more_of_them_wait_up_to_a_point() {
        let limits = Limits::default();

        let persons = [0, 100_000, 1_000_000, 100_000_000];
        assert_eq!(persons.map(|persons| limits.behind(persons)), [65_536, 65_536, 250_000, 262_144]);
    }

    #[test]
    fn the_cache_grows_with_the_persons_up_to_a_point() {
        assert_eq!([0, 100_000, 1_100_000, 100_000_000].map(cache), [2_048, 2_048, 4_096, 6_144]);
    }
}
