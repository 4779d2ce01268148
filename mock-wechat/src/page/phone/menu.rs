//! The account's menu bar: what a tap does, it does over the control API's acts.

use maud::{Markup, html};

use super::act;
use crate::{
    page::{given::Page, icons, view::Sheet},
    world::{Registered, menus::Button},
};

/// The menu bar below a chat.
pub(super) fn menu(page: &Page<'_>, open: &Registered) -> Markup {
    let Page { view, words, world, .. } = page;
    let menu = world.menu_for(page.person, &open.account.app_id);
    html! {
        div.below.menu {
            a.plain #to-keyboard href=(view.go(|v| v.keyboard = true)) aria-label=(words.to_keyboard) { (icons::KEYBOARD.draw()) }
            @if let Some(menu) = menu {
                ul aria-label=(words.account_menu) {
                    @for (n, top) in menu.buttons.iter().enumerate() {
                        li { @if top.sub_button.is_empty() { (button(page, open, top)) } @else {
                            details.up id={"menu-" (n)} name="menu" {
                                summary { span.burger aria-hidden="true" {} (top.name) }
                                ul { @for sub in &top.sub_button { li { (button(page, open, sub)) } } }
                            }
                        } }
                    }
                }
            } @else {
                p.hint { (words.no_menu) }
            }
        }
    }
}

/// One button. Kinds that push nothing are shown but do nothing.
fn button(page: &Page<'_>, open: &Registered, button: &Button) -> Markup {
    let label = html! { button title=(button.kind) { (button.name) } };
    let name = &open.account.name;
    match button.kind.as_str() {
        "click" => act(page, "click", name, &[("key", &button.key)], &label),
        "view" => act(page, "view", name, &[("url", &button.url)], &label),
        "miniprogram" => {
            let fields = [("path", button.pagepath.as_str()), ("open", button.appid.as_str())];
            act(page, "view_miniprogram", name, &fields, &label)
        }
        "scancode_push" | "scancode_waitmsg" => {
            let camera = page.view.go(|v| {
                (v.sheet, v.page) = (Some(Sheet::Camera), button.key.clone());
            });
            html! { a.item href=(camera) title=(button.kind) { (button.name) } }
        }
        kind @ ("pic_sysphoto" | "pic_photo_or_album" | "pic_weixin") => {
            act(page, kind, name, &[("key", &button.key)], &label)
        }
        "location_select" => {
            let place = [
                ("key", button.key.as_str()),
                ("latitude", "31.2304"),
                ("longitude", "121.4737"),
                ("label", "上海市人民广场"),
            ];
            act(page, "location_select", name, &place, &label)
        }
        _ => html! { button type="button" disabled title=(button.kind) { (button.name) } },
    }
}
