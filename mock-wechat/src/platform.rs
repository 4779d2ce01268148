//! The one state behind the four ways in: WeChat's API, the control API, the library and (through the control API)
//! everything else.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::watch;

use crate::{
    clock::Clock,
    faults::Faults,
    ids::{PersonKey, Sequence},
    journal::{CallRecord, Delivery, Journal},
    push::{Courier, Marks},
    scenario::{Beginning, Scenario},
    world::{
        World,
        chat::{Draft, Message},
        quotas::Quotas,
    },
};

/// A WeChat.
#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) clock: Clock,
    pub(crate) sequence: Sequence,
    pub(crate) faults: Faults,
    pub(crate) calls: Journal<CallRecord>,
    pub(crate) deliveries: Journal<Delivery>,
    pub(crate) courier: Courier,
    pub(crate) marks: Marks,
    /// What there is at start and after a reset.
    beginning: Beginning,
    /// Apart from the world: every call is counted, and the world is mostly read.
    quotas: Mutex<Quotas>,
    world: RwLock<World>,
    changed: watch::Sender<u64>,
}

impl Platform {
    /// The local world, on real time, with empty journals.
    pub(crate) fn new() -> Self {
        Self::beginning(Beginning::default())
    }

    /// The world of a file, in the place of the local one; or another seed.
    pub(crate) fn beginning(beginning: Beginning) -> Self {
        let platform = Self {
            clock: Clock::default(),
            sequence: Sequence::default(),
            faults: Faults::default(),
            calls: Journal::default(),
            deliveries: Journal::default(),
            courier: Courier::default(),
            marks: Marks::default(),
            beginning,
            quotas: Mutex::default(),
            world: RwLock::new(World::empty()),
            changed: watch::Sender::new(0),
        };
        platform.begin();
        platform
    }

    /// Back to the state at start: people, chats, tokens, journals, faults and the clock's offset are forgotten.
    pub(crate) fn reset(&self) {
        self.quotas().forget_all();
        self.marks.forget_all();
        self.calls.clear();
        self.deliveries.clear();
        self.begin();
    }

    /// The clock, the world and the faults as the scenario has them.
    fn begin(&self) {
        let Beginning { scenario, seed } = &self.beginning;
        self.clock.reset();
        if let Some(time) = scenario.as_ref().and_then(Scenario::clock) {
            self.clock.set(time.as_millisecond());
        }
        let now = self.clock.seconds();
        *self.world_mut() = scenario.as_ref().map_or_else(World::local, |scenario| scenario.world(now));
        let of_scenario = scenario.as_ref().and_then(Scenario::seed);
        let faults = scenario.as_ref().map_or(&[][..], Scenario::faults);
        self.faults.begin(seed.or(of_scenario), faults);
    }

    /// The world, shared with other readers. Never held across an await.
    pub(crate) fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, alone.
    pub(crate) fn world_mut(&self) -> RwLockWriteGuard<'_, World> {
        let world = self.world.write().unwrap_or_else(PoisonError::into_inner);
        // Whoever is woken by this reads only after the guard is gone.
        self.touch();
        world
    }

    /// Says that something changed that a person may be looking at.
    pub(crate) fn touch(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    /// Tells of changes in the world, and of every [`Platform::touch`].
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// How often which API was called.
    pub(crate) fn quotas(&self) -> MutexGuard<'_, Quotas> {
        self.quotas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts messages into the chat of a person with an account; nothing when there is no such person.
    pub(crate) fn show(&self, person: PersonKey, app_id: &str, drafts: Vec<Draft>) -> Vec<Message> {
        let mut world = self.world_mut();
        let Some(relation) = world.relation_mut(person, app_id) else { return Vec::new() };
        let at = self.clock.millis();
        drafts.into_iter().map(|draft| relation.chat.add(self.sequence.next(), at, draft)).collect()
    }
}
