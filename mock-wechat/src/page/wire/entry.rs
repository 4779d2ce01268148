//! One line of the timeline.

use std::sync::Arc;

use maud::{Markup, html};

use super::hint::hint;
use crate::{
    journal::{CallRecord, Delivery},
    page::given::{Page, moment},
};

/// Something that went over the wire.
#[derive(Debug)]
pub(in crate::page) enum Entry {
    Push(Arc<Delivery>),
    Call(Arc<CallRecord>),
}

impl Entry {
    /// Counts up over both kinds.
    pub(super) fn id(&self) -> u64 {
        match self {
            Self::Push(delivery) => delivery.id,
            Self::Call(call) => call.id,
        }
    }

    /// The line; what it opens into is fetched when it is opened.
    pub(super) fn line(&self, page: &Page<'_>) -> Markup {
        match self {
            Self::Push(delivery) => push(page, delivery),
            Self::Call(call) => self::call(page, call),
        }
    }
}

fn push(page: &Page<'_>, delivery: &Delivery) -> Markup {
    let words = page.words;
    let target = delivery.request.url.split('?').next().unwrap_or_default();
    let hint = hint(delivery, words);
    html! {
        details.entry.push .good[delivery.verdict.ok] .bad[!delivery.verdict.ok] id={"push-" (delivery.id)} {
            summary {
                span.way title=(words.push) { "→" span.hidden { (words.push) } }
                span.title { b { (delivery.event) }
                    @if delivery.attempt > 1 { span.tag { (words.attempt) " " (delivery.attempt) } }
                    @if delivery.duplicate { span.tag { (words.duplicate) } }
                    @for fault in &delivery.faults { span.tag.fault { (fault) } }
                    " " span.target { (target) }
                }
                span.status { @match delivery.status { Some(status) => (status), None => (words.no_answer) } }
                span.ms { (delivery.ms) " ms" }
                (moment(delivery.at, true))
                span.reason { (delivery.verdict.reason) }
                @if let Some(hint) = hint { span.remedy { (hint) } }
            }
            (rest(page, "push", delivery.id))
        }
    }
}

fn call(page: &Page<'_>, call: &CallRecord) -> Markup {
    let words = page.words;
    let good = call.errcode == 0 && call.status == 200;
    html! {
        details.entry.call .good[good] .bad[!good] id={"call-" (call.id)} {
            summary {
                span.way title=(words.call) { "←" span.hidden { (words.call) } }
                span.title { b { (call.path) } " " span.target { (call.method) @if let Some(account) = &call.account { " · " (account) } }
                    @if call.unmodelled { span.tag.fault { (words.unmodelled) } }
                    @for fault in &call.faults { span.tag.fault { (fault) } }
                }
                span.status { @if call.status == 0 { (words.no_answer) } @else if call.errcode != 0 { (call.errcode) } @else { (call.status) } }
                span.ms { (call.ms) " ms" }
                (moment(call.at, true))
                @if !good { span.reason { (String::from_utf8_lossy(&call.response).chars().take(200).collect::<String>()) } }
            }
            (rest(page, "call", call.id))
        }
    }
}

/// Where the rest of an entry comes to stand.
fn rest(page: &Page<'_>, kind: &str, id: u64) -> Markup {
    let query = page.view.go(|_| ());
    let address = format!("/_mock/page/wire/{kind}/{id}?{}", query.trim_start_matches("/?"));
    html! {
        div.rest data-from=(address) { a href=(address) { "…" } }
    }
}
