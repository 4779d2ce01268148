//! An account's chat: the messages, and below them the menu or the keyboard. Who does not follow sees the account's
//! details instead.

use maud::{Markup, html};

use super::{act, avatar, bar, bubble, given, menu};
use crate::{
    page::{
        given::{Page, moment},
        icons,
        view::{Sheet, Tab},
    },
    world::{Registered, account::Kind, chat::Message},
};

/// Milliseconds without a message after which the time is shown again.
const PAUSE: i64 = 5 * 60 * 1000;

/// The chat with an account.
pub(super) fn chat(page: &Page<'_>, open: &Registered) -> Markup {
    let Page { view, words, .. } = page;
    let account = &open.account;
    let official = account.kind == Kind::OfficialAccount;
    let messages: Vec<&Message> =
        page.relation(&account.app_id).map(|relation| relation.chat.messages().collect()).unwrap_or_default();
    let follows = page.follows(&account.app_id);
    if official && !follows && messages.is_empty() {
        return stranger(page, open);
    }
    let back = if official { view.to_tab(Tab::Chats) } else { view.go(|v| v.desk = false) };
    let details = html! { a.plain #details href=(view.go(|v| v.sheet = Some(Sheet::Profile))) aria-label=(words.profile) { (icons::PERSON.draw()) } };
    html! {
        (bar(Some((&back, words.back)), &account.name, Some(&details)))
        div.scroll.chat id={"messages-" (account.app_id)} role="log" aria-label=(words.chats) tabindex="0" {
            ol {
                @for (n, message) in messages.iter().enumerate() {
                    @if n == 0 || message.at - messages[n - 1].at > PAUSE {
                        li.line id={"t-" (message.id)} { (moment(message.at, false)) }
                    }
                    (bubble::bubble(page, open, message))
                }
            }
        }
        @if official && !follows {
            div.below.alone { (act(page, "follow", &account.name, &[], &html! { button.button #follow { (words.follow) } })) }
        } @else if official && !view.keyboard {
            (menu::menu(page, open))
        } @else {
            (keyboard(page, open))
        }
    }
}

/// An account as it looks to somebody who does not follow it.
fn stranger(page: &Page<'_>, open: &Registered) -> Markup {
    let Page { view, words, .. } = page;
    let account = &open.account;
    html! {
        (bar(Some((&view.to_tab(Tab::Contacts), words.back)), "", None))
        div.scroll.profile {
            div.face { (avatar(&account.name)) h2 { (account.name) } small { (account.original_id) } }
            p.hint { (words.follow_first) }
            (act(page, "follow", &account.name, &[], &html! { button.button #follow { (words.follow) } }))
            a.button.quiet href=(view.go(|v| v.sheet = Some(Sheet::Scan))) { (words.scan_title) }
        }
    }
}

fn keyboard(page: &Page<'_>, open: &Registered) -> Markup {
    let Page { view, words, .. } = page;
    let account = &open.account;
    html! {
        div.below.keyboard {
            @if account.kind == Kind::OfficialAccount {
                a.plain #to-menu href=(view.go(|v| v.keyboard = false)) aria-label=(words.to_menu) { (icons::MENU.draw()) }
            }
            form method="post" action="/_mock/page/act/text" {
                (given(page, &account.name))
                input #message name="content" aria-label=(words.message) placeholder=(words.message) required maxlength="2000" autocomplete="off" enterkeyhint="send";
                button #send { (words.send) }
            }
            @if account.kind != Kind::Component {
                a.plain #more href=(view.go(|v| v.sheet = Some(Sheet::More))) aria-label=(words.more) { (icons::PLUS.draw()) }
            }
        }
    }
}
