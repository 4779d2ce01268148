//! People: created on first use of a name; every verb is one of [`Act`].

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
    http::{Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ControlError, body, object, query};
use crate::{
    acts::{Act, Done},
    fitting::fitted,
    ids::{self, PersonKey},
    platform::Platform,
    world::{World, account::Kind, chat::Message, person::Follow, windows::Window},
};

/// Most people that one request creates.
const MOST_AT_ONCE: usize = 1_000_000;

/// A person with the ids by which accounts know them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Person)]
pub(super) struct Shown {
    name: String,
    /// What their WeChat is set to: `zh_CN`, `en`, ...
    language: String,
    /// By open-platform account.
    union_id: BTreeMap<String, String>,
    /// By AppID.
    open_ids: BTreeMap<String, String>,
    /// Names of the accounts that they follow.
    follows: Vec<String>,
}

/// What there is to say about a person.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AboutPerson)]
struct About {
    /// What their WeChat is set to: `zh_CN`, `en`, ...
    language: Option<String>,
}

/// Creates a person, or shows the one that there is.
#[utoipa::path(post, path = "/_mock/people/{name}", params(("name" = String, Path)), request_body = Option<About>, responses((status = 200, body = Shown)))]
pub(super) async fn create(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Result<Json<Shown>, ControlError> {
    let about: About = body(&bytes)?;
    check_name(&name)?;
    let mut world = platform.world_mut();
    let person = world.person(&name);
    if let Some(language) = about.language {
        world.set_language(person, &language);
    }
    Ok(Json(Shown::of(&world, &name, person)))
}

/// Shows a person who exists.
#[utoipa::path(get, path = "/_mock/people/{name}", params(("name" = String, Path)), responses((status = 200, body = Shown)))]
pub(super) async fn show(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
) -> Result<Json<Shown>, ControlError> {
    let world = platform.world();
    let person = PersonKey::of(&name);
    world.find_person(person).ok_or_else(|| {
        ControlError::not_found(format!("there is no {name:?} yet; POST to the same path creates them"))
    })?;
    Ok(Json(Shown::of(&world, &name, person)))
}

/// Everybody's names.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = People)]
pub(super) struct Names {
    /// Sorted.
    people: Vec<String>,
}

/// Everybody's names, sorted.
#[utoipa::path(get, path = "/_mock/people", responses((status = 200, body = Names)))]
pub(super) async fn list(State(platform): State<Arc<Platform>>) -> Json<Names> {
    let world = platform.world();
    let mut people: Vec<String> = world.people().map(|person| person.name.clone()).collect();
    people.sort_unstable();
    Json(Names { people })
}

/// How many people.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ManyPeople)]
struct Many {
    count: usize,
    /// They are named `{prefix}-{n}`.
    #[serde(default = "Many::usual_prefix")]
    prefix: String,
    /// The number of the first one.
    #[serde(default)]
    start: usize,
    /// Accounts that they follow; nothing is pushed.
    #[serde(default)]
    follow: Vec<String>,
}

impl Many {
    fn usual_prefix() -> String {
        "person".into()
    }
}

/// Those who were created.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the answer is written as it goes; this is its shape")]
struct PeopleCreated {
    people: Vec<Shown>,
}

/// Creates many people for load tests, without any push.
#[utoipa::path(post, path = "/_mock/people", request_body = Many, responses((status = 200, body = PeopleCreated)))]
pub(super) async fn create_many(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Response, ControlError> {
    let many: Many = body(&bytes)?;
    if many.count > MOST_AT_ONCE {
        return Err(ControlError::bad(format!("count is {}; at most {MOST_AT_ONCE} at once", many.count)));
    }
    let now = platform.clock.seconds();
    let mut world = platform.world_mut();
    let mut app_ids = Vec::new();
    for account in &many.follow {
        let registered = world.account(account).ok_or_else(|| ControlError::no_account(account))?;
        if registered.account.kind != Kind::OfficialAccount {
            return Err(ControlError::bad(format!("{account} is a mini-program and has no followers")));
        }
        app_ids.push(registered.account.app_id.clone());
    }
    // Written as it goes: a hundred thousand people in memory twice would be felt.
    let mut answer = Vec::from(br#"{"people":["#);
    for n in many.start..many.start.saturating_add(many.count) {
        let name = format!("{}-{n}", many.prefix);
        let person = world.person(&name);
        for app_id in &app_ids {
            let follow =
                Follow { since: now, subscribe_scene: "ADD_SCENE_SEARCH".into(), ..Follow::default() };
            world.follow(person, app_id, follow);
        }
        if n > many.start {
            answer.push(b',');
        }
        serde_json::to_writer(&mut answer, &Shown::of(&world, &name, person)).map_err(ControlError::bad)?;
    }
    answer.extend_from_slice(b"]}");
    Ok(([(header::CONTENT_TYPE, "application/json")], answer).into_response())
}

/// Lets a person, created on first use of the name, do something; answers when all that it pushes is delivered and judged.
#[utoipa::path(post, path = "/_mock/people/{name}/{verb}", params(("name" = String, Path)), request_body = Act, responses((status = 200, body = Done)))]
pub(super) async fn perform(
    State(platform): State<Arc<Platform>>,
    Path((name, verb)): Path<(String, String)>,
    bytes: Bytes,
) -> Result<Json<Done>, ControlError> {
    let mut arguments = object(&bytes)?;
    check_name(&name)?;
    let account = match arguments.remove("account") {
        Some(Value::String(account)) => account,
        _ => return Err(ControlError::bad("account is missing: {\"account\": \"brand\"}")),
    };
    let act: Act = fitted(json!({verb: arguments})).map_err(ControlError::bad)?;
    // A client that goes away does not stop what the person did.
    let task = tokio::spawn({
        let account = account.clone();
        async move { platform.perform(&name, &account, &act).await }
    });
    let mut done = task.await.map_err(|error| ControlError::bad(format!("it broke off: {error}")))??;
    if done.unsent {
        let note = format!(
            "nothing was pushed: {account} has no callback; PUT /_mock/accounts/{account} {{\"callback\": \"http://...\"}} sets one"
        );
        done.more.entry("note").or_insert_with(|| note.into());
    }
    Ok(Json(done))
}

fn check_name(name: &str) -> Result<(), ControlError> {
    if name.trim().is_empty() {
        return Err(ControlError::bad("a person has a name, and this one is blank"));
    }
    Ok(())
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
struct ChatQuery {
    /// Name or AppID.
    account: String,
}

/// What a person sees in a chat.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Chat)]
pub(super) struct ChatShown {
    /// Oldest first.
    messages: Vec<Message>,
    /// Windows that are open for customer-service messages.
    windows: Vec<Window>,
}

/// What a person sees in the chat with an account, and which message windows are open.
#[utoipa::path(get, path = "/_mock/people/{name}/chat", params(("name" = String, Path), ChatQuery), responses((status = 200, body = ChatShown)))]
pub(super) async fn chat(
    State(platform): State<Arc<Platform>>,
    Path(name): Path<String>,
    uri: Uri,
) -> Result<Json<ChatShown>, ControlError> {
    let ChatQuery { account } = query(&uri)?;
    let world = platform.world();
    let registered = world.account(&account).ok_or_else(|| ControlError::no_account(&account))?;
    let person = world.find_person(PersonKey::of(&name));
    let relation = person.and_then(|person| person.relation(&registered.account.app_id));
    let now = platform.clock.seconds();
    Ok(Json(ChatShown {
        messages: relation.map(|r| r.chat.messages().cloned().collect()).unwrap_or_default(),
        windows: relation.map(|r| r.windows.open_at(now).cloned().collect()).unwrap_or_default(),
    }))
}

impl Shown {
    fn of(world: &World, name: &str, person: PersonKey) -> Self {
        let mut shown = Self {
            name: name.to_owned(),
            language: world.find_person(person).map(|p| p.language.to_string()).unwrap_or_default(),
            union_id: BTreeMap::new(),
            open_ids: BTreeMap::new(),
            follows: Vec::new(),
        };
        for registered in world.accounts().filter(|one| one.account.kind != Kind::Component) {
            let account = &registered.account;
            shown.open_ids.insert(account.app_id.clone(), registered.open_ids.seal(person));
            if let Some(platform) = &account.open_platform {
                shown.union_id.insert(platform.clone(), ids::union_id(platform, person));
            }
            if world.find_person(person).is_some_and(|p| p.follows(&account.app_id)) {
                shown.follows.push(account.name.clone());
            }
        }
        shown
    }
}
