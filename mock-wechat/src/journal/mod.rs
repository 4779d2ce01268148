//! What happened, oldest first: bounded, and it says how much it dropped.
//!
//! | file | holds |
//! |---|---|
//! | `call.rs` | a call of WeChat's API |
//! | `delivery.rs` | an attempted push |
//!
//! To keep something else: a type that says its number and weight ([`Entry`]), and a [`Journal`] of it in the platform.

mod call;
mod delivery;

pub use call::CallRecord;
pub use delivery::{Delivery, DeliveryRequest, DeliveryResponse, Verdict};

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;
use tokio::{sync::watch, time::timeout};

/// Entries kept.
const MOST_ENTRIES: usize = 20_000;
/// Bytes kept, as the entries weigh themselves.
const MOST_BYTES: usize = 32 << 20;

/// Something that is written down.
pub(crate) trait Entry {
    /// What the journal is of.
    const WHAT: &str;

    /// Counts up.
    fn id(&self) -> u64;

    /// About how many bytes it occupies.
    fn weight(&self) -> usize;
}

/// A bounded list of what happened, which can be waited upon.
#[derive(Debug)]
pub(crate) struct Journal<T> {
    kept: Mutex<Kept<T>>,
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct Kept<T> {
    entries: VecDeque<Arc<T>>,
    bytes: usize,
    dropped: Dropped,
}

/// What was forgotten to stay bounded, since the start or the last reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub(crate) struct Dropped {
    /// How many entries.
    #[serde(rename = "dropped")]
    pub(crate) count: u64,
    /// The id of the newest of them; what is behind it is complete. 0 where nothing was dropped.
    #[serde(rename = "dropped_to")]
    pub(crate) to: u64,
}

/// What a search found.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) entries: Vec<Arc<T>>,
    pub(crate) dropped: Dropped,
}

impl<T> Default for Journal<T> {
    fn default() -> Self {
        let kept = Kept { entries: VecDeque::new(), bytes: 0, dropped: Dropped::default() };
        Self { kept: Mutex::new(kept), changed: watch::Sender::new(0) }
    }
}

impl<T: Entry> Journal<T> {
    /// Writes down what happened and wakes those who wait.
    pub(crate) fn add(&self, entry: T) -> Arc<T> {
        let entry = Arc::new(entry);
        {
            let mut kept = self.kept();
            kept.bytes += entry.weight();
            kept.entries.push_back(entry.clone());
            while kept.entries.len() > MOST_ENTRIES || (kept.bytes > MOST_BYTES && kept.entries.len() > 1) {
                let Some(oldest) = kept.entries.pop_front() else { break };
                kept.bytes -= oldest.weight();
                if kept.dropped.count == 0 {
                    tracing::warn!(
                        of = T::WHAT,
                        "the journal is full: its oldest entries are dropped from now on"
                    );
                }
                kept.dropped.count += 1;
                kept.dropped.to = kept.dropped.to.max(oldest.id());
            }
        }
        self.changed.send_modify(|version| *version += 1);
        entry
    }

    /// Everything that matches, oldest first.
    pub(crate) fn find(&self, matches: impl Fn(&T) -> bool) -> Found<T> {
        let kept = self.kept();
        Found {
            entries: kept.entries.iter().filter(|entry| matches(entry)).cloned().collect(),
            dropped: kept.dropped,
        }
    }

    /// The newest `most` that match, newest first. Nobody waits for the matching: it is done on a copy.
    pub(crate) fn newest(&self, matches: impl Fn(&T) -> bool, most: usize) -> Vec<Arc<T>> {
        let entries: Vec<Arc<T>> = self.kept().entries.iter().rev().cloned().collect();
        entries.into_iter().filter(|entry| matches(entry)).take(most).collect()
    }

    /// Tells of every change, for as long as it is kept.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// As [`Journal::find`], but waits in real time until at least `count` entries match or the time is over.
    pub(crate) async fn wait(
        &self,
        matches: impl Fn(&T) -> bool,
        count: usize,
        at_most: Duration,
    ) -> Found<T> {
        let mut changed = self.changed.subscribe();
        let enough = async {
            while self.find(&matches).entries.len() < count {
                if changed.changed().await.is_err() {
                    break;
                }
            }
        };
        let _ = timeout(at_most, enough).await;
        self.find(&matches)
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        *self.kept() = Kept { entries: VecDeque::new(), bytes: 0, dropped: Dropped::default() };
    }

    fn kept(&self) -> MutexGuard<'_, Kept<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Note(usize, usize);

    impl Entry for Note {
        const WHAT: &str = "notes";

        fn id(&self) -> u64 {
            self.0 as u64
        }

        fn weight(&self) -> usize {
            self.1
        }
    }

    #[test]
    fn the_oldest_entries_are_dropped_and_counted() {
        let journal = Journal::default();
        for n in 0..MOST_ENTRIES + 5 {
            journal.add(Note(n, 1));
        }
        let found = journal.find(|_| true);
        assert_eq!((found.entries.len(), found.entries[0].0), (MOST_ENTRIES, 5));
        assert_eq!(found.dropped, Dropped { count: 5, to: 4 });
    }

    #[test]
    fn heavy_entries_are_dropped_by_weight_but_the_last_one_stays() {
        let journal = Journal::default();
        journal.add(Note(1, MOST_BYTES));
        journal.add(Note(2, MOST_BYTES + 1));
        let found = journal.find(|_| true);
        assert_eq!((found.entries.len(), found.entries[0].0, found.dropped.count), (1, 2, 1));
    }

    #[tokio::test]
    async fn waiting_ends_with_the_entry_that_was_waited_for() {
        let journal = Arc::new(Journal::default());
        let waiting = {
            let journal = journal.clone();
            tokio::spawn(async move { journal.wait(|n: &Note| n.0 == 2, 1, Duration::from_secs(60)).await })
        };
        journal.add(Note(1, 1));
        journal.add(Note(2, 1));

        assert_eq!(waiting.await.unwrap().entries.len(), 1);
    }
}
