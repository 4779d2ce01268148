//! What exists: accounts, people and how they relate. Plain data behind one lock, no I/O; time is always a
//! parameter (Unix seconds of the mock's clock).
//!
//! | file | holds |
//! |---|---|
//! | `account.rs` | an account as configured: ids, keys, mode, callback |
//! | `standing.rs` | what WeChat allows an account, and from where |
//! | `person.rs` | a person, and what they are to each account: follower, visitor, writer |
//! | `windows.rs` | how long and how often an account may write to a person |
//! | `chat.rs` | what the person sees |
//! | `tokens.rs` | the two lines of access tokens |
//! | `codes.rs` | login and phone codes, session keys |
//! | `components.rs` | third-party platforms: tickets, and who authorised them |
//! | `scenes.rs` | parametric QR codes and their tickets |
//! | `menus.rs` | menus of Official Accounts |
//! | `tags.rs` | tags on followers |
//! | `templates.rs` | templates, and who agreed to messages by which |
//! | `web.rs` | web OAuth tokens, JS-SDK tickets |
//! | `quotas.rs` | how often which API was called |
//! | `short.rs` | short keys |
//! | `mass.rs` | what was sent to many, and how often |
//! | `media.rs` | uploaded files |
//! | `payments.rs` | payments and refunds |
//! | `notices.rs` | what merchants were told of them and have not taken |
//! | `saved.rs` | forms in which parts of it are saved |
//! | `local.rs` | the world that exists at start |
//!
//! To add a kind of thing: a file for it, a field in `World` (with `serde`'s derives, so that it is saved), and if it belongs to one account a line in
//! `World::remove_account`.

pub mod account;
pub mod chat;
pub(crate) mod codes;
pub(crate) mod components;
mod local;
pub(crate) mod mass;
pub(crate) mod media;
pub(crate) mod menus;
pub(crate) mod notices;
pub(crate) mod payments;
pub(crate) mod person;
pub(crate) mod quotas;
mod saved;
pub(crate) mod scenes;
pub(crate) mod short;
pub mod standing;
pub(crate) mod tags;
pub(crate) mod templates;
pub(crate) mod tokens;
pub(crate) mod web;
pub mod windows;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use self::{
    account::{Account, AccountError},
    codes::Codes,
    components::Components,
    mass::Mass,
    media::Media,
    menus::{Menu, Menus},
    notices::Notices,
    payments::Payments,
    person::{Follow, Person, Relation},
    scenes::Scenes,
    short::ShortKeys,
    tags::Tags,
    templates::Templates,
    tokens::Tokens,
    web::Web,
};
use crate::{
    ids::{self, OpenIds, PersonKey},
    wire::envelope::AesKey,
};

/// Everything that exists.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct World {
    #[serde(with = "saved::accounts")]
    accounts: BTreeMap<String, Arc<Registered>>,
    #[serde(with = "saved::people")]
    people: HashMap<PersonKey, Person>,
    /// Followers of each account by the order in which they followed; what `user/get` pages through.
    #[serde(skip)]
    followers: HashMap<String, BTreeMap<u64, PersonKey>>,
    follows_so_far: u64,
    open_platforms: BTreeSet<String>,
    pub(crate) tokens: Tokens,
    pub(crate) codes: Codes,
    pub(crate) components: Components,
    pub(crate) scenes: Scenes,
    pub(crate) menus: Menus,
    pub(crate) tags: Tags,
    pub(crate) short_keys: ShortKeys,
    pub(crate) web: Web,
    pub(crate) templates: Templates,
    pub(crate) mass: Mass,
    pub(crate) media: Media,
    pub(crate) payments: Payments,
    #[serde(default, skip_serializing_if = "Notices::is_empty")]
    pub(crate) notices: Notices,
}

/// An account and what is derived from its configuration.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) account: Account,
    pub(crate) open_ids: OpenIds,
    /// Always present in compatible and safe mode.
    pub(crate) aes_key: Option<AesKey>,
}

impl World {
    /// The local world: open platform `brand-group`, accounts `brand` (with a menu and a QR code) and `shop`, nobody
    /// yet.
    pub(crate) fn local() -> Self {
        let mut world = Self::empty();
        for account in local::accounts() {
            world.insert(account, None);
        }
        local::furnish(&mut world);
        world
    }

    /// Nothing and nobody.
    pub(crate) fn empty() -> Self {
        Self {
            accounts: BTreeMap::new(),
            people: HashMap::new(),
            followers: HashMap::new(),
            follows_so_far: 0,
            open_platforms: BTreeSet::new(),
            tokens: Tokens::default(),
            codes: Codes::default(),
            components: Components::default(),
            scenes: Scenes::default(),
            menus: Menus::default(),
            tags: Tags::default(),
            short_keys: ShortKeys::default(),
            web: Web::default(),
            templates: Templates::default(),
            mass: Mass::default(),
            media: Media::default(),
            payments: Payments::default(),
            notices: Notices::default(),
        }
    }

    /// A world that was saved, with what is derived from the rest.
    pub(crate) fn restored(mut self) -> Self {
        for (key, person) in &self.people {
            for (app_id, follow) in person.followings() {
                self.followers.entry(app_id.to_owned()).or_default().insert(follow.order, *key);
            }
        }
        self
    }

    /// The names of all open-platform accounts that any account is or was bound to.
    pub(crate) fn open_platforms(&self) -> impl Iterator<Item = &str> {
        self.open_platforms.iter().map(String::as_str)
    }

    /// By name or AppID.
    pub(crate) fn account(&self, name_or_app_id: &str) -> Option<&Arc<Registered>> {
        self.accounts
            .get(name_or_app_id)
            .or_else(|| self.accounts.values().find(|a| a.account.name == name_or_app_id))
    }

    /// All accounts, by AppID.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = &Arc<Registered>> {
        self.accounts.values()
    }

    /// Creates the account or replaces its configuration; people and tokens stay.
    pub(crate) fn put_account(&mut self, account: Account) -> Result<Arc<Registered>, AccountError> {
        let key = account.check()?;
        if let Some(other) = self.accounts.values().find(|a| {
            a.account.app_id != account.app_id
                && (a.account.name == account.name || a.account.original_id == account.original_id)
        }) {
            return Err(AccountError::Taken { app_id: other.account.app_id.clone() });
        }
        Ok(self.insert(account, key))
    }

    /// The same for an account that was checked before.
    pub(crate) fn put_checked(&mut self, account: Account) {
        self.insert(account, None);
    }

    fn insert(&mut self, account: Account, key: Option<AesKey>) -> Arc<Registered> {
        let aes_key = key.or_else(|| AesKey::parse(&account.encoding_aes_key).ok());
        let registered = Arc::new(Registered { open_ids: OpenIds::of(&account.app_id), aes_key, account });
        self.open_platforms.extend(registered.account.open_platform.clone());
        self.accounts.insert(registered.account.app_id.clone(), registered.clone());
        registered
    }

    /// Forgets the account, its tokens and what people were to it.
    pub(crate) fn remove_account(&mut self, app_id: &str) -> bool {
        self.followers.remove(app_id);
        self.tokens.forget(app_id);
        self.scenes.forget(app_id);
        self.menus.forget(app_id);
        self.tags.forget(app_id);
        self.short_keys.forget(app_id);
        self.web.forget(app_id);
        self.templates.forget(app_id);
        self.mass.forget(app_id);
        self.media.forget(app_id);
        self.payments.forget(app_id);
        self.notices.forget(app_id);
        self.components.forget(app_id);
        for person in self.people.values_mut() {
            person.forget(app_id);
        }
        self.accounts.remove(app_id).is_some()
    }

    /// The person of that name, created on first use.
    pub(crate) fn person(&mut self, name: &str) -> PersonKey {
        let key = PersonKey::of(name);
        self.people.entry(key).or_insert_with(|| Person::new(name, key));
        key
    }

    /// Sets a person's phone to a language.
    pub(crate) fn set_language(&mut self, person: PersonKey, language: &str) {
        if let Some(person) = self.people.get_mut(&person) {
            person.language = language.to_owned().into();
        }
    }

    pub(crate) fn find_person(&self, key: PersonKey) -> Option<&Person> {
        self.people.get(&key)
    }

    /// All people, in no particular order.
    pub(crate) fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// The person behind an OpenID of this account, if that person exists.
    pub(crate) fn person_of(&self, registered: &Registered, open_id: &str) -> Option<&Person> {
        self.people.get(&registered.open_ids.open(open_id)?)
    }

    /// What a person is to an account, created on first use. `None` when there is no such person.
    pub(crate) fn relation_mut(&mut self, person: PersonKey, app_id: &str) -> Option<&mut Relation> {
        Some(self.people.get_mut(&person)?.relation_mut(app_id))
    }

    /// Makes the person a follower. `false` when they were one already.
    pub(crate) fn follow(&mut self, person: PersonKey, app_id: &str, mut follow: Follow) -> bool {
        follow.order = self.follows_so_far + 1;
        let Some(relation) = self.relation_mut(person, app_id) else { return false };
        if relation.follow.is_some() {
            return false;
        }
        let order = follow.order;
        relation.follow = Some(follow);
        self.follows_so_far = order;
        self.followers.entry(app_id.to_owned()).or_default().insert(order, person);
        true
    }

    /// Ends the following and closes every message window. `false` when there was none.
    pub(crate) fn unfollow(&mut self, person: PersonKey, app_id: &str) -> bool {
        let Some(relation) = self.relation_mut(person, app_id) else { return false };
        let Some(follow) = relation.follow.take() else { return false };
        relation.windows.close_all();
        relation.tags.clear();
        if let Some(followers) = self.followers.get_mut(app_id) {
            followers.remove(&follow.order);
        }
        true
    }

    /// Followers behind `after` (the order of an earlier one), in the order in which they followed.
    pub(crate) fn followers(&self, app_id: &str, after: u64) -> impl Iterator<Item = PersonKey> {
        self.followers.get(app_id).into_iter().flat_map(move |f| f.range(after + 1..).map(|(_, key)| *key))
    }

    /// The menu that a person sees.
    pub(crate) fn menu_for(&self, person: PersonKey, app_id: &str) -> Option<&Menu> {
        let relation = self.people.get(&person).and_then(|person| person.relation(app_id));
        self.menus.seen_by(app_id, relation.map_or(&[], |relation| &relation.tags))
    }

    pub(crate) fn follower_count(&self, app_id: &str) -> usize {
        self.followers.get(app_id).map_or(0, BTreeMap::len)
    }
}

impl Registered {
    /// The person's UnionID, as long as the account is bound to an open-platform account.
    pub(crate) fn union_id(&self, person: PersonKey) -> Option<String> {
        self.account.open_platform.as_deref().map(|platform| ids::union_id(platform, person))
    }
}
