//! How long a signature counts, and that it counts for one thing only.
//!
//! A signature can be re-cut: the same twenty digits give the same signature as another timestamp and nonce. In plain
//! mode it does not cover the body either. So what is remembered is the *signature*, with a mark of everything it came
//! with the first time; it may come again with the same, which is WeChat's retry, and with nothing else.
//!
//! The memory is this process's own and starts empty. Gateways behind one address do not share it, which matters in plain
//! mode only: there, somebody who has seen a push could send another body to another gateway while the window is open.
//! Safe mode has no such gap, as its signature covers the ciphertext.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher};
use std::mem;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::ForbiddenReason;
use super::signature::{Signature, Stamp};
use crate::clock::{SECOND, UnixMs};

/// Shards, so that threads seldom wait for each other.
const SHARDS: usize = 16;

/// What a signature is called upon to prove.
pub(super) struct Testimony<'a> {
    pub(super) account: &'a str,
    pub(super) stamp: &'a Stamp<'a>,
    pub(super) signature: &'a Signature,
    pub(super) body: &'a [u8],
}

/// The signatures of the last minutes.
#[derive(Debug)]
pub(super) struct Replays {
    window: Duration,
    shards: [Mutex<Shard>; SHARDS],
    marker: RandomState,
}

impl Replays {
    /// A memory of `capacity` signatures, each fresh for `window` before and after its timestamp.
    pub(super) fn new(window: Duration, capacity: usize) -> Self {
        let life = 2 * window.as_millis() as UnixMs;
        let each = (capacity / SHARDS / 2).max(1);
        Self {
            window,
            shards: std::array::from_fn(|_| Mutex::new(Shard::new(life, each))),
            // Its secret makes it infeasible to look for a second body with the same mark.
            marker: RandomState::new(),
        }
    }

    /// Lets a genuine signature count for what it came with, and gives our clock minus its timestamp in seconds.
    ///
    /// # Errors
    /// [`ForbiddenReason::Stale`] outside the window; [`ForbiddenReason::Replayed`] when it counted for something else.
    pub(super) fn admit(&self, testimony: &Testimony<'_>, now: UnixMs) -> Result<i64, ForbiddenReason> {
        let skew_seconds = now.div_euclid(SECOND) - testimony.stamp.seconds;
        if skew_seconds.unsigned_abs() > self.window.as_secs() {
            return Err(ForbiddenReason::Stale { skew_seconds });
        }
        let Testimony { account, stamp, signature, body } = testimony;
        let mark = self.marker.hash_one((account, stamp.timestamp, stamp.nonce, body));
        let head = signature.head();
        // Not by the lowest bits: they choose the place inside the shard's table.
        let shard = &self.shards[(head >> 32) as usize % SHARDS];
        let (known, evicted) = shard.lock().unwrap_or_else(PoisonError::into_inner).remember(head, mark, now);
        if evicted > 0 {
            metrics::counter!("gateway_replay_evicted_early_total").increment(evicted as u64);
        }
        if known == mark { Ok(skew_seconds) } else { Err(ForbiddenReason::Replayed) }
    }
}

/// Two generations: the younger one is written, both are read. When the younger one is full, or as old as a signature
/// can live, it becomes the older one, and what the older one held is forgotten.
#[derive(Debug)]
struct Shard {
    life: UnixMs,
    each: usize,
    young: Generation,
    old: Generation,
}

/// Marks by the head of the signature.
#[derive(Debug)]
struct Generation {
    marks: HashMap<u64, u64, BuildHasherDefault<Head>>,
    since: UnixMs,
    until: UnixMs,
}

impl Shard {
    fn new(life: UnixMs, each: usize) -> Self {
        // The room is reserved, but its pages are not touched until they are needed.
        let empty = || Generation {
            marks: HashMap::with_capacity_and_hasher(each, BuildHasherDefault::default()),
            since: UnixMs::MIN,
            until: UnixMs::MIN,
        };
        Self { life, each, young: empty(), old: empty() }
    }

    /// The mark that `head` came with first, which is now `mark` if it never came; and how many signatures were
    /// forgotten although they may still be fresh.
    fn remember(&mut self, head: u64, mark: u64, now: UnixMs) -> (u64, usize) {
        if let Some(known) = self.young.marks.get(&head).or_else(|| self.old.marks.get(&head)) {
            return (*known, 0);
        }
        let due = self.young.marks.len() >= self.each || now.saturating_sub(self.young.since) >= self.life;
        let evicted = if due { self.turn(now) } else { 0 };
        self.young.marks.insert(head, mark);
        self.young.until = self.young.until.max(now);
        (mark, evicted)
    }

    fn turn(&mut self, now: UnixMs) -> usize {
        mem::swap(&mut self.young, &mut self.old);
        let forgotten = &mut self.young;
        let early = now.saturating_sub(forgotten.until) < self.life;
        let evicted = if early { forgotten.marks.len() } else { 0 };
        forgotten.marks.clear();
        forgotten.since = now;
        forgotten.until = now;
        evicted
    }
}

/// A signature is as random as a hash can be: its head is used as it is.
#[derive(Debug, Default)]
struct Head(u64);

impl Hasher for Head {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, head: u64) {
        self.0 = head;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: UnixMs = 600 * SECOND;

    fn admit(replays: &Replays, timestamp: &str, nonce: &str, body: &str) -> Result<i64, ForbiddenReason> {
        let stamp = Stamp::new(timestamp, nonce).unwrap();
        let signature = Signature::over(["AAAAA", timestamp, nonce]);
        let testimony =
            Testimony { account: "brand", stamp: &stamp, signature: &signature, body: body.as_bytes() };
        replays.admit(&testimony, 1_714_036_504 * SECOND)
    }

    fn marks(shard: &Shard) -> usize {
        shard.young.marks.len() + shard.old.marks.len()
    }

    #[test]
    fn a_signature_counts_for_what_it_came_with_first_and_for_nothing_else() {
        let replays = Replays::new(Duration::from_secs(300), 1_000);

        assert_eq!(admit(&replays, "1714036504", "1714036499", "follow"), Ok(0));
        assert_eq!(admit(&replays, "1714036504", "1714036499", "follow"), Ok(0));
        assert_eq!(admit(&replays, "1714036504", "1714036499", "other"), Err(ForbiddenReason::Replayed));
        assert_eq!(admit(&replays, "1714036499", "1714036504", "follow"), Err(ForbiddenReason::Replayed));
        assert_eq!(admit(&replays, "1714036504", "1714036499", "follow"), Ok(0));
    }

    #[test]
    fn the_window_is_closed_one_second_beyond_either_end() {
        let replays = Replays::new(Duration::from_secs(300), 1_000);

        assert_eq!(admit(&replays, "1714036204", "1", ""), Ok(300));
        assert_eq!(admit(&replays, "1714036804", "1", ""), Ok(-300));
        assert_eq!(admit(&replays, "1714036203", "1", ""), Err(ForbiddenReason::Stale { skew_seconds: 301 }));
        assert_eq!(
            admit(&replays, "1714036805", "1", ""),
            Err(ForbiddenReason::Stale { skew_seconds: -301 })
        );
    }

    #[test]
    fn a_signature_is_remembered_for_as_long_as_it_can_be_fresh() {
        let mut shard = Shard::new(LIFE, 100);

        shard.remember(1, 10, 0);
        shard.remember(2, 20, LIFE - 1);
        shard.remember(3, 30, LIFE);

        assert_eq!(shard.remember(1, 11, LIFE), (10, 0));
        assert_eq!(shard.remember(2, 21, 2 * LIFE - 2), (20, 0));
    }

    #[test]
    fn what_is_no_longer_fresh_is_forgotten_and_not_counted() {
        let mut shard = Shard::new(LIFE, 100);
        shard.remember(1, 10, 0);
        shard.remember(2, 20, LIFE);

        let (known, evicted) = shard.remember(3, 30, 2 * LIFE);

        assert_eq!((known, evicted), (30, 0));
        assert_eq!(marks(&shard), 2);
        assert_eq!(shard.remember(1, 11, 2 * LIFE), (11, 0));
    }

    #[test]
    fn a_full_memory_forgets_the_oldest_half_and_counts_it() {
        let mut shard = Shard::new(LIFE, 100);

        let evicted: usize = (0..1_000).map(|head| shard.remember(head, head + 1, 0).1).sum();

        assert_eq!(marks(&shard), 200);
        assert_eq!(evicted, 800);
        assert!((800..1_000).all(|head| shard.remember(head, 0, 0) == (head + 1, 0)));
    }

    #[test]
    fn a_clock_that_jumps_forgets_nothing_that_is_still_fresh() {
        let mut shard = Shard::new(LIFE, 100);
        shard.remember(1, 10, 10 * LIFE);

        shard.remember(2, 20, 9 * LIFE);
        shard.remember(3, 30, 12 * LIFE);
        shard.remember(4, 40, 9 * LIFE);

        for (head, mark) in [(1, 10), (2, 20), (3, 30), (4, 40)] {
            assert_eq!(shard.remember(head, 0, 9 * LIFE), (mark, 0));
        }
    }

    #[test]
    fn the_memory_is_bounded_by_its_capacity() {
        let replays = Replays::new(Duration::from_secs(300), 3_200);

        for nonce in 0..10_000 {
            admit(&replays, "1714036504", &nonce.to_string(), "").unwrap();
        }

        let held: usize = replays.shards.iter().map(|shard| marks(&shard.lock().unwrap())).sum();
        assert!((1_600..=3_200).contains(&held), "{held}");
    }

    #[test]
    fn of_all_cuts_of_the_official_example_only_the_genuine_one_counts() {
        // Sorted, the nonce stands before the timestamp.
        let digits = "15147114921714036504";
        let genuine = (&digits[10..], &digits[..10]);
        let signature = Signature::over(["AAAAA", genuine.0, genuine.1]);
        let verifies = |cut: &(&str, &str)| Signature::over(["AAAAA", cut.0, cut.1]).is(&signature);
        let cuts = || (1..20).map(|at| digits.split_at(at)).filter(verifies);
        assert_eq!(cuts().count(), 13, "the signature is malleable, or this test is not about it");

        let mut shard = Shard::new(LIFE, 100);
        let marker = RandomState::new();
        shard.remember(signature.head(), marker.hash_one(genuine), 0);
        let both_ways = cuts().flat_map(|(a, b)| [(a, b), (b, a)]);
        let admitted: Vec<_> = both_ways
            .filter(|cut| shard.remember(signature.head(), marker.hash_one(cut), 0).0 == marker.hash_one(cut))
            .collect();

        assert_eq!(admitted, [genuine]);
    }
}
