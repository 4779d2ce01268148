//! The description of the control API, against what the control API does.

use std::collections::BTreeSet;

use mock_wechat::MockWechat;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Http, json_of},
    receiver::Receiver,
};

const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH];

async fn described() -> (MockWechat, Http, Value) {
    let wechat = MockWechat::start().await;
    let http = Http::to(&wechat);
    let document = http.get("/_mock/openapi.json").await;
    (wechat, http, document)
}

/// Every path with every method that it is described with.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn schema_of<'a>(document: &'a Value, operation: &'a Value, what: &str) -> Option<&'a Value> {
    let content = match what {
        "request" => &operation["requestBody"]["content"],
        status => &operation["responses"][status]["content"],
    };
    content["application/json"].get("schema").map(|schema| resolved(document, schema))
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(path) => {
            let found = document.pointer(path.trim_start_matches('#'));
            resolved(document, found.unwrap_or_else(|| panic!("{path} leads nowhere")))
        }
        None => schema,
    }
}

/// What of a value does not fit a schema.
fn misfits(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    if let Some(parts) = schema["allOf"].as_array() {
        // Together they have to know every key.
        let mut known = BTreeSet::new();
        let mut wrong: Vec<String> = Vec::new();
        for part in parts {
            let part = resolved(document, part);
            known.extend(part["properties"].as_object().into_iter().flatten().map(|(key, _)| key.clone()));
            wrong.extend(object_misfits(document, part, value, at, false));
        }
        let open = parts.iter().any(|part| is_open(resolved(document, part)));
        let keys = value.as_object().into_iter().flatten().map(|(key, _)| key);
        wrong.extend(
            keys.filter(|key| !open && !known.contains(*key))
                .map(|key| format!("{at}.{key} is not described")),
        );
        return wrong;
    }
    if let Some(one) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let all: Vec<_> = one.iter().map(|schema| misfits(document, schema, value, at)).collect();
        let fits = all.iter().any(Vec::is_empty);
        return if fits { Vec::new() } else { vec![format!("{at} fits none of {all:?}")] };
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return Vec::new(),
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    // Every integer is a number too.
    let fits = kinds.contains(&is) || is == "integer" && kinds.contains(&"number");
    if !fits {
        return vec![format!("{at} is {value}, described as {kinds:?}")];
    }
    match value {
        Value::String(text) if schema["enum"].is_array() => {
            let known = schema["enum"].as_array().unwrap().contains(value);
            if known {
                Vec::new()
            } else {
                vec![format!("{at} is {text:?}, described as {}", schema["enum"])]
            }
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(n, item)| misfits(document, &schema["items"], item, &format!("{at}[{n}]")))
            .collect(),
        Value::Object(_) => object_misfits(document, schema, value, at, true),
        _ => Vec::new(),
    }
}

fn is_open(schema: &Value) -> bool {
    !matches!(schema["additionalProperties"], Value::Null | Value::Bool(false))
        || schema.get("properties").is_none()
}

fn object_misfits(document: &Value, schema: &Value, value: &Value, at: &str, closed: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(key).is_none() {
            wrong.push(format!("{at}.{key} is missing"));
        }
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(key) {
            Some(schema) => wrong.extend(misfits(document, schema, value, &format!("{at}.{key}"))),
            None if closed && !is_open(schema) => wrong.push(format!("{at}.{key} is not described")),
            None => {}
        }
    }
    wrong
}

#[tokio::test]
async fn every_described_operation_has_a_handler_and_every_handler_is_described() {
    let (_wechat, http, document) = described().await;
    assert_eq!(document["openapi"].as_str().unwrap().split('.').next(), Some("3"));
    for path in document["paths"].as_object().unwrap().keys() {
        let filled = path.replace("{name}", "nobody").replace("{account}", "nobody");
        let filled = filled.replace("{component}", "nobody").replace("{id}", "999");
        for method in METHODS {
            let described = document["paths"][path].get(method.as_str().to_lowercase()).is_some();
            let answer = http.request(method.clone(), &filled).body("{}").send().await.unwrap();
            let handled = answer.status() != 405;
            assert_eq!(handled, described, "{method} {path}: {}", answer.status());
            if described && answer.status() == 404 {
                let why = json_of(answer).await;
                assert!(!why["error"].as_str().unwrap().contains("openapi.json"), "{method} {path}: {why}");
            }
        }
    }
}

#[tokio::test]
async fn every_verb_takes_what_is_described_and_nothing_else() {
    let (wechat, http, document) = described().await;
    wechat.official_account("brand").without_callback().await;
    let verbs = operations(&document)
        .filter(|(path, method, _)| path.starts_with("/_mock/people/{name}/") && *method == "post");
    let mut count = 0;
    for (path, _, operation) in verbs {
        let path = path.replace("{name}", "lin");
        let body = schema_of(&document, operation, "request").unwrap();
        let required: Vec<&str> =
            body["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(required.contains(&"account"), "{path}: {body}");

        let bare = http.post(&path, json!({"account": "brand"})).await;
        let unknown = http.post(&path, json!({"account": "brand", "dance": true})).await;

        let missing = bare["error"].as_str().is_some_and(|error| error.contains("missing field"));
        assert_eq!(missing, required.len() > 1, "{path}: {required:?}, {bare}");
        let error = unknown["error"].as_str().unwrap_or_default();
        assert!(error.contains("dance"), "{path}: {unknown}");
        for key in body["properties"].as_object().unwrap().keys().filter(|key| *key != "account") {
            assert!(error.contains(&format!("`{key}`")), "{path} does not know {key}: {error}");
        }
        count += 1;
    }
    assert!(count >= 29, "{count} verbs");
}

#[tokio::test]
async fn answers_are_as_described() {
    let (wechat, http, document) = described().await;
    let receiver = Receiver::answering("success").await;
    let brand = wechat.official_account("brand").callback(&receiver.url).await;
    let shop = wechat.mini_program("shop").without_callback().await;
    let js_code = wechat.person("lin").logs_in(&shop).await;
    let session = format!(
        "/sns/jscode2session?appid={}&secret={}&js_code={js_code}&grant_type=authorization_code",
        shop.app_id(),
        shop.secret()
    );
    http.get(&session).await;
    let club =
        wechat.official_account("club").callback(&receiver.url).pay_notify_url("http://127.0.0.1:1/").await;
    wechat.person("lin").follows(&club).await;
    http.stable_token(&brand).await;
    http.get("/cgi-bin/never_heard_of?access_token=x").await;
    let component = json!({"kind": "component", "name": "platform"});
    let put = |path: &'static str, body: Value| (Method::PUT, path, path, body);
    let post =
        |path: &'static str, described: &'static str, body: Value| (Method::POST, path, described, body);
    let get = |path: &'static str, described: &'static str| (Method::GET, path, described, json!({}));
    let follow = json!({"account": "brand", "scene": "store-12"});
    let requests = [
        post("/_mock/people/lin", "/_mock/people/{name}", json!({"language": "en"})),
        post("/_mock/people/lin/follow", "/_mock/people/{name}/follow", follow),
        post(
            "/_mock/people/lin/text",
            "/_mock/people/{name}/text",
            json!({"account": "brand", "content": "?"}),
        ),
        post("/_mock/people/lin/login", "/_mock/people/{name}/login", json!({"account": "shop"})),
        post("/_mock/people/lin/phone", "/_mock/people/{name}/phone", json!({"account": "shop"})),
        post("/_mock/people/lin/user_data", "/_mock/people/{name}/user_data", json!({"account": "shop"})),
        post(
            "/_mock/people/lin/pay",
            "/_mock/people/{name}/pay",
            json!({"account": "brand", "fen": 1, "out_trade_no": "o"}),
        ),
        post("/_mock/people/lin/pay", "/_mock/people/{name}/pay", json!({"account": "club", "fen": 1})),
        post(
            "/_mock/people/lin/refund",
            "/_mock/people/{name}/refund",
            json!({"account": "brand", "out_trade_no": "o"}),
        ),
        post("/_mock/people/lin/enter", "/_mock/people/{name}/enter", json!({"account": "brand"})),
        post(
            "/_mock/people/lin/pic_weixin",
            "/_mock/people/{name}/pic_weixin",
            json!({"account": "club", "key": "K", "pictures": [{}]}),
        ),
        post("/_mock/people/lin/unfollow", "/_mock/people/{name}/unfollow", json!({"account": "brand"})),
        post("/_mock/people", "/_mock/people", json!({"count": 2, "follow": ["brand"]})),
        get("/_mock/people", "/_mock/people"),
        get("/_mock/people/lin", "/_mock/people/{name}"),
        get("/_mock/people/lin/chat?account=brand", "/_mock/people/{name}/chat"),
        get("/_mock/accounts", "/_mock/accounts"),
        get("/_mock/accounts/brand", "/_mock/accounts/{account}"),
        (
            Method::PUT,
            "/_mock/accounts/brand",
            "/_mock/accounts/{account}",
            json!({"callback": receiver.url}),
        ),
        (Method::PUT, "/_mock/accounts/wx00000000000000cc", "/_mock/accounts/{account}", component),
        (
            Method::PUT,
            "/_mock/accounts/brand/menu",
            "/_mock/accounts/{account}/menu",
            json!({"button": [{"name": "a", "type": "click", "key": "K"}]}),
        ),
        post("/_mock/accounts/brand/verify", "/_mock/accounts/{account}/verify", json!({})),
        post("/_mock/accounts/brand/tokens", "/_mock/accounts/{account}/tokens", json!({"do": "expire"})),
        post("/_mock/components/platform/ticket", "/_mock/components/{component}/ticket", json!({})),
        post(
            "/_mock/components/platform/authorize",
            "/_mock/components/{component}/authorize",
            json!({"account": "brand"}),
        ),
        get("/_mock/components/platform", "/_mock/components/{component}"),
        post(
            "/_mock/components/platform/unauthorize",
            "/_mock/components/{component}/unauthorize",
            json!({"account": "brand"}),
        ),
        get("/_mock/pay", "/_mock/pay"),
        get("/_mock/pay/pending", "/_mock/pay/pending"),
        post("/_mock/events/raw", "/_mock/events/raw", json!({"account": "brand", "body": "<xml/>"})),
        post(
            "/_mock/faults",
            "/_mock/faults",
            json!({"on": "push", "do": "delay", "value": "1ms", "probability": 0.5}),
        ),
        put("/_mock/faults", json!({"seed": 4})),
        get("/_mock/faults", "/_mock/faults"),
        get("/_mock/calls", "/_mock/calls"),
        get("/_mock/deliveries", "/_mock/deliveries"),
        post("/_mock/clock", "/_mock/clock", json!({"advance": "2h"})),
        get("/_mock/clock", "/_mock/clock"),
        get("/_mock/health", "/_mock/health"),
        get("/_mock/state", "/_mock/state"),
        get("/_mock/openapi.json", "/_mock/openapi.json"),
        post("/_mock/reset", "/_mock/reset", json!({})),
    ];
    for (method, path, described, body) in requests {
        let operation = &document["paths"][described][method.as_str().to_lowercase()];
        if let Some(schema) = schema_of(&document, operation, "request") {
            assert_eq!(misfits(&document, schema, &body, "request"), [""; 0], "{method} {path}");
        }

        let request = http.request(method.clone(), path).body(body.to_string());
        let answer = request.send().await.unwrap();

        assert_eq!(answer.status(), 200, "{method} {path}");
        let answer = json_of(answer).await;
        let schema = schema_of(&document, operation, "200").unwrap();
        assert_eq!(misfits(&document, schema, &answer, "answer"), [""; 0], "{method} {path}: {answer}");
    }
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own() {
    let (_wechat, _http, document) = described().await;
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name), "{method} {path} is the second {name}");
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path}");
    }
    assert!(names.contains("people_follow") && names.contains("accounts_put"), "{names:?}");
}

#[tokio::test]
async fn errors_are_as_described() {
    let (_wechat, http, document) = described().await;
    for (path, method, operation) in operations(&document) {
        let schema = schema_of(&document, operation, "4XX");
        let schema = schema.unwrap_or_else(|| panic!("{method} {path} describes no error"));
        let error = http.post("/_mock/people/lin/follow", json!({})).await;
        assert_eq!(misfits(&document, schema, &error, "error"), [""; 0]);
    }
}
