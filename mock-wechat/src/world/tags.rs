//! Tags that Official Accounts put on followers. Who has which stands with the person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Ids below are WeChat's own.
const FIRST: u32 = 100;
/// The one of WeChat's own tags that is listed.
const STARRED: (u32, &str) = (2, "星标组");
/// Tags of one account.
pub(crate) const MOST: usize = 100;

/// The tags of each account that has made any.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tags(BTreeMap<String, BTreeMap<u32, String>>);

impl Tags {
    /// Ids and names, WeChat's own first.
    pub(crate) fn of(&self, app_id: &str) -> impl Iterator<Item = (u32, &str)> {
        let own = self.0.get(app_id).into_iter().flatten().map(|(id, name)| (*id, name.as_str()));
        std::iter::once(STARRED).chain(own)
    }

    pub(crate) fn exists(&self, app_id: &str, id: u32) -> bool {
        id == STARRED.0 || self.0.get(app_id).is_some_and(|tags| tags.contains_key(&id))
    }

    pub(crate) fn is_system(id: u32) -> bool {
        id < FIRST
    }

    /// How many the account made.
    pub(crate) fn count(&self, app_id: &str) -> usize {
        self.0.get(app_id).map_or(0, BTreeMap::len)
    }

    pub(crate) fn add(&mut self, app_id: &str, name: &str) -> u32 {
        let tags = self.0.entry(app_id.to_owned()).or_default();
        let id = tags.last_key_value().map_or(FIRST, |(last, _)| last + 1);
        tags.insert(id, name.to_owned());
        id
    }

    pub(crate) fn rename(&mut self, app_id: &str, id: u32, name: &str) -> bool {
        let tag = self.0.get_mut(app_id).and_then(|tags| tags.get_mut(&id));
        tag.map(|tag| name.clone_into(tag)).is_some()
    }

    pub(crate) fn remove(&mut self, app_id: &str, id: u32) -> bool {
        self.0.get_mut(app_id).is_some_and(|tags| tags.remove(&id).is_some())
    }

    pub(crate) fn forget(&mut self, app_id: &str) {
        self.0.remove(app_id);
    }
}
