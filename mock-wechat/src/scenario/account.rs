//! An account's table, key by key: what it is, and what it has.

use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json, json};
use toml::{Spanned, Value};

use super::{
    Furnished, ScenarioError,
    locate::Text,
    shape::{MadeScene, Table},
};
use crate::{
    api::menu_shape,
    world::{
        World,
        account::{Account, AccountError, Kind},
        menus::Button,
    },
};

/// Keys of an account that are not its configuration but what it has.
const FURNITURE: [&str; 5] = ["menu", "qr_codes", "templates", "tags", "authorized"];

/// An account's table as it is read.
pub(super) struct Reading<'a> {
    pub(super) text: Text<'a>,
    pub(super) table: &'a Spanned<Table>,
}

impl Reading<'_> {
    /// Its configuration, key by key over what an account of that name has anyway.
    pub(super) fn account(&self, world: &mut World) -> Result<Furnished, ScenarioError> {
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
    pub(super) fn furnish(&self, furnished: &mut Furnished, world: &World) -> Result<(), ScenarioError> {
        let name = furnished.account.name.clone();
        if let Some(value) = self.value("menu") {
            let menu = Map::from_iter([("button".to_owned(), plain(value.get_ref()))]);
            let shaped: Vec<Button> = self.fits(&name, "menu", plain(value.get_ref()), value.span())?;
            menu_shape::buttons(world, &menu).map_err(|error| {
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
