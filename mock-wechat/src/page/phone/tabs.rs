//! The four tabs: chats, contacts, discover, me.

use std::sync::Arc;

use maud::{Markup, html};

use super::{avatar, bar};
use crate::{
    page::{
        given::{Page, moment},
        icons,
        view::{Sheet, Tab},
    },
    world::{Registered, account::Kind, chat::Message},
};

/// The open tab, with the bar of tabs below it.
pub(super) fn tab(page: &Page<'_>) -> Markup {
    let Page { view, words, .. } = page;
    html! {
        @match view.tab {
            Tab::Chats => (chats(page)),
            Tab::Contacts => (contacts(page)),
            Tab::Discover => (discover(page)),
            Tab::Me => (me(page)),
        }
        nav.tabs aria-label=(words.tabs) {
            @for (tab, label, icon) in [
                (Tab::Chats, words.chats, icons::CHATS),
                (Tab::Contacts, words.contacts, icons::CONTACTS),
                (Tab::Discover, words.discover, icons::DISCOVER),
                (Tab::Me, words.me, icons::PERSON),
            ] {
                a id={"tab-" (tab.name())} href=(view.to_tab(tab)) aria-current=[(view.tab == tab).then_some("page")] { (icon.draw()) (label) }
            }
        }
    }
}

fn chats(page: &Page<'_>) -> Markup {
    let Page { view, words, .. } = page;
    let scan = html! { a.plain #scan-top href=(view.go(|v| v.sheet = Some(Sheet::Scan))) aria-label=(words.scan) { (icons::SCAN.draw()) } };
    let mut chats: Vec<(&Arc<Registered>, Option<&Message>)> = page
        .world
        .accounts()
        .map(|account| (account, last(page, account)))
        .filter(|(account, last)| last.is_some() || page.follows(&account.account.app_id))
        .collect();
    chats.sort_by_key(|(_, last)| std::cmp::Reverse(last.map_or(0, |message| message.at)));
    html! {
        (bar(None, words.chats, Some(&scan)))
        div.scroll {
            @if chats.is_empty() {
                div.empty {
                    (icons::SCAN.draw())
                    h2 { (words.no_chats_title) }
                    p { (words.no_chats) }
                    a.button #scan-first href=(view.go(|v| v.sheet = Some(Sheet::Scan))) { (words.scan) }
                }
            }
            ul.list {
                @for (account, last) in chats {
                    li { a.row href=(view.to_chat(&account.account.name)) {
                        (avatar(&account.account.name))
                        span.what {
                            b { (account.account.name) }
                            @if let Some(last) = last { small { (preview(page, last)) } }
                        }
                        @if let Some(last) = last { span.when { (moment(last.at, false)) } }
                    } }
                }
            }
        }
    }
}

fn last<'a>(page: &'a Page<'_>, account: &Registered) -> Option<&'a Message> {
    page.relation(&account.account.app_id)?.chat.messages().last()
}

/// One line that says what a message is.
fn preview(page: &Page<'_>, message: &Message) -> String {
    if let Some(text) = &message.text {
        return super::text::pieces(super::bubble::shown_text(page, message, text))
            .iter()
            .map(|piece| match piece {
                super::text::Piece::Words(words) => *words,
                super::text::Piece::Link { label, .. }
                | super::text::Piece::MiniProgram { label, .. }
                | super::text::Piece::Reply { label, .. } => *label,
            })
            .collect();
    }
    format!("[{}]", super::bubble::kind_name(page, message))
}

fn contacts(page: &Page<'_>) -> Markup {
    let Page { words, view, .. } = page;
    let of = |kind| page.world.accounts().filter(move |account| account.account.kind == kind);
    html! {
        (bar(None, words.contacts, None))
        div.scroll {
            @if page.world.accounts().next().is_none() { p.hint { (words.no_accounts) } }
            @for (kind, heading) in [(Kind::OfficialAccount, words.official_accounts), (Kind::MiniProgram, words.mini_programs)] {
                @if of(kind).next().is_some() {
                    h2.group { (heading) }
                    ul.list { @for account in of(kind) {
                        li { a.row id={"contact-" (account.account.name)} href=(view.to_chat(&account.account.name)) {
                            (avatar(&account.account.name))
                            span.what { b { (account.account.name) } }
                            @if kind == Kind::OfficialAccount {
                                small.state { @if page.follows(&account.account.app_id) { (words.following) } @else { (words.not_following) } }
                            }
                        } }
                    } }
                }
            }
        }
    }
}

fn discover(page: &Page<'_>) -> Markup {
    let Page { words, view, .. } = page;
    let mini_programs = || page.world.accounts().filter(|account| account.account.kind == Kind::MiniProgram);
    html! {
        (bar(None, words.discover, None))
        div.scroll {
            ul.list.apart {
                @for (sheet, label, icon) in [(Sheet::Scan, words.scan, icons::SCAN), (Sheet::Attend, words.attend, icons::TICKET), (Sheet::Pay, words.pay, icons::PAY)] {
                    li { a.row id={"discover-" (sheet.name())} href=(view.go(|v| v.sheet = Some(sheet))) {
                        (icon.draw()) span.what { (label) } (icons::CHEVRON.draw())
                    } }
                }
            }
            @if mini_programs().next().is_some() {
                h2.group { (words.mini_programs) }
                ul.list { @for account in mini_programs() {
                    li { a.row href=(view.to_chat(&account.account.name)) {
                        (icons::MINI.draw()) span.what { (account.account.name) } (icons::CHEVRON.draw())
                    } }
                } }
            }
        }
    }
}

fn me(page: &Page<'_>) -> Markup {
    let Page { words, view, world, .. } = page;
    let phone = world.find_person(page.person).map(crate::world::person::Person::phone);
    html! {
        (bar(None, words.me, None))
        div.scroll {
            div.row.self { (avatar(&view.person)) span.what { b { (view.person) } @if let Some(phone) = phone { small { (words.phone_number) ": " (phone) } } } }
            @for account in world.accounts().filter(|one| one.account.kind != Kind::Component) {
                h2.group { (account.account.name) }
                dl.ids {
                    dt { "OpenID" } dd { code { (account.open_ids.seal(page.person)) } }
                    @if let Some(union_id) = account.union_id(page.person) { dt { "UnionID" } dd { code { (union_id) } } }
                }
            }
        }
    }
}
