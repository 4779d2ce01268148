//! What an entry opens into: request, response, verdict, and what can be done with it.

use maud::{Markup, html};

use super::{curl, hint::hint};
use crate::{
    journal::{CallRecord, Delivery},
    page::{view::View, words::Words},
};

/// A push: what was sent, what came back, what WeChat makes of it.
pub(super) fn of_push(delivery: &Delivery, words: &'static Words, view: &View) -> Markup {
    let Delivery { request, response, verdict, .. } = delivery;
    let curl = curl::push(delivery);
    let sealed = request.body != request.plaintext;
    html! {
        p.verdict .good[verdict.ok] .bad[!verdict.ok] { b { (words.verdict) } " " (verdict.reason) }
        @if let Some(hint) = hint(delivery, words) { p.remedy { (hint) } }
        @if !delivery.faults.is_empty() { p { b { (words.faults_hit) } " " (delivery.faults.join(", ")) } }
        @if sealed { (block(words.decrypted_request, &format!("plain-{}", delivery.id), &request.plaintext, words)) }
        @if let Some(plaintext) = response.plaintext.as_ref().filter(|p| response.body.as_ref() != Some(*p)) {
            (block(words.decrypted_response, &format!("reply-{}", delivery.id), plaintext, words))
        }
        (block(words.request, &format!("sent-{}", delivery.id), &format!("POST {}\n{}\n{}", request.url, headers(delivery), request.body), words))
        (block(words.response, &format!("answer-{}", delivery.id), &answer(delivery, words), words))
        div.do {
            (copy(&curl, delivery.id, words))
            @for (how, label) in [("same", words.send_same), ("signed", words.send_signed)] {
                form method="post" action="/_mock/page/wire/again" {
                    (back(view))
                    input type="hidden" name="id" value=(delivery.id);
                    button name="how" value=(how) { (label) }
                }
            }
        }
        details.edit {
            summary { (words.edit_raw) }
            form method="post" action="/_mock/page/wire/raw" {
                (back(view))
                input type="hidden" name="account" value=(delivery.app_id);
                input type="hidden" name="id" value=(delivery.id);
                textarea id={"raw-" (delivery.id)} name="body" rows="10" spellcheck="false" aria-label=(words.body) { (request.plaintext) }
                p.hint { (words.raw_hint) }
                button.button.small { (words.send) }
            }
        }
    }
}

/// A call: what the account's server asked and what it was told.
pub(super) fn of_call(call: &CallRecord, words: &'static Words, host: &str) -> Markup {
    let query: Vec<String> = call.query.iter().map(|(name, value)| format!("  {name} = {value}")).collect();
    let request = String::from_utf8_lossy(&call.request);
    let head = format!("{} {}\n{}", call.method, call.path, query.join("\n"));
    html! {
        @if !call.faults.is_empty() { p { b { (words.faults_hit) } " " (call.faults.join(", ")) } }
        (block(words.request, &format!("sent-{}", call.id), &format!("{head}\n\n{}", pretty(&request)), words))
        (block(words.response, &format!("answer-{}", call.id), &format!("HTTP {}  ·  {} ms\n\n{}", call.status, call.ms, pretty(&String::from_utf8_lossy(&call.response))), words))
        div.do { (copy(&curl::call(call, host), call.id, words)) }
    }
}

fn headers(delivery: &Delivery) -> String {
    delivery.request.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

fn answer(delivery: &Delivery, words: &Words) -> String {
    let status =
        delivery.status.map_or_else(|| words.no_answer.to_owned(), |status| format!("HTTP {status}"));
    let body = match delivery.response.body.as_deref() {
        Some("") => words.empty_body,
        Some(body) => body,
        None => "",
    };
    format!("{status}  ·  {} ms\n\n{body}", delivery.ms)
}

fn block(title: &str, id: &str, text: &str, words: &Words) -> Markup {
    html! {
        section.block {
            h4 { (title) button.plain type="button" data-copy={"#" (id)} data-copied=(words.copied) aria-label={(words.copy) ": " (title)} { (words.copy) } }
            pre id=(id) tabindex="0" { (text) }
        }
    }
}

fn copy(curl: &str, id: u64, words: &Words) -> Markup {
    html! {
        button type="button" data-copy={"#curl-" (id)} data-copied=(words.copied) { (words.as_curl) }
        pre hidden id={"curl-" (id)} { (curl) }
    }
}

fn back(view: &View) -> Markup {
    html! { input type="hidden" name="back" value=(view.link()); }
}

/// JSON with line breaks; anything else as it is.
fn pretty(text: &str) -> String {
    let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}
