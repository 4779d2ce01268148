//! What was read for a batch, changed in place by its commands.

use std::collections::{HashSet, VecDeque};

use super::super::names::{Eraser, Link, Name};
use super::super::{Map, Receipt};
use super::Needs;
use super::who::Who;
use crate::ids::{DedupeKey, EventNo, PersonId, PersonNo};
use crate::ledger::{Command, Erase, Request, State};

/// Rows as one commit finds them. A key that was asked for and is not here does not exist.
#[derive(Debug, Default)]
pub(in super::super) struct Rows {
    settled: Map<DedupeKey, Stored>,
    requests: Map<[u8; 16], RequestRow>,
    pub(super) persons: Map<PersonNo, Option<PersonRow>>,
    pub(super) links: Map<Link, NameRow>,
    unions: Map<Name, Option<PersonNo>>,
    /// Persons all of whose links are in `links`.
    complete: HashSet<PersonNo>,
    /// Numbers for events, ascending; larger than that of any event of a person read here.
    events: VecDeque<EventNo>,
    /// Numbers for new persons.
    pub(super) numbers: VecDeque<PersonNo>,
}

/// An event that is settled already.
#[derive(Clone, Debug)]
pub(in super::super) struct Stored {
    /// The Idempotency-Key under which it came.
    pub(in super::super) request: Option<[u8; 16]>,
    /// What was answered then.
    pub(in super::super) receipt: Receipt,
}

impl Stored {
    /// What a repeat gets.
    pub(super) fn again(&self, request: Option<Request>) -> Receipt {
        let replayed = request.is_some_and(|request| self.request == Some(request.key));
        Receipt { fresh: false, replayed, ..self.receipt.clone() }
    }
}

/// One row of `person`.
#[derive(Debug)]
pub(in super::super) struct PersonRow {
    pub(in super::super) id: PersonId,
    pub(in super::super) union: Option<Name>,
    pub(in super::super) merged_into: Option<PersonNo>,
    pub(in super::super) links: u32,
    pub(in super::super) version: i64,
    pub(in super::super) state: State,
    /// As the table has it: `None` for a row that is not there yet.
    stored: Option<StoredNames>,
    touched: bool,
}

#[derive(Debug)]
struct StoredNames {
    union: Option<Name>,
}

impl PersonRow {
    /// As the table has it.
    pub(in super::super) fn read(
        id: PersonId,
        union: Option<Name>,
        merged_into: Option<PersonNo>,
        links: u32,
        version: i64,
        state: State,
    ) -> Self {
        let stored = Some(StoredNames { union: union.clone() });
        Self { id, union, merged_into, links, version, state, stored, touched: false }
    }

    fn new(id: PersonId) -> Self {
        let state = State::default();
        Self { id, union: None, merged_into: None, links: 0, version: 0, state, stored: None, touched: true }
    }

    pub(super) fn is_touched(&self) -> bool {
        self.touched
    }

    pub(super) fn is_stored(&self) -> bool {
        self.stored.is_some()
    }

    /// Another name that the table has for this person, and that must be let go first.
    pub(super) fn lets_go(&self) -> Option<&Name> {
        let stored = self.stored.as_ref()?;
        stored.union.as_ref().filter(|_| stored.union != self.union)
    }

    /// True when more than the state changes.
    pub(super) fn is_renamed(&self) -> bool {
        self.merged_into.is_some() || self.stored.as_ref().is_none_or(|stored| stored.union != self.union)
    }
}

/// One row of `identity`.
#[derive(Debug)]
pub(super) struct NameRow {
    /// `None` once it is gone.
    pub(super) person: Option<PersonNo>,
    pub(super) stored: bool,
    pub(super) touched: bool,
}

#[derive(Debug)]
struct RequestRow {
    body: [u8; 16],
    new: bool,
}

/// A name that a person has from now on.
#[derive(Debug)]
pub(super) enum Claim {
    /// An (AppID, OpenID) that was unknown, or known by its digest only.
    Link { clear: Link, erased: Option<Link> },
    /// A UnionID likewise.
    Union(Name),
}

/// Reading: what a database fills in.
impl Rows {
    /// Nothing yet, with room for what so many commands need.
    pub(in super::super) fn of(commands: usize) -> Self {
        let mut rows = Self::default();
        rows.persons.reserve(commands);
        rows.links.reserve(commands);
        rows.unions.reserve(commands);
        rows.events.reserve(commands);
        rows.numbers.reserve(commands);
        rows
    }

    pub(in super::super) fn read_settled(&mut self, key: DedupeKey, stored: Stored) {
        self.settled.insert(key, stored);
    }

    pub(in super::super) fn read_request(&mut self, key: [u8; 16], body: [u8; 16]) {
        self.requests.entry(key).or_insert(RequestRow { body, new: false });
    }

    /// What the batch did to the link meanwhile stays.
    pub(in super::super) fn read_link(&mut self, link: Link, person: PersonNo) {
        self.links.entry(link).or_insert(NameRow { person: Some(person), stored: true, touched: false });
    }

    /// What the batch did to the person meanwhile stays. `None` for a number that nobody has.
    pub(in super::super) fn read_person(&mut self, no: PersonNo, row: Option<PersonRow>) {
        if let Some(name) = row.as_ref().and_then(|row| row.union.clone()) {
            self.unions.entry(name).or_insert(Some(no));
        }
        self.persons.entry(no).or_insert(row);
    }

    /// Every link of the person has been read.
    pub(in super::super) fn read_all_links_of(&mut self, no: PersonNo) {
        self.complete.insert(no);
    }

    pub(in super::super) fn has_read(&self, no: PersonNo) -> bool {
        self.persons.contains_key(&no)
    }

    /// True when somebody has the link.
    pub(in super::super) fn has_link(&self, link: &Link) -> bool {
        self.link(link).is_some()
    }

    /// True when somebody has the UnionID.
    pub(in super::super) fn has_union(&self, name: &Name) -> bool {
        self.union(name).is_some()
    }

    /// More numbers for events, ascending.
    pub(in super::super) fn add_events(&mut self, numbers: impl IntoIterator<Item = EventNo>) {
        self.events.extend(numbers);
    }

    /// More numbers for persons.
    pub(in super::super) fn add_numbers(&mut self, numbers: impl IntoIterator<Item = PersonNo>) {
        self.numbers.extend(numbers);
    }
}

/// Looking.
impl Rows {
    pub(super) fn settled(&self, key: &DedupeKey) -> Option<&Stored> {
        self.settled.get(key)
    }

    pub(super) fn body_of(&self, request: &[u8; 16]) -> Option<[u8; 16]> {
        self.requests.get(request).map(|row| row.body)
    }

    pub(super) fn link(&self, link: &Link) -> Option<PersonNo> {
        self.links.get(link).and_then(|row| row.person)
    }

    pub(super) fn union(&self, name: &Name) -> Option<PersonNo> {
        self.unions.get(name).copied().flatten()
    }

    /// The person that `no` is by now.
    pub(super) fn living(&self, mut no: PersonNo) -> Result<Option<PersonNo>, Box<Needs>> {
        loop {
            match self.persons.get(&no) {
                None => return Err(Box::new(Needs::person(no))),
                Some(None) => return Ok(None),
                Some(Some(row)) => match row.merged_into {
                    Some(other) => no = other,
                    None => return Ok(Some(no)),
                },
            }
        }
    }

    /// # Panics
    /// Unless `no` came from [`Rows::living`].
    #[expect(clippy::expect_used, reason = "numbers come from `living`, which saw the row")]
    pub(super) fn person(&self, no: PersonNo) -> &PersonRow {
        self.persons.get(&no).and_then(Option::as_ref).expect("a living person has a row")
    }

    #[expect(clippy::expect_used, reason = "every database hands in one number per command")]
    pub(super) fn next_event(&self) -> EventNo {
        *self.events.front().expect("one event number per command")
    }

    /// Numbers of the events to come.
    pub(super) fn events(&self) -> impl Iterator<Item = EventNo> {
        self.events.iter().copied()
    }

    pub(super) fn has_number(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// Links that a merge or an erasure goes through, unless they have been read.
    pub(super) fn require(&self, who: &Who, erase: Erase) -> Result<(), Box<Needs>> {
        let own = who.person.filter(|_| erase == Erase::Everything);
        let links_of: Vec<_> =
            own.into_iter().chain(who.merging).filter(|no| self.lacks_links_of(*no)).collect();
        if links_of.is_empty() { Ok(()) } else { Err(Box::new(Needs { links_of, ..Needs::default() })) }
    }

    fn lacks_links_of(&self, no: PersonNo) -> bool {
        self.person(no).is_stored() && !self.complete.contains(&no)
    }
}

/// Changing.
impl Rows {
    pub(super) fn take_event(&mut self) {
        self.events.pop_front();
    }

    #[expect(clippy::expect_used, reason = "`who::find` asked for a number first")]
    pub(super) fn add_person(&mut self, id: PersonId) -> PersonNo {
        let no = self.numbers.pop_front().expect("a number for a new person");
        self.persons.insert(no, Some(PersonRow::new(id)));
        no
    }

    #[expect(clippy::expect_used, reason = "numbers come from `living`, which saw the row")]
    pub(super) fn touch(&mut self, no: PersonNo) -> &mut PersonRow {
        let row = self.persons.get_mut(&no).and_then(Option::as_mut).expect("a living person has a row");
        if !row.touched {
            row.touched = true;
            row.version += 1;
        }
        row
    }

    /// `other` turns out to be `survivor`: every name of theirs leads there from now on.
    pub(super) fn merge(&mut self, other: PersonNo, survivor: PersonNo) {
        let row = self.touch(other);
        row.merged_into = Some(survivor);
        let links = std::mem::take(&mut row.links);
        let union = row.union.take();
        for link in self.links.values_mut().filter(|link| link.person == Some(other)) {
            link.person = Some(survivor);
            link.touched = true;
        }
        if let Some(name) = &union {
            self.unions.insert(name.clone(), Some(survivor));
        }
        let survivor = self.touch(survivor);
        survivor.links += links;
        survivor.union = survivor.union.take().or(union);
    }

    /// Gives a person the names that a command brought.
    pub(super) fn name(&mut self, no: PersonNo, claims: &[Claim]) {
        for claim in claims {
            match claim {
                Claim::Link { clear, erased } => {
                    if let Some(erased) = erased {
                        self.set_link(erased, None);
                    }
                    self.set_link(clear, Some(no));
                    self.touch(no).links += 1;
                }
                Claim::Union(name) => self.set_union(no, name.clone()),
            }
        }
    }

    /// Replaces names by their digests.
    pub(super) fn erase(&mut self, no: PersonNo, command: &Command, what: Erase, eraser: &Eraser) {
        let links: Vec<Link> = match what {
            Erase::Nothing => return,
            Erase::Link | Erase::LinkAndUnion => {
                command.subject.identity.iter().map(|(app_id, open_id)| Link::of(app_id, open_id)).collect()
            }
            Erase::Everything => self
                .links
                .iter()
                .filter(|(_, row)| row.person == Some(no))
                .map(|(link, _)| link.clone())
                .collect(),
        };
        for link in links.iter().filter(|link| !link.name.is_erased()) {
            if self.link(link) == Some(no) {
                self.set_link(link, None);
                self.set_link(&eraser.link(link), Some(no));
                let row = self.touch(no);
                row.links = row.links.saturating_sub(1);
            }
        }
        if what != Erase::Link
            && let Some(name) = self.person(no).union.clone()
        {
            self.set_union(no, eraser.union(&name));
        }
    }

    pub(super) fn keep_request(&mut self, request: Request) {
        self.requests.entry(request.key).or_insert(RequestRow { body: request.body, new: true });
    }

    pub(super) fn new_requests(&self) -> Vec<([u8; 16], [u8; 16])> {
        self.requests.iter().filter(|(_, row)| row.new).map(|(key, row)| (*key, row.body)).collect()
    }

    fn set_link(&mut self, link: &Link, person: Option<PersonNo>) {
        let row = self.links.entry(link.clone()).or_insert(NameRow { person, stored: false, touched: true });
        row.person = person;
        row.touched = true;
    }

    fn set_union(&mut self, no: PersonNo, name: Name) {
        self.unions.insert(name.clone(), Some(no));
        if let Some(old) = self.touch(no).union.replace(name.clone()).filter(|old| *old != name) {
            self.unions.insert(old, None);
        }
    }
}
