//! `/_mock/openapi.json`: the control API described, from the handlers and the types that they read and answer with.
//!
//! A verb of a person is one route and many paths here: each variant of [`Act`] is a path with its own body.

use axum::Json;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::{accounts, components, events, faults, journals, pay, people, state, time};
use crate::{acts::Act, world::account::Account};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "mock-wechat",
        description = "The control API: moves a WeChat that exists for tests and local development. Bodies are JSON whatever \
                       their content type says; an account is named by its name or AppID."
    ),
    paths(
        people::list,
        people::create_many,
        people::show,
        people::create,
        people::chat,
        people::perform,
        accounts::list,
        accounts::show,
        accounts::put,
        accounts::remove,
        accounts::kill_tokens,
        accounts::put_menu,
        accounts::verify,
        accounts::pay,
        pay::pending,
        components::show,
        components::ticket,
        components::authorize,
        components::unauthorize,
        events::list,
        events::push,
        events::raw,
        journals::calls,
        journals::deliveries,
        faults::list,
        faults::add,
        faults::seed,
        faults::clear,
        faults::remove,
        state::save,
        state::load,
        time::show,
        time::change,
        time::reset,
        time::health,
        document,
    ),
    components(schemas(Act, Account, ControlErrorBody))
)]
struct Document;

/// What is wrong, and what to do.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "written in mod.rs; this is its shape")]
struct ControlErrorBody {
    error: String,
}

/// This document.
#[utoipa::path(get, path = "/_mock/openapi.json", responses((status = 200, body = Object)))]
pub(super) async fn document() -> Json<Value> {
    Json(described())
}

/// The path of all verbs, in the place of which each has its own.
const VERBS: &str = "/_mock/people/{name}/{verb}";

fn described() -> Value {
    let mut document = json!(Document::openapi());
    spread_verbs(&mut document);
    // PUT merges: of an account's keys none has to be there.
    let mut changes = document["components"]["schemas"]["Account"].clone();
    if let Some(changes) = changes.as_object_mut() {
        changes.remove("required");
        changes.insert("description".into(), "Keys of an account that change; the others stay.".into());
    }
    document["components"]["schemas"]["AccountChanges"] = changes;
    let body = json!({"$ref": "#/components/schemas/AccountChanges"});
    document["paths"]["/_mock/accounts/{account}"]["put"]["requestBody"]["content"]["application/json"]["schema"] =
        body;
    open_what_is_extended(&mut document);
    for operation in operations(&mut document) {
        // The name of a handler is unique in its file; a verb's is its own.
        let (file, name) = (operation["tags"][0].as_str(), operation["operationId"].as_str());
        operation["operationId"] =
            json!(format!("{}_{}", file.unwrap_or_default(), name.unwrap_or_default()));
        operation["responses"]["4XX"] = json!({
            "description": "What is wrong, and what to do.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ControlErrorBody"}}},
        });
    }
    document
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut)
}

/// A path for every variant of [`Act`]: its arguments and the account.
fn spread_verbs(document: &mut Value) {
    let acts = document["components"]["schemas"]["Act"]["oneOf"].clone();
    let Some(general) = document["paths"].as_object_mut().and_then(|paths| paths.remove(VERBS)) else {
        return;
    };
    for act in acts.as_array().into_iter().flatten() {
        let Some((verb, arguments)) = act["properties"].as_object().and_then(|only| only.iter().next())
        else {
            continue;
        };
        let name = arguments["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let mut body = document["components"]["schemas"][name].clone();
        let account = json!({"type": "string", "description": "Name or AppID.", "examples": ["brand"]});
        if body["properties"].is_null() {
            body["properties"] = json!({});
        }
        body["properties"]["account"] = account;
        let required = body["required"].as_array().cloned().unwrap_or_default();
        body["required"] = required.into_iter().chain([json!("account")]).collect();
        let mut operation = general["post"].clone();
        operation["operationId"] = json!(verb);
        if let Some(summary) = body["description"].as_str() {
            operation["summary"] = json!(summary);
        }
        operation["requestBody"]["content"]["application/json"]["schema"] = body;
        document["paths"][VERBS.replace("{verb}", verb)] = json!({"post": operation});
    }
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.remove("Act");
    }
}

/// A schema that others add keys to cannot forbid them.
fn open_what_is_extended(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    let extended: Vec<String> = schemas
        .values()
        .filter_map(|schema| schema["allOf"].as_array())
        .flatten()
        .filter_map(|part| part["$ref"].as_str()?.rsplit('/').next().map(str::to_owned))
        .collect();
    for name in extended {
        if let Some(schema) = schemas.get_mut(&name).and_then(Value::as_object_mut) {
            schema.remove("additionalProperties");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_is_described_and_every_description_has_a_route() {
        let document = described();
        let described: BTreeSet<String> = document["paths"].as_object().unwrap().keys().cloned().collect();

        let verbs: BTreeSet<String> = json!(Document::openapi())["components"]["schemas"]["Act"]["oneOf"]
            .as_array()
            .unwrap()
            .iter()
            .map(|act| VERBS.replace("{verb}", act["required"][0].as_str().unwrap()))
            .collect();
        let routes = super::super::table().into_iter().map(|(path, _)| path.to_owned());
        let expected: BTreeSet<String> = routes.filter(|path| path != VERBS).chain(verbs).collect();
        assert_eq!(described, expected);
        assert!(described.contains("/_mock/people/{name}/pic_photo_or_album"));
    }
}
