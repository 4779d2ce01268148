//! What a file may hold.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::{faults::Fault, world::scenes::Scene};

/// An account's keys and values, each with its place.
pub(super) type Table = BTreeMap<Spanned<String>, Spanned<Value>>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) seed: Option<u64>,
    pub(super) clock: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) accounts: Vec<Spanned<Table>>,
    #[serde(default)]
    pub(super) people: Vec<Person>,
    #[serde(default)]
    pub(super) faults: Vec<Spanned<Fault>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) name: Spanned<String>,
    pub(super) language: Option<String>,
    #[serde(default)]
    pub(super) follows: Vec<Spanned<Follows>>,
}

/// `"brand"`, or `{ account = "brand", scene = "store-12" }`.
#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "must be an account's name, or { account = \"...\", scene = \"...\" } with a scene of 1 to 64 characters"
)]
pub(super) enum Follows {
    Account(String),
    By(FollowsBy),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FollowsBy {
    pub(super) account: String,
    pub(super) scene: Option<MadeScene>,
}

/// A scene for which a QR code can be made.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "SceneValue")]
pub(super) struct MadeScene(pub(super) Scene);

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
