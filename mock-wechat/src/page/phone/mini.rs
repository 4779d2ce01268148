//! A mini-program as far as WeChat has to do with it: log in, give the phone number, open a page, ask for help.

use maud::{Markup, html};

use super::{act, bar, given};
use crate::{
    page::{
        given::Page,
        icons,
        view::{Sheet, Tab},
    },
    world::Registered,
};

/// Where a mini-program starts when nothing else is asked for.
const FIRST_PAGE: &str = "pages/index/index";

/// The screen of a mini-program.
pub(super) fn mini_program(page: &Page<'_>, open: &Registered) -> Markup {
    let Page { view, words, .. } = page;
    let account = &open.account;
    let path = if view.page.is_empty() { FIRST_PAGE } else { &view.page };
    let capsule = html! { a.capsule #leave href=(view.to_tab(Tab::Discover)) aria-label=(words.close) { span aria-hidden="true" { "•••" } i {} span.dot aria-hidden="true" {} } };
    html! {
        (bar(None, &account.name, Some(&capsule)))
        div.scroll.mini-page {
            div.cover { (icons::MINI.draw()) code { "/" (path) } }
            (step(page, open, "login", words.log_in, &icons::KEY, ("js_code", &view.js_code), (words.js_code, words.js_code_hint)))
            (step(page, open, "phone", words.consent_phone, &icons::PHONE, ("phone_code", &view.phone_code), (words.phone_code, words.phone_code_hint)))
            section.step {
                form.visit method="post" action="/_mock/page/act/visit" {
                    (given(page, &account.name))
                    label for="visit-page" { (words.page_path) }
                    span.pair { input #visit-page name="page" value=(path) required maxlength="512" autocomplete="off"; button.button.small { (words.visit) } }
                }
                p.hint { (words.visit_hint) }
            }
            section.step {
                a.button.quiet #ask-consent href=(view.go(|v| v.sheet = Some(Sheet::Consent))) { (icons::BELL.draw()) (words.ask_consent) }
                p.hint { (words.ask_consent_hint) }
            }
            section.step { (act(page, "enter", &account.name, &[], &html! { button.button.quiet #desk { (icons::CHATS.draw()) (words.customer_service) } })) }
        }
    }
}

/// A button, and the code that it gave.
fn step(
    page: &Page<'_>,
    open: &Registered,
    verb: &str,
    label: &str,
    icon: &icons::Icon,
    (id, code): (&str, &str),
    (name, hint): (&str, &str),
) -> Markup {
    html! {
        section.step {
            (act(page, verb, &open.account.name, &[], &html! { button.button id={"do-" (verb)} { (icon.draw()) (label) } }))
            @if !code.is_empty() {
                p.code { span { (name) } code id=(id) { (code) } button.plain type="button" data-copy={"#" (id)} data-copied=(page.words.copied) { (page.words.copy) } }
            }
            p.hint { (hint) }
        }
    }
}
