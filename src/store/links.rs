//! Where links lead, remembered from one commit to the next.
//!
//! The same people push again and again, and to search an index of text for each of their events is a seventh of what
//! a commit costs, more when its pages are no longer in memory. Sixteen bytes remember one link: the number of the
//! person, and 96 bits of a hash that stand for the name, besides the 17 that choose the set. The hash has a key that
//! nobody knows, so two links that look the same here are no likelier than a disk that lies.

use std::hash::{BuildHasher as _, RandomState};

use super::batch::Writes;
use super::names::Link;
use crate::ids::PersonNo;

/// Sets of slots, for half a million links; 8 MiB when all have been used.
const SETS: usize = 1 << 17;
/// Links that a set remembers, the latest first.
const WAYS: usize = 4;

/// What this gateway knows of the table `identity`.
pub(super) struct Links {
    /// A slot is the hash, and in the lower 32 bits the person; 0 where there is none.
    sets: Vec<[u128; WAYS]>,
    keys: [RandomState; 2],
}

impl Default for Links {
    fn default() -> Self {
        // Zeros: the system gives the memory when it is first used.
        Self { sets: vec![[0; WAYS]; SETS], keys: <_>::default() }
    }
}

impl Links {
    /// Everything, when another process may have led a link elsewhere.
    pub(super) fn forget_all(&mut self) {
        // Under other keys nothing is found again.
        self.keys = <_>::default();
    }

    /// The person, where the link is remembered.
    pub(super) fn find(&mut self, link: &Link) -> Option<PersonNo> {
        let (set, name) = self.place(link);
        let at = set.iter().position(|slot| *slot != 0 && slot & NAME == name)?;
        set[..=at].rotate_right(1);
        Some(PersonNo::from((set[0] & !NAME) as u32))
    }

    /// `link` leads to `person`, as the table has it.
    pub(super) fn remember(&mut self, link: &Link, person: PersonNo) {
        self.forget(link);
        // Nobody has four billion people in one file; whoever has looks them up.
        let Ok(person @ 1..) = u32::try_from(person) else { return };
        let (set, name) = self.place(link);
        set.rotate_right(1);
        set[0] = name | u128::from(person);
    }

    /// After the commit.
    pub(super) fn committed(&mut self, writes: &Writes) {
        for link in &writes.links_gone {
            self.forget(link);
        }
        for (link, person) in writes.links_moved.iter().chain(&writes.links_new) {
            self.remember(link, *person);
        }
    }

    /// Leaves the last slot empty.
    fn forget(&mut self, link: &Link) {
        let (set, name) = self.place(link);
        if let Some(at) = set.iter().position(|slot| slot & NAME == name) {
            set[at] = 0;
            set[at..].rotate_left(1);
        }
    }

    fn place(&mut self, link: &Link) -> (&mut [u128; WAYS], u128) {
        let [first, second] = self.keys.each_ref().map(|key| key.hash_one(link));
        let name = (u128::from(first) << 64 | u128::from(second)) & NAME;
        (&mut self.sets[second as usize % SETS], name)
    }
}

/// The bits of a slot that stand for the name.
const NAME: u128 = !(u32::MAX as u128);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AppId, OpenId};

    fn link(number: usize) -> Link {
        Link::of(&AppId::parse("wx1").unwrap(), &OpenId::parse(&format!("oLin{number:07}")).unwrap())
    }

    fn remembered(links: &mut Links, people: std::ops::Range<usize>) -> usize {
        people
            .filter(|number| match links.find(&link(*number)) {
                Some(person) => {
                    assert_eq!(person, *number as i64 + 1, "led to somebody else");
                    true
                }
                None => false,
            })
            .count()
    }

    #[test]
    fn who_was_seen_last_is_remembered_and_nobody_is_taken_for_another() {
        const PEOPLE: usize = 2 * SETS * WAYS;
        let mut links = Links::default();

        for number in 0..PEOPLE {
            links.remember(&link(number), number as i64 + 1);
        }

        assert_eq!(remembered(&mut links, PEOPLE - 1_000..PEOPLE), 1_000);
        let all = remembered(&mut links, 0..PEOPLE);
        assert!((SETS * WAYS * 9 / 10..=SETS * WAYS).contains(&all), "{all}");
    }

    #[test]
    fn what_a_commit_writes_is_remembered() {
        let mut links = Links::default();
        links.remember(&link(1), 1);
        links.remember(&link(2), 2);

        let (gone, moved, new) = (vec![link(1)], vec![(link(2), 4)], vec![(link(3), 3)]);
        links.committed(&Writes {
            links_gone: gone,
            links_moved: moved,
            links_new: new,
            ..Writes::default()
        });

        assert_eq!([1, 2, 3].map(|number| links.find(&link(number))), [None, Some(4), Some(3)]);
    }

    #[test]
    fn a_number_that_does_not_fit_is_looked_up() {
        let mut links = Links::default();
        links.remember(&link(1), 1);

        links.remember(&link(1), 1 << 32);

        assert_eq!(links.find(&link(1)), None);
    }

    #[test]
    fn nothing_is_found_once_all_is_forgotten() {
        let mut links = Links::default();
        links.remember(&link(1), 1);

        links.forget_all();

        assert_eq!(links.find(&link(1)), None);
    }
}
