//! The whole page, around its parts.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};

use super::{
    browser::{PHONE, cookie, language},
    controls, form,
    given::{FIRST_PERSON, Page},
    icons,
    phone::{self, avatar},
    view::{Part, View, encode},
    wire,
    words::Language,
};
use crate::{
    ids::PersonKey,
    platform::Platform,
    world::{World, account::Kind},
};

/// Names offered for switching; everybody else is found by name.
const MOST_NAMES: usize = 100;
/// Nothing is loaded from elsewhere but pictures that accounts put into their messages.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src * data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// `GET /`
pub(super) async fn show(State(platform): State<Arc<Platform>>, headers: HeaderMap, uri: Uri) -> Response {
    let mut view = View::read(&form::pairs(&uri));
    if view.person.is_empty() {
        view.person = names(&platform.world()).first().map_or(FIRST_PERSON, |name| name).to_owned();
    }
    let language = language(&headers);
    let theme = cookie(&headers, "theme").filter(|theme| ["light", "dark"].contains(theme));
    // Web OAuth's own page begins with the person whose phone this browser showed last.
    let phone = format!("{PHONE}={}; Path=/; SameSite=Lax", encode(&view.person));
    let page = render(&platform, &view, language, theme.unwrap_or("auto"));
    let headers = [
        (header::SET_COOKIE, phone.as_str()),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, axum::response::Html(page.into_string())).into_response()
}

fn render(platform: &Platform, view: &View, language: Language, theme: &str) -> Markup {
    let entries = wire::entries(platform, view);
    let world = platform.world();
    let names = names(&world);
    let page = Page {
        platform,
        world: &world,
        view,
        words: language.words(),
        language,
        person: PersonKey::of(&view.person),
        open: world.account(&view.chat).filter(|open| open.account.kind != Kind::Component),
        now: platform.clock.millis(),
    };
    html! {
        (DOCTYPE)
        html lang=(language.tag()) data-theme=(theme) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                title { (page.words.title) }
                link rel="icon" href="/_mock/page/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/_mock/page/assets/page.css";
                script src="/_mock/page/assets/page.js" defer {}
            }
            body data-part=(view.part.name()) data-now=(page.now) {
                (top(&page, &names, theme))
                main {
                    section #phone aria-label=(page.words.phone) { (phone::phone(&page)) }
                    div #side {
                        section #controls aria-label=(page.words.controls) { (controls::controls(&page)) }
                        section #wire aria-label=(page.words.wire) { (wire::timeline(&page, &entries)) }
                    }
                }
                div #note role="status" aria-live="polite" {
                    @if !view.note.is_empty() {
                        p.note .bad[view.bad] {
                            span { (view.note) }
                            a.plain #note-close href=(view.go(|_| ())) aria-label=(page.words.close) { (icons::CLOSE.draw()) }
                        }
                    }
                }
                p #offline hidden { (page.words.offline) }
            }
        }
    }
}

fn top(page: &Page<'_>, names: &[&str], theme: &str) -> Markup {
    let Page { view, words, .. } = page;
    let other = if page.language == Language::English { "zh-CN" } else { "en" };
    let next_theme = if theme == "dark" { "light" } else { "dark" };
    html! {
        header #top {
            a.brand href="/" { img src="/_mock/page/assets/icon.svg" alt="" width="28" height="28"; b { "mock-wechat" } }
            nav.parts aria-label=(words.parts) {
                @for (part, label) in [(Part::Phone, words.phone), (Part::Wire, words.wire), (Part::Controls, words.controls)] {
                    a href=(view.go(|v| v.part = part)) aria-current=[(view.part == part).then_some("page")] { (label) }
                }
            }
            details.drop #people {
                summary aria-label={(words.phone_of) " " (view.person)} { (avatar(&view.person)) b { (view.person) } }
                div.drop-body {
                    ul.names {
                        @for name in names {
                            li { a href=(view.go(|v| { *v = View { person: (*name).to_owned(), part: v.part, scope: v.scope, ..View::default() } })) aria-current=[(*name == view.person).then_some("true")] { (avatar(name)) (name) } }
                        }
                    }
                    form method="post" action="/_mock/page/people" {
                        (page.back())
                        label { span.hidden { (words.new_person) } input #new-person name="name" placeholder=(words.new_person) required maxlength="64" autocomplete="off"; }
                        button { (words.create) }
                    }
                }
            }
            form.settings method="post" action="/_mock/page/settings" {
                (page.back())
                button.plain #theme name="theme" value=(next_theme) aria-label=(words.appearance) title=(words.appearance) { "◐" }
                button.plain #language name="lang" value=(other) lang=(other) aria-label=(words.switch_language) { (words.other_language) }
            }
        }
    }
}

/// Names in order, not more than can be shown.
fn names(world: &World) -> Vec<&str> {
    let mut names: Vec<&str> = world.people().map(|person| person.name.as_str()).collect();
    if names.len() > MOST_NAMES {
        names.select_nth_unstable(MOST_NAMES);
        names.truncate(MOST_NAMES);
    }
    names.sort_unstable();
    names
}
