//! A world as a file describes it: what exists at start and after a reset, in the place of the local world.
//!
//! | file | holds |
//! |---|---|
//! | `shape.rs` | what a file may hold |
//! | `read.rs` | a file from its first key to its last, so that a mistake is told with its place |
//! | `account.rs` | an account's keys, checked one by one |
//! | `locate.rs` | the error: line, column, what is wrong and what to do |
//!
//! `examples/scenario.toml` shows every key. To add one: a field in `shape.rs`, checked in `read.rs`, kept in a
//! [`Scenario`], and put into the world by [`Scenario::world`].

mod account;
mod locate;
mod read;
mod shape;

use jiff::Timestamp;

pub use self::locate::ScenarioError;
use crate::{
    faults::Fault,
    world::{World, account::Account, components::functions, menus::Button, person::Follow, scenes::Scene},
};

/// When permanent QR codes were made: their tickets hold a time, which must be the same in every run.
const CODES_MADE: i64 = 1_760_000_000;

/// What a WeChat starts with, and goes back to when it is reset.
#[derive(Debug, Clone, Default)]
pub struct Beginning {
    /// The world in the place of the local one.
    pub scenario: Option<Scenario>,
    /// What faults by probability are drawn from; else the scenario's seed, or 1.
    pub seed: Option<u64>,
}

/// A file, read and checked: the world that it describes can be.
#[derive(Debug, Clone)]
pub struct Scenario {
    seed: Option<u64>,
    clock: Option<Timestamp>,
    accounts: Vec<Furnished>,
    people: Vec<Inhabitant>,
    faults: Vec<Fault>,
}

/// An account and what it has.
#[derive(Debug, Clone)]
struct Furnished {
    account: Account,
    menu: Option<Vec<Button>>,
    qr_codes: Vec<Scene>,
    templates: Vec<shape::Template>,
    tags: Vec<String>,
    /// AppIDs of the third-party platforms that act for it, with all permissions.
    authorized: Vec<String>,
}

#[derive(Debug, Clone)]
struct Inhabitant {
    name: String,
    language: Option<String>,
    follows: Vec<Following>,
}

#[derive(Debug, Clone)]
struct Following {
    app_id: String,
    /// Of the QR code they came by.
    scene: Option<Scene>,
}

impl Scenario {
    /// Reads a file's text and checks that the world can be.
    ///
    /// # Errors
    /// What is wrong, where, and what to do.
    pub fn parse(toml: &str) -> Result<Self, ScenarioError> {
        read::scenario(toml)
    }

    /// What faults by probability are drawn from.
    pub(crate) fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// What time it is at start and after a reset; real time where the file says nothing.
    pub(crate) fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// Faults in place at start and after a reset.
    pub(crate) fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The world at that time (Unix seconds).
    pub(crate) fn world(&self, now: i64) -> World {
        let mut world = World::empty();
        for Furnished { account, menu, qr_codes, templates, tags, authorized } in &self.accounts {
            let app_id = &account.app_id;
            world.put_checked(account.clone());
            if let Some(buttons) = menu {
                world.menus.set(app_id, buttons.clone());
            }
            for scene in qr_codes {
                world.scenes.create(app_id, scene.clone(), None, CODES_MADE);
            }
            for template in templates {
                world.templates.add(app_id, &template.title, &template.content, template.subscription);
            }
            for tag in tags {
                world.tags.add(app_id, tag);
            }
            for component in authorized {
                let all: Vec<u32> = functions(account.kind).iter().map(|(id, _)| *id).collect();
                world.components.authorize(component, app_id, &all, now);
            }
        }
        for inhabitant in &self.people {
            let person = world.person(&inhabitant.name);
            if let Some(language) = &inhabitant.language {
                world.set_language(person, language);
            }
            for Following { app_id, scene } in &inhabitant.follows {
                let subscribe_scene = if scene.is_some() { "ADD_SCENE_QR_CODE" } else { "ADD_SCENE_SEARCH" };
                let scene = scene.clone();
                let follow = Follow { since: now, subscribe_scene: subscribe_scene.into(), scene, order: 0 };
                world.follow(person, app_id, follow);
            }
        }
        world
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonKey;

    const NOW: i64 = 1_760_000_000;

    #[test]
    fn the_example_shows_every_key_and_can_be() {
        let scenario = Scenario::parse(include_str!("../../examples/scenario.toml")).unwrap();

        let world = scenario.world(NOW);

        assert_eq!((scenario.seed(), scenario.faults().len()), (Some(7), 1));
        assert_eq!(scenario.clock().unwrap().as_second(), 1_893_553_200);
        let brand = world.account("brand").unwrap();
        assert_eq!(brand.account.callback.as_deref(), Some("http://127.0.0.1:8080/wechat/brand"));
        let (lin, mei) = (PersonKey::of("lin"), PersonKey::of("mei"));
        let app_id = &brand.account.app_id;
        assert_eq!(world.menu_for(lin, app_id).unwrap().leaves().count(), 4);
        assert!(world.find_person(lin).unwrap().follows(app_id));
        let came_by = world.find_person(mei).unwrap().relation(app_id).unwrap().follow.as_ref().unwrap();
        assert_eq!(came_by.scene, Some(Scene::Text("store-12".into())));
        assert!(world.scenes.latest(app_id, "7").is_some() && world.tags.exists(app_id, 100));
        assert_eq!(world.templates.of(app_id, true).count(), 1);
        let agency = world.account("agency").unwrap();
        assert!(world.components.authorization(&agency.account.app_id, app_id).is_some());
    }

    #[test]
    fn the_same_file_gives_the_same_ids_every_time() {
        let text = include_str!("../../examples/scenario.toml");
        let ids = || {
            let world = Scenario::parse(text).unwrap().world(NOW);
            let brand = world.account("brand").unwrap();
            let lin = PersonKey::of("lin");
            let code = world.scenes.latest(&brand.account.app_id, "store-12").unwrap();
            [
                brand.account.app_id.clone(),
                brand.account.secret.clone(),
                brand.open_ids.seal(lin),
                brand.union_id(lin).unwrap(),
                code.ticket.clone(),
                world.templates.of(&brand.account.app_id, true).next().unwrap().template_id.clone(),
            ]
        };

        assert_eq!(ids(), ids());
    }

    #[test]
    fn it_stands_in_the_place_of_the_local_world() {
        let world = Scenario::parse("[[accounts]]\nname = \"tea\"\n").unwrap().world(NOW);

        assert!(world.account("brand").is_none());
        assert_eq!(world.accounts().count(), 1);
    }
}
