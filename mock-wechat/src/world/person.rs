//! A person, and what they are to each account.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{chat::Chat, saved, scenes::Scene, windows::Windows};
use crate::ids::PersonKey;

/// Someone with a phone.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    /// Follows from the name.
    #[serde(skip)]
    pub(crate) key: PersonKey,
    pub(crate) name: String,
    /// What their WeChat is set to: `zh_CN`, `zh_TW`, `en`, ...
    pub(crate) language: Cow<'static, str>,
    /// Few per person: a list is smaller and faster than a map.
    relations: Vec<(Box<str>, Relation)>,
}

/// What a person is to one account.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Relation {
    /// Present while they follow (Official Accounts only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) follow: Option<Follow>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) remark: String,
    /// Ids of the tags that the account has put on them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<u32>,
    #[serde(skip_serializing_if = "saved::is_usual")]
    pub(crate) blacklisted: bool,
    /// When the person did something last that the account was told of, in Unix seconds.
    #[serde(skip_serializing_if = "saved::is_usual")]
    pub(crate) acted_at: i64,
    /// Until when the chat says that the account is typing.
    #[serde(skip_serializing_if = "saved::is_usual")]
    pub(crate) typing_until: i64,
    #[serde(skip_serializing_if = "Windows::is_empty")]
    pub(crate) windows: Windows,
    #[serde(skip_serializing_if = "Chat::is_empty")]
    pub(crate) chat: Chat,
    /// `CreateTime` of the last push, see [`Relation::create_time`].
    #[serde(skip_serializing_if = "saved::is_usual")]
    last_push: i64,
}

/// One following, from its beginning.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Follow {
    /// Unix seconds.
    pub(crate) since: i64,
    /// How they came: `ADD_SCENE_...`
    pub(crate) subscribe_scene: Cow<'static, str>,
    /// The scene of the QR code they came by.
    pub(crate) scene: Option<Scene>,
    /// Counts up over all accounts; filled in by the world.
    pub(crate) order: u64,
}

impl Person {
    pub(super) fn new(name: &str, key: PersonKey) -> Self {
        Self { key, name: name.to_owned(), language: Cow::Borrowed("zh_CN"), relations: Vec::new() }
    }

    /// One that was saved, with the key that follows from the name.
    pub(super) fn named_again(self) -> (PersonKey, Self) {
        let key = PersonKey::of(&self.name);
        (key, Self { key, ..self })
    }

    /// Accounts that they follow, by AppID.
    pub(super) fn followings(&self) -> impl Iterator<Item = (&str, &Follow)> {
        self.relations.iter().filter_map(|(app_id, relation)| Some((&**app_id, relation.follow.as_ref()?)))
    }

    pub(crate) fn relation(&self, app_id: &str) -> Option<&Relation> {
        self.relations.iter().find(|(id, _)| **id == *app_id).map(|(_, relation)| relation)
    }

    pub(super) fn relation_mut(&mut self, app_id: &str) -> &mut Relation {
        let at = self.relations.iter().position(|(id, _)| **id == *app_id).unwrap_or_else(|| {
            self.relations.push((app_id.into(), Relation::default()));
            self.relations.len() - 1
        });
        &mut self.relations[at].1
    }

    pub(super) fn forget(&mut self, app_id: &str) {
        self.relations.retain(|(id, _)| **id != *app_id);
    }

    pub(crate) fn follows(&self, app_id: &str) -> bool {
        self.relation(app_id).is_some_and(|relation| relation.follow.is_some())
    }

    /// A mainland number, the same in every run, of a range that is not given out.
    pub(crate) fn phone(&self) -> String {
        format!("100{:08}", self.key.number() % 100_000_000)
    }
}

impl Relation {
    /// The `CreateTime` for the next push: now, but later than the one before.
    ///
    /// A real person does not follow, leave and follow again within a second; a test does. WeChat's documents tell
    /// receivers to take two events of one person with one `CreateTime` for the same event.
    pub(crate) fn create_time(&mut self, now: i64) -> i64 {
        // A clock set back starts over: only seconds that are close are counted on.
        let earliest = if self.last_push - now < 60 { self.last_push + 1 } else { now };
        self.last_push = now.max(earliest);
        self.last_push
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pushes_of_one_second_have_different_create_times() {
        let mut relation = Relation::default();
        assert_eq!(
            [relation.create_time(100), relation.create_time(100), relation.create_time(105)],
            [100, 101, 105]
        );
        assert_eq!(relation.create_time(10), 10, "a clock set back by the control API");
    }
}
