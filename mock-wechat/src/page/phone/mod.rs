//! The phone: a frame, in it a tab, a chat or a mini-program, and perhaps a sheet over it.
//!
//! | file | holds |
//! |---|---|
//! | `tabs.rs` | chats, contacts, discover, me |
//! | `chat.rs` | an account's chat: messages and what stands below them |
//! | `bubble.rs` | one message |
//! | `text.rs` | a text cut into words and links |
//! | `menu.rs` | the account's menu bar |
//! | `mini.rs` | a mini-program |
//! | `sheets.rs` | scan, pay, attend, details, more |
//! | `consent.rs` | what one is asked to agree to: subscription messages, pages that want to know who one is |

mod bubble;
mod chat;
mod consent;
mod menu;
mod mini;
mod sheets;
mod tabs;
mod text;

use maud::{Markup, html};

use super::{given::Page, icons};
use crate::world::account::Kind;

/// The phone with what it shows now.
pub(super) fn phone(page: &Page<'_>) -> Markup {
    let sheet = page.view.sheet;
    html! {
        div.frame {
            div.status-bar aria-hidden="true" {
                time.clock data-clock { "00:00" }
                span.signal { i {} i {} i {} i {} }
                span.battery {}
            }
            div.screen inert[sheet.is_some()] {
                @match page.open {
                    Some(open) if open.account.kind == Kind::MiniProgram && !page.view.desk => (mini::mini_program(page, open)),
                    Some(open) => (chat::chat(page, open)),
                    None => (tabs::tab(page)),
                }
            }
            @if let Some(sheet) = sheet { (sheets::sheet(page, sheet)) }
        }
    }
}

/// Whether WeChat asks at this address who one is.
pub(super) fn is_authorization(url: &str) -> bool {
    consent::authorization_query(url).is_some()
}

/// The bar at the top of a screen: the way back, a title, and what else there is to tap.
fn bar(back: Option<(&str, &str)>, title: &str, right: Option<&Markup>) -> Markup {
    html! {
        div.bar {
            @if let Some((href, label)) = back { a.plain #bar-back href=(href) aria-label=(label) { (icons::BACK.draw()) } } @else { span {} }
            h1 { (title) }
            @if let Some(right) = right { (right) } @else { span {} }
        }
    }
}

/// A picture of somebody who has none: the first letter on a colour of their own.
pub(super) fn avatar(name: &str) -> Markup {
    let letter: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
    let hue = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % 8;
    html! { span class={"avatar hue-" (hue)} aria-hidden="true" data-letter=(letter) {} }
}

/// A form with one button that lets the person do something with an account.
fn act(page: &Page<'_>, verb: &str, account: &str, fields: &[(&str, &str)], button: &Markup) -> Markup {
    html! {
        form method="post" action={"/_mock/page/act/" (verb)} {
            (given(page, account))
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            (button)
        }
    }
}

/// The hidden fields that every act needs.
fn given(page: &Page<'_>, account: &str) -> Markup {
    html! {
        (page.back())
        input type="hidden" name="person" value=(page.view.person);
        input type="hidden" name="account" value=(account);
    }
}
