//! Sessions in this process: for one gateway, tests and laptops.

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use foldhash::fast::RandomState;

use super::{SessionError, Sessions};
use crate::clock::{Clock, UnixMs};

/// Bytes kept at most, bookkeeping included: about 75,000 recent people.
const CAPACITY: usize = 12 << 20;
/// Keys are spread over this many locks.
const SHARDS: usize = 16;
/// What an entry costs beyond its key and value: slots in the map and the queue, two reference counts.
const OVERHEAD: usize = 136;

/// Sessions in this process. Beyond its capacity the oldest value that nobody has asked for lately is forgotten.
#[derive(Debug)]
pub struct Memory {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    shards: [Mutex<Shard>; SHARDS],
    shard_capacity: usize,
}

impl Memory {
    /// Empty, with room for 12 MiB.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_capacity(clock, CAPACITY)
    }

    /// Empty, with room for `bytes`.
    #[must_use]
    pub fn with_capacity(clock: Arc<dyn Clock>, bytes: usize) -> Self {
        Self {
            clock,
            hasher: RandomState::default(),
            shards: std::array::from_fn(|_| Mutex::default()),
            shard_capacity: bytes / SHARDS,
        }
    }

    fn shard(&self, key: &str) -> MutexGuard<'_, Shard> {
        let index = self.hasher.hash_one(key) as usize % SHARDS;
        self.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Sessions for Memory {
    async fn fetch(&self, key: &str) -> Result<Option<Bytes>, SessionError> {
        Ok(self.shard(key).live(key, self.clock.now()).map(|slot| {
            slot.wanted = true;
            slot.value.clone()
        }))
    }

    async fn keep(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), SessionError> {
        let now = self.clock.now();
        self.shard(key).insert(key, value, now, ttl, self.shard_capacity);
        Ok(())
    }

    async fn keep_if_absent(&self, key: &str, value: Bytes, ttl: Duration) -> Result<bool, SessionError> {
        let now = self.clock.now();
        let mut shard = self.shard(key);
        if shard.live(key, now).is_some() {
            return Ok(false);
        }
        shard.insert(key, value, now, ttl, self.shard_capacity);
        Ok(true)
    }

    async fn forget_if(&self, key: &str, value: &[u8]) -> Result<(), SessionError> {
        let mut shard = self.shard(key);
        if shard.live(key, self.clock.now()).is_some_and(|slot| slot.value == value) {
            shard.remove(key);
        }
        Ok(())
    }

    async fn forget(&self, key: &str) -> Result<(), SessionError> {
        self.shard(key).remove(key);
        Ok(())
    }

    async fn ping(&self) -> Result<(), SessionError> {
        Ok(())
    }
}

/// One lock's share. `queue` holds the keys in the order in which they came; a place in it is void when the entry has
/// been removed or written again since, which its `stamp` tells.
#[derive(Debug, Default)]
struct Shard {
    slots: HashMap<Arc<str>, Slot, RandomState>,
    queue: VecDeque<(Arc<str>, u64)>,
    bytes: usize,
    stamp: u64,
}

#[derive(Debug)]
struct Slot {
    value: Bytes,
    expires_at: UnixMs,
    stamp: u64,
    wanted: bool,
}

impl Shard {
    fn live(&mut self, key: &str, now: UnixMs) -> Option<&mut Slot> {
        self.slots.get_mut(key).filter(|slot| slot.expires_at > now)
    }

    fn insert(&mut self, key: &str, value: Bytes, now: UnixMs, ttl: Duration, capacity: usize) {
        self.remove(key);
        let cost = cost(key, &value);
        if cost > capacity {
            return;
        }
        self.make_room(capacity - cost, now);
        self.stamp += 1;
        let ttl = UnixMs::try_from(ttl.as_millis()).unwrap_or(UnixMs::MAX);
        let key: Arc<str> = key.into();
        self.queue.push_back((key.clone(), self.stamp));
        self.slots.insert(
            key,
            Slot { value, expires_at: now.saturating_add(ttl), stamp: self.stamp, wanted: false },
        );
        self.bytes += cost;
    }

    /// Forgets from the front of the queue: what is over, what is void, and, beyond `capacity`, what nobody has asked
    /// for since it came there. What somebody did ask for goes to the back once.
    fn make_room(&mut self, capacity: usize, now: UnixMs) {
        while let Some((key, stamp)) = self.queue.front() {
            let over = match self.slots.get(key) {
                Some(slot) if slot.stamp == *stamp => slot.expires_at <= now,
                _ => {
                    self.queue.pop_front();
                    continue;
                }
            };
            if !over && self.bytes <= capacity {
                break;
            }
            let Some((key, stamp)) = self.queue.pop_front() else { break };
            match self.slots.get_mut(&key) {
                Some(slot) if slot.wanted && !over => {
                    slot.wanted = false;
                    self.queue.push_back((key, stamp));
                }
                _ => self.remove(&key),
            }
        }
        if self.queue.len() > 2 * self.slots.len() + 64 {
            let slots = &self.slots;
            self.queue.retain(|(key, stamp)| slots.get(key).is_some_and(|slot| slot.stamp == *stamp));
        }
    }

    fn remove(&mut self, key: &str) {
        if let Some((key, slot)) = self.slots.remove_entry(key) {
            self.bytes -= cost(&key, &slot.value);
        }
    }
}

fn cost(key: &str, value: &Bytes) -> usize {
    key.len() + value.len() + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{ManualClock, SECOND};

    const MINUTE: Duration = Duration::from_secs(60);

    fn held(memory: &Memory) -> (usize, usize, usize) {
        let shards = memory.shards.iter().map(|shard| shard.lock().unwrap());
        shards.fold((0, 0, 0), |(slots, queued, bytes), shard| {
            (slots + shard.slots.len(), queued + shard.queue.len(), bytes + shard.bytes)
        })
    }

    #[tokio::test]
    async fn a_value_is_there_until_the_last_millisecond_of_its_time_and_not_after() {
        let clock = Arc::new(ManualClock::at(1_000));
        let memory = Memory::new(clock.clone());
        memory.keep("k", Bytes::from_static(b"v"), Duration::from_millis(500)).await.unwrap();

        clock.advance(499);
        assert!(memory.fetch("k").await.unwrap().is_some());
        clock.advance(1);
        assert!(memory.fetch("k").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn it_never_holds_more_than_its_capacity() {
        let memory = Memory::with_capacity(Arc::new(ManualClock::at(0)), 64 << 10);

        for n in 0..10_000 {
            memory.keep(&format!("key-{n}"), Bytes::from(vec![0; n % 300]), MINUTE).await.unwrap();
        }

        let (slots, queued, bytes) = held(&memory);
        assert!(bytes <= 64 << 10, "{bytes}");
        assert!(slots > 50, "{slots}");
        assert!(queued <= 2 * slots + 64 * SHARDS, "{queued}");
    }

    #[tokio::test]
    async fn one_key_written_over_and_over_does_not_grow() {
        let memory = Memory::new(Arc::new(ManualClock::at(0)));

        for n in 0..10_000 {
            memory.keep("k", Bytes::from(vec![0; n % 7]), MINUTE).await.unwrap();
        }

        let (slots, queued, _) = held(&memory);
        assert_eq!(slots, 1);
        assert!(queued <= 66, "{queued}");
    }

    #[tokio::test]
    async fn what_is_asked_for_outlives_what_is_not() {
        let memory = Memory::with_capacity(Arc::new(ManualClock::at(0)), 64 << 10);
        memory.keep("wanted", Bytes::from_static(b"v"), MINUTE).await.unwrap();

        for n in 0..2_000 {
            assert!(memory.fetch("wanted").await.unwrap().is_some(), "gone after {n}");
            memory.keep(&format!("key-{n}"), Bytes::from_static(b"v"), MINUTE).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_value_beyond_all_capacity_is_not_kept_and_forgets_the_one_before_it() {
        let memory = Memory::with_capacity(Arc::new(ManualClock::at(0)), 16 << 10);
        memory.keep("k", Bytes::from_static(b"old"), MINUTE).await.unwrap();

        memory.keep("k", Bytes::from(vec![0; 16 << 10]), MINUTE).await.unwrap();

        assert!(memory.fetch("k").await.unwrap().is_none());
        assert_eq!(held(&memory).2, 0);
    }

    #[tokio::test]
    async fn what_is_over_makes_room_first() {
        let clock = Arc::new(ManualClock::at(0));
        let memory = Memory::new(clock.clone());
        for n in 0..1_000 {
            memory.keep(&format!("old-{n}"), Bytes::from_static(b"v"), Duration::from_secs(1)).await.unwrap();
        }
        clock.advance(SECOND);

        for n in 0..200 {
            memory.keep(&format!("new-{n}"), Bytes::from_static(b"v"), MINUTE).await.unwrap();
        }

        assert_eq!(held(&memory).0, 200);
    }
}
