//! Forms of the controls and the wire: clock, faults, account, send again.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{
    browser,
    form::{Back, Posted},
    words::Words,
};
use crate::{
    duration, faults::Fault, fitting::fitted, platform::Platform, push::Outcome, world::account::Account,
};

/// A year in seconds: a choice is remembered that long.
const REMEMBERED: u32 = 31_536_000;

/// `POST /_mock/page/settings`: language, light or dark; remembered in cookies.
pub(super) async fn settings(posted: Posted) -> Response {
    let chosen = [("lang", ["en", "zh-CN"]), ("theme", ["light", "dark"])];
    let cookies: Vec<(HeaderName, String)> = chosen
        .iter()
        .filter_map(|(name, values)| {
            let value = values.iter().find(|value| **value == posted.field(name))?;
            let cookie = format!("{name}={value}; Path=/; Max-Age={REMEMBERED}; SameSite=Strict");
            Some((header::SET_COOKIE, cookie))
        })
        .collect();
    let mut response = posted.back().into_response();
    for (name, value) in cookies {
        if let Ok(value) = value.parse() {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// `POST /_mock/page/clock`: forward by a span, or back to real time.
pub(super) async fn clock(State(platform): State<Arc<Platform>>, posted: Posted) -> Back {
    let step = match posted.field("step") {
        "reset" => {
            platform.clock.reset();
            platform.touch();
            return posted.back();
        }
        "" => posted.field("by"),
        step => step,
    };
    match duration::parse(step) {
        Ok(by) => platform.clock.advance(by),
        Err(reason) => return posted.tell(Err(reason)),
    }
    platform.touch();
    posted.back()
}

/// `POST /_mock/page/faults`
pub(super) async fn add_fault(State(platform): State<Arc<Platform>>, posted: Posted) -> Back {
    let added =
        fault(&posted).and_then(|fault| platform.faults.add(fault).map_err(|error| error.to_string()));
    platform.touch();
    match added {
        Ok(_) => posted.back(),
        Err(reason) => posted.tell(Err(reason)),
    }
}

fn fault(posted: &Posted) -> Result<Fault, String> {
    let number = |text: &str| text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from);
    let mut fault = Map::from_iter([
        ("on".to_owned(), Value::from(posted.field("on").trim())),
        ("do".to_owned(), Value::from(posted.field("do"))),
    ]);
    match posted.field("value").trim() {
        "" => {}
        value => {
            fault.insert("value".into(), number(value));
        }
    }
    let n = posted.field("n").trim();
    match posted.field("often") {
        often @ ("times" | "every") => fault.insert(often.to_owned(), number(n)),
        "probability" => fault.insert("probability".into(), json!(n.parse::<f64>().ok())),
        _ => None,
    };
    fitted(Value::Object(fault))
}

/// `POST /_mock/page/faults/remove`: one, or without an id all.
pub(super) async fn remove_fault(State(platform): State<Arc<Platform>>, posted: Posted) -> Back {
    match posted.field("id").parse() {
        Ok(id) => {
            platform.faults.remove(id);
        }
        Err(_) => platform.faults.clear(),
    }
    platform.touch();
    posted.back()
}

/// `POST /_mock/page/account`
pub(super) async fn account(
    State(platform): State<Arc<Platform>>,
    headers: HeaderMap,
    posted: Posted,
) -> Back {
    let saved = save(&platform, &posted);
    posted.tell(saved.map(|_| browser::language(&headers).words().saved.to_owned()))
}

/// `POST /_mock/page/account/verify`: saves first, as WeChat's console does.
pub(super) async fn verify(
    State(platform): State<Arc<Platform>>,
    headers: HeaderMap,
    posted: Posted,
) -> Back {
    let account = match save(&platform, &posted) {
        Ok(account) => account,
        Err(reason) => return posted.tell(Err(reason)),
    };
    let verdict = platform.verify_url(&account).await;
    let words = browser::language(&headers).words();
    posted.tell(match verdict.ok {
        true => Ok(format!("{}: {}", words.verified, verdict.reason)),
        false => Err(verdict.reason),
    })
}

/// `POST /_mock/page/component`: the open account authorises a third-party platform, or withdraws.
pub(super) async fn entrust(
    State(platform): State<Arc<Platform>>,
    headers: HeaderMap,
    posted: Posted,
) -> Back {
    let words = browser::language(&headers).words();
    let known = |field: &str| platform.world().account(posted.field(field)).cloned();
    let (Some(component), Some(account)) = (known("component"), known("account")) else {
        return posted.tell(Err(words.gone.to_owned()));
    };
    let push = platform.entrust(&component, &account.account, posted.field("do") == "authorize");
    let Some(push) = push else { return posted.back() };
    let outcome = platform.push(push).await;
    match outcome.deliveries.last() {
        Some(last) if !last.verdict.ok => posted.tell(Err(words.no_good_answer.to_owned())),
        _ => posted.back(),
    }
}

/// The account with what the form says; everything else stays.
fn save(platform: &Platform, posted: &Posted) -> Result<Account, String> {
    let mut world = platform.world_mut();
    let name = posted.field("account");
    let registered = world.account(name).cloned().ok_or_else(|| format!("there is no account {name:?}"))?;
    let mut account = serde_json::to_value(&registered.account).map_err(|error| error.to_string())?;
    for (name, value) in posted.fields().filter(|(name, _)| *name != "account") {
        account[name] = match (name, value.trim()) {
            ("callback", "") => Value::Null,
            (_, value) => value.into(),
        };
    }
    let account: Account = fitted(account)?;
    world.put_account(account.clone()).map_err(|error| error.to_string())?;
    Ok(account)
}

/// `POST /_mock/page/wire/again`: the same bytes, or the same message with a new signature.
pub(super) async fn again(State(platform): State<Arc<Platform>>, headers: HeaderMap, posted: Posted) -> Back {
    let words = browser::language(&headers).words();
    let sent = posted.field("id").parse().ok().and_then(|id| super::wire::push(&platform, id));
    let Some(sent) = sent else { return posted.tell(Err(words.gone.to_owned())) };
    let outcome = match posted.field("how") {
        "same" => platform.send_same(&sent).await,
        _ => platform.send_resigned(&sent).await,
    };
    posted.tell(sending(outcome, words))
}

/// `POST /_mock/page/wire/raw`
pub(super) async fn raw(State(platform): State<Arc<Platform>>, headers: HeaderMap, posted: Posted) -> Back {
    let words = browser::language(&headers).words();
    // Browsers send line breaks of a text field as CR LF; WeChat's are LF.
    let body = posted.field("body").replace("\r\n", "\n");
    let sent = posted.field("id").parse().ok().and_then(|id| super::wire::push(&platform, id));
    if let Some(sent) = sent.filter(|sent| sent.is_of_pay()) {
        let told = platform.notify_edited(&sent, &body).await;
        return posted.tell(told.map_err(|e| e.to_string()).and_then(|outcome| sending(outcome, words)));
    }
    let outcome = match platform.raw_push(posted.field("account"), body) {
        Some(push) => Some(platform.push(push).await),
        None => None,
    };
    posted.tell(sending(outcome, words))
}

fn sending(outcome: Option<Outcome>, words: &Words) -> Result<String, String> {
    let outcome = outcome.ok_or(words.gone)?;
    match outcome.deliveries.last() {
        None => Err(words.no_callback.to_owned()),
        Some(last) if last.verdict.ok => Ok(format!("{} {}", words.sent_again, last.verdict.reason)),
        Some(last) => Err(last.verdict.reason.clone()),
    }
}
