//! Failure messages: what was expected, what came nearest, the whole wire.

use std::{fmt::Write, sync::Arc};

use crate::{
    journal::{CallRecord, Delivery},
    world::chat::{Author, Message},
};

/// Characters of one body in a report.
const LONGEST: usize = 2000;

pub(super) fn chat(
    person: &str,
    account: &str,
    expected: &str,
    words: &str,
    messages: &[Message],
    deliveries: &[Arc<Delivery>],
    calls: &[Arc<CallRecord>],
) -> String {
    let mut out = format!("in the chat of {person} with {account}\n  expected: {expected}\n");
    if let Some(nearest) = nearest(words, messages) {
        let _ = writeln!(out, "  nearest:  {nearest:?}");
    }
    out.push_str("\nthe chat since the act:\n");
    for message in messages {
        let text = message.text.clone().unwrap_or_else(|| serde_json::json!(message.more).to_string());
        let _ = writeln!(out, "  {:?} ({}, {}): {text}", message.from, message.via, message.kind);
    }
    if messages.is_empty() {
        out.push_str("  (empty)\n");
    }
    out.push_str("\nthe pushes of the act:\n");
    for delivery in deliveries {
        wire(&mut out, delivery);
    }
    if deliveries.is_empty() {
        out.push_str("  (none: does the account have a callback?)\n");
    }
    out.push_str("\nthe account's API calls:\n");
    list(&mut out, calls);
    out
}

pub(super) fn unmet(failures: &[String], calls: &[Arc<CallRecord>]) -> String {
    let mut out = format!("mock-wechat: {}\n\nall calls:\n", failures.join("\n             "));
    list(&mut out, calls);
    out
}

pub(super) fn missing_calls(path: &str, count: usize, calls: &[Arc<CallRecord>]) -> String {
    unmet(&[format!("expected {count} call(s) to {path} within five seconds")], calls)
}

pub(super) fn missing_deliveries(event: &str, count: usize, deliveries: &[Arc<Delivery>]) -> String {
    let mut out =
        format!("expected {count} attempt(s) to deliver {event} within five seconds\n\nthe wire:\n");
    deliveries.iter().for_each(|delivery| wire(&mut out, delivery));
    out
}

/// The text that shares most pairs of neighbouring characters with the words.
fn nearest<'a>(words: &str, messages: &'a [Message]) -> Option<&'a str> {
    let pairs = |text: &str| -> Vec<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let wanted = pairs(words);
    if wanted.is_empty() {
        return None;
    }
    let texts = messages.iter().filter(|m| m.from != Author::Person).filter_map(|m| m.text.as_deref());
    texts.max_by_key(|text| {
        let has = pairs(text);
        wanted.iter().filter(|pair| has.contains(pair)).count()
    })
}

fn wire(out: &mut String, delivery: &Delivery) {
    let status = delivery.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let copy = if delivery.duplicate { ", a copy" } else { "" };
    let _ = writeln!(
        out,
        "  {} (attempt {}{copy}): {status} after {} ms: {}\n    POST {}\n    sent: {}",
        delivery.event,
        delivery.attempt,
        delivery.ms,
        delivery.verdict.reason,
        delivery.request.url,
        cut(&delivery.request.plaintext)
    );
    let answer = delivery.response.plaintext.as_ref().or(delivery.response.body.as_ref());
    let _ =
        writeln!(out, "    answered: {}", answer.map_or_else(|| "(nothing)".to_owned(), |text| cut(text)));
}

fn list(out: &mut String, calls: &[Arc<CallRecord>]) {
    for call in calls {
        let answer = cut(&String::from_utf8_lossy(&call.response));
        let request = cut(&String::from_utf8_lossy(&call.request));
        let _ = writeln!(out, "  {} {} {request} -> {} {answer}", call.method, call.path, call.status);
    }
    if calls.is_empty() {
        out.push_str("  (none)\n");
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}... ({} bytes)", &text[..at], text.len()),
    }
}
