//! The file's keys, checked one by one.

use std::{collections::BTreeMap, ops::Range};

use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json, json};
use toml::{Spanned, Value};

use super::{Following, Furnished, Inhabitant, Scenario, ScenarioError, locate::Text};
use crate::{
    api::menu_buttons,
    faults::{Fault, Faults},
    world::{
        World,
        account::{Account, AccountError, Kind},
        menus::Button,
        scenes::Scene,
    },
};

/// Keys of an account that are not its configuration but what it has.
const FURNITURE: [&str; 5] = ["menu", "qr_codes", "templates", "tags", "authorized"];

type Table = BTreeMap<Spanned<String>, Spanned<Value>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    seed: Option<u64>,
    clock: Option<Spanned<String>>,
    #[serde(default)]
    accounts: Vec<Spanned<Table>>,
    #[serde(default)]
    people: Vec<Person>,
    #[serde(default)]
    faults: Vec<Spanned<Fault>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    name: Spanned<String>,
    language: Option<String>,
    #[serde(default)]
    follows: Vec<Spanned<Follows>>,
}

/// `"brand"`, or `{ account = "brand", scene = "store-12" }`.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "must be an account's name, or { account = \"...\", scene = \"...\" } with a scene of 1 to 64 characters"
)]
enum Follows {
    Account(String),
    By(FollowsBy),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FollowsBy {
    account: String,
    scene: Option<MadeScene>,
}

/// A scene for which a QR code can be made.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "SceneValue")]
struct MadeScene(Scene);

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "must be a scene: text, or a number from 1 to 4294967295")]
enum SceneValue {
    Id(u32),
    Text(String),
}

impl TryFrom<SceneValue> for MadeScene {
    type Error = &'static str;

    fn try_from(scene: SceneValue) -> Result<Self, Self::Error> {
        let scene = match scene {
            SceneValue::Id(id) => Scene::Id(id),
            SceneValue::Text(text) => Scene::Text(text),
        };
        scene.checked().map(Self)
    }
}

/// A template that an account has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Template {
    pub(super) title: String,
    /// `积分：{{number1.DATA}}`
    pub(super) content: String,
    /// For subscription messages, which need the person's consent.
    #[serde(default)]
    pub(super) subscription: bool,
}

/// Reads a whole file.
pub(super) fn scenario(toml: &str) -> Result<Scenario, ScenarioError> {
    let text = Text(toml);
    let file: File = toml::from_str(toml).map_err(|error| {
        let remedy = "examples/scenario.toml of mock-wechat shows every key; keys of the file are seed, clock, accounts, \
                      people and faults";
        text.error(error.span().unwrap_or_default(), error.message(), remedy)
    })?;
    // What is read is put into a world at once: some mistakes are between two accounts.
    let mut world = World::empty();
    let mut accounts = Vec::new();
    for table in &file.accounts {
        accounts.push(Reading { text, table }.account(&mut world)?);
    }
    for (furnished, table) in accounts.iter_mut().zip(&file.accounts) {
        Reading { text, table }.furnish(furnished, &world)?;
    }
    let mut people: Vec<Inhabitant> = Vec::new();
    for person in file.people {
        if person.name.get_ref().trim().is_empty() {
            return Err(text.error(
                person.name.span(),
                "a person has no name",
                "give them one: name = \"lin\"",
            ));
        }
        if people.iter().any(|other| other.name == *person.name.get_ref()) {
            let what = format!("there is a {} already", person.name.get_ref());
            return Err(text.error(person.name.span(), what, "give every person a name of their own"));
        }
        people.push(inhabitant(text, &world, person)?);
    }
    for fault in &file.faults {
        let checked = Faults::default().add(fault.get_ref().clone());
        checked
            .map_err(|error| text.error(fault.span(), error, "see the README of mock-wechat on faults"))?;
    }
    let faults = file.faults.into_iter().map(Spanned::into_inner).collect();
    Ok(Scenario { seed: file.seed, clock: clock(text, file.clock)?, accounts, people, faults })
}

fn clock(text: Text<'_>, clock: Option<Spanned<String>>) -> Result<Option<Timestamp>, ScenarioError> {
    let Some(clock) = clock else { return Ok(None) };
    let time = clock.get_ref().parse::<Timestamp>();
    let time = time.map_err(|error| {
        text.error(clock.span(), format!("clock: {error}"), "write a time such as \"2030-01-02T03:00:00Z\"")
    })?;
    Ok(Some(time))
}

/// An account's table as it is read.
struct Reading<'a> {
    text: Text<'a>,
    table: &'a Spanned<Table>,
}

impl Reading<'_> {
    /// Its configuration, key by key over what an account of that name has anyway.
    fn account(&self, world: &mut World) -> Result<Furnished, ScenarioError> {
        let name = self.value("name").and_then(|name| name.get_ref().as_str()).unwrap_or_default();
        if name.is_empty() {
            let at = self.at("name");
            return Err(self.text.error(at, "an account has no name", "give it one: name = \"brand\""));
        }
        let usual = self.usual(name)?;
        let mut keys = object(&usual);
        for (key, value) in self.table.get_ref() {
            let (key, at) = (key.get_ref().as_str(), key.span());
            if FURNITURE.contains(&key) {
                continue;
            }
            if !keys.contains_key(key) {
                let what = format!("account {name} has no key {key:?}");
                return Err(self.text.error(at, what, nearest(key, keys.keys())));
            }
            keys.insert(key.to_owned(), plain(value.get_ref()));
            // Alone, so that the mistake is in this key.
            let mut alone = object(&usual);
            alone.insert(key.to_owned(), plain(value.get_ref()));
            self.fits::<Account>(name, key, Json::Object(alone), value.span())?;
        }
        let account: Account = self.fits(name, "name", Json::Object(keys), self.table.span())?;
        if world.account(&account.app_id).is_some() {
            // World::put_account would take it for a change of the first.
            let key = if self.value("app_id").is_some() { "app_id" } else { "name" };
            let what =
                format!("account {name}: an account with the AppID {} is there already", account.app_id);
            let remedy = "describe every account once, with a name and an app_id of its own";
            return Err(self.text.error(self.at(key), what, remedy));
        }
        world.put_account(account.clone()).map_err(|error| self.impossible(name, &error))?;
        let (qr_codes, templates, tags) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Furnished { account, menu: None, qr_codes, templates, tags, authorized: Vec::new() })
    }

    /// What it has.
    fn furnish(&self, furnished: &mut Furnished, world: &World) -> Result<(), ScenarioError> {
        let name = furnished.account.name.clone();
        if let Some(value) = self.value("menu") {
            let menu = Map::from_iter([("button".to_owned(), plain(value.get_ref()))]);
            let shaped: Vec<Button> = self.fits(&name, "menu", plain(value.get_ref()), value.span())?;
            menu_buttons(world, &menu).map_err(|error| {
                let what = format!("account {name}: menu/create would answer {}: {error}", error.code);
                self.text.error(value.span(), what, "write the buttons as menu/create takes them")
            })?;
            furnished.menu = Some(shaped);
        }
        furnished.qr_codes =
            self.list::<MadeScene>(&name, "qr_codes")?.into_iter().map(|made| made.0).collect();
        furnished.templates = self.list(&name, "templates")?;
        furnished.tags = self.list(&name, "tags")?;
        furnished.authorized = self.authorized(&name, world)?;
        Ok(())
    }

    /// The AppIDs of the third-party platforms that act for it.
    fn authorized(&self, name: &str, world: &World) -> Result<Vec<String>, ScenarioError> {
        let platform = |wanted: &String| world.account(wanted).filter(|a| a.account.kind == Kind::Component);
        let named = self.list::<String>(name, "authorized")?;
        let app_ids = named.iter().map(|wanted| {
            platform(wanted).map(|found| found.account.app_id.clone()).ok_or_else(|| {
                let what = format!(
                    "account {name}: authorized: {wanted:?} is no third-party platform of the scenario"
                );
                let remedy =
                    format!("describe it under [[accounts]]: name = {wanted:?}, kind = \"component\"");
                self.text.error(self.at("authorized"), what, remedy)
            })
        });
        app_ids.collect()
    }

    fn list<T: DeserializeOwned>(&self, name: &str, key: &str) -> Result<Vec<T>, ScenarioError> {
        match self.value(key) {
            Some(value) => self.fits(name, key, plain(value.get_ref()), value.span()),
            None => Ok(Vec::new()),
        }
    }

    fn usual(&self, name: &str) -> Result<Account, ScenarioError> {
        let kind = match self.value("kind") {
            Some(kind) => self.fits(name, "kind", plain(kind.get_ref()), kind.span())?,
            None => Kind::OfficialAccount,
        };
        Ok(match self.value("app_id").and_then(|app_id| app_id.get_ref().as_str()) {
            Some(app_id) => Account::with_app_id(app_id, name, kind),
            None => Account::named(name, kind),
        })
    }

    fn fits<T: DeserializeOwned>(
        &self,
        name: &str,
        key: &str,
        value: Json,
        at: Range<usize>,
    ) -> Result<T, ScenarioError> {
        serde_json::from_value(value).map_err(|error| {
            let what = format!("account {name}: {key}: {error}");
            self.text.error(at, what, "the README of mock-wechat has the account's keys and their values")
        })
    }

    fn impossible(&self, name: &str, error: &AccountError) -> ScenarioError {
        let (key, remedy) = match error {
            AccountError::Shape { field, must_be, .. } => (*field, format!("write one that is {must_be}")),
            AccountError::AesKey(_) => (
                "encoding_aes_key",
                "write 43 letters and digits, leave the key out, or set mode = \"plain\"".to_owned(),
            ),
            AccountError::Taken { .. } => ("name", "choose another name or original_id".to_owned()),
        };
        let key = key.split('.').next().unwrap_or_default();
        self.text.error(self.at(key), format!("account {name}: {error}"), remedy)
    }

    fn value(&self, key: &str) -> Option<&Spanned<Value>> {
        self.table.get_ref().iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
    }

    /// Where that key's value is, or else the account.
    fn at(&self, key: &str) -> Range<usize> {
        self.value(key).map_or_else(|| self.table.span(), Spanned::span)
    }
}

fn inhabitant(text: Text<'_>, world: &World, person: Person) -> Result<Inhabitant, ScenarioError> {
    let name = person.name.into_inner();
    let mut follows = Vec::new();
    for followed in person.follows {
        let at = followed.span();
        let (account, scene) = match followed.into_inner() {
            Follows::Account(account) => (account, None),
            Follows::By(by) => (by.account, by.scene.map(|made| made.0)),
        };
        let official = world.account(&account).filter(|a| a.account.kind == Kind::OfficialAccount);
        let app_id = official.map(|a| a.account.app_id.clone()).ok_or_else(|| {
            let known = world.accounts().filter(|a| a.account.kind == Kind::OfficialAccount);
            let known: Vec<&str> = known.map(|a| a.account.name.as_str()).collect();
            let what = format!("{name} follows {account:?}, which is no Official Account of the scenario");
            let remedy = match known.as_slice() {
                [] => "describe an Official Account under [[accounts]]".to_owned(),
                known => format!("name one of: {}", known.join(", ")),
            };
            text.error(at, what, remedy)
        })?;
        follows.push(Following { app_id, scene });
    }
    Ok(Inhabitant { name, language: person.language, follows })
}

/// What somebody who wrote this key most likely meant.
fn nearest<'a>(key: &str, known: impl Iterator<Item = &'a String>) -> String {
    let known: Vec<&str> = known.map(String::as_str).chain(FURNITURE).collect();
    let common = |other: &str| {
        let letters = |text: &str| text.bytes().collect::<Vec<_>>();
        let mut theirs = letters(other);
        let shared = letters(key).into_iter().filter(|letter| {
            theirs.iter().position(|other| other == letter).map(|at| theirs.remove(at)).is_some()
        });
        let shared = shared.count();
        key.len().max(other.len()) - shared
    };
    match known.iter().min_by_key(|other| common(other)) {
        Some(near) if common(near) <= 2 => format!("write {near}"),
        _ => format!("the keys are {}", known.join(", ")),
    }
}

fn object(account: &Account) -> Map<String, Json> {
    match json!(account) {
        Json::Object(keys) => keys,
        _ => Map::new(),
    }
}

fn plain(value: &Value) -> Json {
    json!(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_with_their_place_and_what_to_do() {
        let tea = "[[accounts]]\nname = \"tea\"\n";
        for (toml, place, what, remedy) in [
            ("accounts = 7".to_owned(), (1, 12), "expected a sequence", "every key"),
            ("[[acounts]]\n".to_owned(), (1, 3), "acounts", "accounts"),
            ("seed = 1\nx".to_owned(), (2, 2), "", "every key"),
            ("\n[[accounts]]\nkind = \"mini_program\"".to_owned(), (2, 1), "no name", "name ="),
            (format!("{tea}calback = \"x\"\n"), (3, 1), "no key \"calback\"", "write callback"),
            (format!("{tea}colour = \"x\"\n"), (3, 1), "no key \"colour\"", "encoding_aes_key"),
            (format!("{tea}kind = \"shop\"\n"), (3, 8), "kind: unknown variant", "README"),
            (format!("{tea}mode = \"plain\"\nformat = \"yaml\"\n"), (4, 10), "yaml", "README"),
            (format!("{tea}push = {{ delivery = 1 }}\n"), (3, 8), "delivery", "README"),
            (format!("{tea}push = {{ deliveries = 0 }}\n"), (3, 8), "push.deliveries must be", "1 to 20"),
            (format!("{tea}token = \"!\"\n"), (3, 9), "tea: token must be", "3 to 32"),
            (format!("{tea}encoding_aes_key = \"short\"\n"), (3, 20), "encoding_aes_key", "43 letters"),
            (format!("{tea}{tea}app_id = \"wx00000000000000cc\"\n"), (4, 8), "already", "another name"),
            (format!("{tea}menu = [{{ name = \"a\" }}]\n"), (3, 8), "40017", "menu/create"),
            (format!("{tea}authorized = [\"tea\"]\n"), (3, 14), "no third-party platform", "component"),
            (format!("{tea}qr_codes = [-1]\n"), (3, 12), "must be a scene", "README"),
            (format!("{tea}qr_codes = [\"\"]\n"), (3, 12), "1 to 64 characters", "README"),
            (format!("{tea}qr_codes = [0]\n"), (3, 12), "from 1 to", "README"),
            (format!("{tea}{tea}"), (4, 8), "is there already", "once"),
            (
                format!("{tea}app_id = \"wx00000000000000cc\"\n{tea}app_id = \"wx00000000000000cc\"\n"),
                (6, 10),
                "wx00000000000000cc is there already",
                "of its own",
            ),
            ("[[people]]\nname = \" \"\n".to_owned(), (2, 8), "no name", "name ="),
            (
                format!("{tea}[[people]]\nname = \"mei\"\nfollows = [{{ account = \"tae\" }}]\n"),
                (5, 12),
                "mei follows \"tae\"",
                "tea",
            ),
            (
                format!("{tea}[[people]]\nname = \"mei\"\nfollows = [\"tae\"]\n"),
                (5, 12),
                "mei follows \"tae\"",
                "tea",
            ),
            (
                "[[people]]\nname = \"mei\"\n[[people]]\nname = \"mei\"\n".to_owned(),
                (4, 8),
                "a mei already",
                "own",
            ),
            ("[[people]]\nfollows = []\n".to_owned(), (1, 1), "missing field `name`", "every key"),
            ("[[faults]]\non = \"x\"\ndo = \"hang\"\n".to_owned(), (1, 1), "\"push\"", "faults"),
            ("clock = \"noon\"\n".to_owned(), (1, 9), "clock", "2030"),
        ] {
            let error = scenario(&toml).unwrap_err();
            assert_eq!((error.line, error.column), place, "{toml}\n{error}");
            assert!(error.what.contains(what) && error.remedy.contains(remedy), "{toml}\n{error}");
        }
    }
}
