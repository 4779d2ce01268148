//! The world as a file describes it, in the place of the local one: what exists at start and after a reset.
//!
//! ```toml
//! [[accounts]]            # the keys of PUT /_mock/accounts/{account}; what is left out is as for a new account
//! name = "brand"
//! kind = "official_account"
//! callback = "http://127.0.0.1:8080/wechat/brand"
//! menu = [{ name = "我的积分", type = "click", key = "POINTS" }]
//!
//! [[people]]
//! name = "lin"
//! language = "en"
//! follows = ["brand"]
//! ```

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{World, account::Account, account::AccountError, account::Kind, menus::Button, person::Follow};

/// A file, read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    #[serde(default)]
    accounts: Vec<Map<String, Value>>,
    #[serde(default)]
    people: Vec<Inhabitant>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inhabitant {
    name: String,
    language: Option<String>,
    #[serde(default)]
    follows: Vec<String>,
}

/// Why a scenario cannot be.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file is no TOML, or has keys that mean nothing.
    #[error("the scenario does not parse: {0}")]
    Syntax(#[from] toml::de::Error),
    /// An account's keys do not fit.
    #[error("account {account}: {source}")]
    Keys {
        /// Its name.
        account: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// An account cannot be.
    #[error("account {account}: {source}")]
    Account {
        /// Its name.
        account: String,
        /// What is wrong.
        source: AccountError,
    },
    /// An account without a name, or a follower of nobody.
    #[error("{0}")]
    Reference(String),
}

impl Scenario {
    /// Reads a file's text and checks that the world can be.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn parse(toml: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(toml)?;
        scenario.world(0)?;
        Ok(scenario)
    }

    /// The world at that time (Unix seconds).
    pub(crate) fn world(&self, now: i64) -> Result<World, ScenarioError> {
        let mut world = World::empty();
        for keys in &self.accounts {
            account(&mut world, keys.clone())?;
        }
        for inhabitant in &self.people {
            let person = world.person(&inhabitant.name);
            if let Some(language) = &inhabitant.language {
                world.set_language(person, language);
            }
            for followed in &inhabitant.follows {
                let account = world.account(followed).filter(|a| a.account.kind == Kind::OfficialAccount);
                let app_id = account.map(|a| a.account.app_id.clone()).ok_or_else(|| {
                    ScenarioError::Reference(format!(
                        "{} follows {followed:?}, which is no Official Account of the scenario",
                        inhabitant.name
                    ))
                })?;
                let follow = Follow { since: now, subscribe_scene: "ADD_SCENE_SEARCH", ..Follow::default() };
                world.follow(person, &app_id, follow);
            }
        }
        Ok(world)
    }
}

fn account(world: &mut World, mut keys: Map<String, Value>) -> Result<(), ScenarioError> {
    let name = keys.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(ScenarioError::Reference("an account has no name".into()));
    }
    let wrong = |source| ScenarioError::Keys { account: name.clone(), source };
    let menu = keys.remove("menu").map(serde_json::from_value::<Vec<Button>>).transpose().map_err(wrong)?;
    let kind = keys.get("kind").cloned().unwrap_or_else(|| "official_account".into());
    let kind: Kind = serde_json::from_value(kind).map_err(wrong)?;
    let usual = match keys.get("app_id").and_then(Value::as_str) {
        Some(app_id) => Account::with_app_id(app_id, &name, kind),
        None => Account::named(&name, kind),
    };
    let Value::Object(mut merged) = serde_json::to_value(&usual).map_err(wrong)? else { return Ok(()) };
    merged.extend(keys);
    let account: Account = serde_json::from_value(Value::Object(merged)).map_err(wrong)?;
    let app_id = account.app_id.clone();
    world.put_account(account).map_err(|source| ScenarioError::Account { account: name.clone(), source })?;
    if let Some(buttons) = menu {
        world.menus.set(&app_id, buttons);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonKey;

    #[test]
    fn a_file_describes_accounts_with_menus_and_people_who_follow() {
        let scenario = Scenario::parse(
            r#"
            [[accounts]]
            name = "tea"
            app_id = "wx00000000000000cc"
            mode = "plain"
            menu = [{ name = "积分", type = "click", key = "POINTS" }]
            [[accounts]]
            name = "tea-shop"
            kind = "mini_program"
            [[people]]
            name = "mei"
            language = "en"
            follows = ["tea"]
            "#,
        )
        .unwrap();

        let world = scenario.world(1_760_000_000).unwrap();

        assert_eq!(world.accounts().count(), 2);
        assert!(world.account("brand").is_none(), "it stands in the place of the local world");
        let mei = PersonKey::of("mei");
        assert!(world.find_person(mei).unwrap().follows("wx00000000000000cc"));
        assert_eq!(world.menu_for(mei, "wx00000000000000cc").unwrap().buttons[0].key, "POINTS");
    }

    #[test]
    fn mistakes_are_named() {
        for (toml, needle) in [
            ("accounts = 7", "does not parse"),
            ("[[acounts]]", "acounts"),
            ("[[accounts]]\nkind = \"mini_program\"", "no name"),
            ("[[accounts]]\nname = \"tea\"\ncalback = \"x\"", "tea: unknown field `calback`"),
            ("[[accounts]]\nname = \"tea\"\ntoken = \"!\"", "tea: token must be"),
            ("[[people]]\nname = \"mei\"\nfollows = [\"tea\"]", "mei follows \"tea\""),
        ] {
            let error = Scenario::parse(toml).unwrap_err().to_string();
            assert!(error.contains(needle), "{error}");
        }
    }
}
