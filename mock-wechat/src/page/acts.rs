//! Forms of the phone: what a person does.

use std::sync::Arc;

use axum::extract::{Path, State};
use serde_json::{Map, Value, json};

use super::{
    browser,
    form::{Back, Posted},
    given::FIRST_PERSON,
    phone,
    view::{Sheet, View},
    words::Words,
};
use crate::{
    acts::{Act, Done},
    fitting::fitted,
    platform::Platform,
};

/// `POST /_mock/page/people`: a new person, and their phone.
pub(super) async fn create_person(
    State(platform): State<Arc<Platform>>,
    headers: axum::http::HeaderMap,
    posted: Posted,
) -> Back {
    let name = posted.field("name").trim().to_owned();
    if name.is_empty() {
        return posted.tell(Err(browser::language(&headers).words().bad_name.to_owned()));
    }
    platform.world_mut().person(&name);
    posted.back().change(|view| {
        *view = View { person: name, part: view.part, scope: view.scope, ..View::default() };
    })
}

/// `POST /_mock/page/act/{verb}`: one of the control API's verbs, or `attend`, `consent` and `visit`, which are of the phone only.
pub(super) async fn perform(
    State(platform): State<Arc<Platform>>,
    Path(verb): Path<String>,
    headers: axum::http::HeaderMap,
    posted: Posted,
) -> Back {
    let words = browser::language(&headers).words();
    if verb == "visit" {
        let page = posted.field("page").trim_start_matches('/').to_owned();
        return posted.back().change(|view| view.page = page);
    }
    let (person, account) = (posted.field("person").to_owned(), posted.field("account").to_owned());
    let act = match act(&verb, &posted, words) {
        Ok(act) => act,
        Err(reason) => return posted.tell(Err(reason)),
    };
    // A browser that goes away does not stop what the person did.
    let task = tokio::spawn({
        let (platform, account) = (platform.clone(), account.clone());
        let person = if person.is_empty() { FIRST_PERSON.to_owned() } else { person };
        async move { platform.perform(&person, &account, &act).await }
    });
    match task.await {
        Err(_) => posted.tell(Err(words.broke_off.to_owned())),
        Ok(Err(impossible)) => posted.tell(Err(impossible.to_string())),
        Ok(Ok(done)) => {
            let name = platform.world().account(&account).map(|known| known.account.name.clone());
            let silent = platform.world().account(&account).is_some_and(|a| a.account.callback.is_none());
            let news = news(&verb, &done, silent, words);
            let (opened, url) = (opened(&platform, &posted), posted.field("url").to_owned());
            let back = posted.tell_if(news);
            back.change(|view| {
                after(view, &verb, name, &done, opened);
                if view.sheet == Some(Sheet::Page) {
                    let asks = phone::is_authorization(&url);
                    view.sheet = Some(if asks { Sheet::Authorize } else { Sheet::Page });
                    view.page = url;
                }
            })
        }
    }
}

/// A form's fields as the verb's arguments.
fn act(verb: &str, posted: &Posted, words: &Words) -> Result<Act, String> {
    let mut arguments: Map<String, Value> = posted
        .fields()
        .filter(|(name, _)| !["person", "account", "open"].contains(name))
        .map(|(name, value)| (name.to_owned(), argument(name, value)))
        .collect();
    if verb == "consent" {
        return consent(posted);
    }
    if let Some(yuan) = arguments.remove("yuan") {
        let fen = yuan.as_str().and_then(fen).ok_or(words.bad_amount)?;
        arguments.insert("fen".into(), fen.into());
    }
    let verb = match arguments.remove("event") {
        Some(event) if verb == "attend" => {
            let scene = format!("event-{}", event.as_str().unwrap_or_default().trim());
            arguments.insert("scene".into(), scene.into());
            "scan"
        }
        _ => verb,
    };
    fitted(json!({verb: arguments}))
}

/// The answer to the question for subscription messages: of those asked for, the ones that are ticked.
fn consent(posted: &Posted) -> Result<Act, String> {
    let values = |wanted: &'static str| posted.fields().filter(move |(name, _)| *name == wanted);
    let accepted = |id: &str| posted.field("refuse").is_empty() && values("template").any(|(_, v)| v == id);
    let answers: Vec<Value> =
        values("asked").map(|(_, id)| json!({"template_id": id, "accept": accepted(id)})).collect();
    fitted(json!({"subscribe": {"answers": answers}}))
}

/// Everything in a form is text; coordinates and switches are not.
fn argument(name: &str, value: &str) -> Value {
    match name {
        "latitude" | "longitude" => value.parse::<f64>().map_or(Value::Null, Value::from),
        "report" | "withdraw" => Value::Bool(value == "true"),
        _ => Value::from(value),
    }
}

/// `12.9` as 1290, without going through a float.
fn fen(yuan: &str) -> Option<u64> {
    let (whole, part) = yuan.trim().split_once('.').unwrap_or((yuan.trim(), ""));
    if part.len() > 2 || !(whole.to_owned() + part).bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part: u64 = format!("{part:0<2}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(part)
}

/// What is worth telling; what the phone shows anyway is not.
fn news(verb: &str, done: &Done, silent: bool, words: &Words) -> Option<Result<String, String>> {
    if let Some(note) = done.more.get("note").and_then(Value::as_str) {
        // The chat of the customer service opens, and that is all there is to it.
        return (verb != "enter").then(|| Ok(note.to_owned()));
    }
    match done.outcome.deliveries.last() {
        None if silent && !["login", "phone", "pay", "refund"].contains(&verb) => {
            Some(Err(words.no_callback.to_owned()))
        }
        Some(last) if !last.verdict.ok => Some(Err(words.no_good_answer.to_owned())),
        _ => None,
    }
}

/// The mini-program that a menu button opens, where it is known.
fn opened(platform: &Platform, posted: &Posted) -> Option<(String, String)> {
    let known = platform.world().account(posted.field("open")).map(|known| known.account.name.clone());
    Some((known?, posted.field("path").to_owned()))
}

/// Where the phone is after an act.
fn after(
    view: &mut View,
    verb: &str,
    account: Option<String>,
    done: &Done,
    opened: Option<(String, String)>,
) {
    let more = |name| done.more.get(name).and_then(Value::as_str).map(str::to_owned).unwrap_or_default();
    view.sheet = None;
    if verb.starts_with("scancode_") {
        view.page.clear();
    }
    if let Some(account) = account {
        view.chat = account;
    }
    match verb {
        "login" => view.js_code = more("js_code"),
        "phone" => view.phone_code = more("code"),
        "enter" => view.desk = true,
        "view" => view.sheet = Some(Sheet::Page),
        "view_miniprogram" => {
            if let Some((chat, page)) = opened {
                (view.chat, view.page) = (chat, page);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::fen;

    #[test]
    fn yuan_become_fen_without_rounding() {
        for (yuan, expected) in [("129", 12_900), ("129.9", 12_990), ("0.01", 1), (" 12.90 ", 1290)] {
            assert_eq!(fen(yuan), Some(expected), "{yuan}");
        }
        for wrong in ["", "1.234", "-1", "1e3", "1,5", ".5", "99999999999999999999"] {
            assert_eq!(fen(wrong), None, "{wrong}");
        }
    }
}
