//! What comes up from below over the screen: scan, pay, attend, an account's details, more.

use maud::{Markup, html};
use qrcode::{Color, QrCode};

use super::{act, avatar};
use crate::{
    page::{
        document::{Page, moment},
        icons,
        view::Sheet,
    },
    world::{Registered, account::Kind, scenes},
};

/// A sheet with its title and a way to close it.
pub(super) fn sheet(page: &Page<'_>, sheet: Sheet) -> Markup {
    let Page { words, view, .. } = page;
    let (title, content) = match sheet {
        Sheet::Scan => (words.scan_title, scan(page)),
        Sheet::Pay => (words.pay_title, pay(page)),
        Sheet::Attend => (words.attend_title, attend(page)),
        Sheet::Profile => (words.profile, with_open(page, profile)),
        Sheet::Page => (words.web_page, web_page(page)),
        Sheet::More => (words.more, with_open(page, more)),
    };
    let close = view.go(|v| {
        v.sheet = None;
        if sheet == Sheet::Page {
            v.page.clear();
        }
    });
    html! {
        div.veil {
            a.outside href=(close) tabindex="-1" aria-hidden="true" {}
            div.sheet role="dialog" aria-modal="true" aria-labelledby="sheet-title" {
                div.sheet-head { h2 #sheet-title tabindex="-1" { (title) } a.plain #sheet-close href=(close) aria-label=(words.close) { (icons::CLOSE.draw()) } }
                div.sheet-body { (content) }
            }
        }
    }
}

fn with_open(page: &Page<'_>, content: fn(&Page<'_>, &Registered) -> Markup) -> Markup {
    page.open.map_or_else(|| html! {}, |open| content(page, open))
}

fn scan(page: &Page<'_>) -> Markup {
    let Page { words, world, .. } = page;
    let codes: Vec<(&Registered, &scenes::QrCode)> = world
        .scenes
        .newest()
        .into_iter()
        .filter_map(|code| Some((world.account(&code.app_id)?.as_ref(), code)))
        .take(200)
        .collect();
    html! {
        h3 { (words.scan_pick) }
        @if codes.is_empty() { p.hint { (words.scan_none) } }
        ul.codes { @for (account, code) in codes { li { (qr_code(page, account, code)) } } }
        h3 { (words.scan_paste) }
        form.fields method="post" action="/_mock/page/act/scan" {
            (page.back())
            input type="hidden" name="person" value=(page.view.person);
            label { (words.scene) input #scan-scene name="scene" required maxlength="64" autocomplete="off" placeholder="store-12"; }
            (choose(page, Kind::OfficialAccount))
            button.button { (words.scan) }
            p.hint { (words.scene_hint) }
        }
    }
}

/// A QR code to tap on: an expired one can be looked at only.
fn qr_code(page: &Page<'_>, account: &Registered, code: &scenes::QrCode) -> Markup {
    let words = page.words;
    let scene = code.scene.key();
    let expired = code.expires_at.is_some_and(|end| end * 1000 <= page.now);
    let label = html! {
        button.code id={"qr-" (code.serial)} disabled[expired] {
            (drawn(&code.url))
            span.what { b { (scene) } small { (account.account.name) " · "
                @match code.expires_at {
                    None => (words.permanent),
                    Some(_) if expired => (words.expired),
                    Some(end) => { (words.expires) " " (moment(end * 1000, false)) },
                }
            } }
        }
    };
    act(page, "scan", &account.account.name, &[("ticket", &code.ticket)], &label)
}

/// The code itself, as a camera reads it; drawn here, so that looking at it is no call of the account's.
fn drawn(url: &str) -> Markup {
    let Ok(code) = QrCode::new(url) else { return html! {} };
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, colour)| *colour == Color::Dark);
    let path: String = dark.map(|(n, _)| format!("M{} {}h1v1h-1z", n % width, n / width)).collect();
    // Four light modules around it, as the standard wants.
    let square = format!("-4 -4 {0} {0}", width + 8);
    html! {
        svg.qr viewBox=(square) aria-hidden="true" focusable="false" shape-rendering="crispEdges" { path d=(path) {} }
    }
}

fn pay(page: &Page<'_>) -> Markup {
    let words = page.words;
    html! {
        form.fields method="post" action="/_mock/page/act/pay" {
            (page.back())
            input type="hidden" name="person" value=(page.view.person);
            label { (words.yuan) span.yuan { "¥" input #pay-yuan name="yuan" inputmode="decimal" required value="129.00" autocomplete="off"; } }
            @match page.open {
                Some(open) => input type="hidden" name="account" value=(open.account.name);,
                None => (choose(page, Kind::OfficialAccount)),
            }
            button.button #pay-now { (words.pay_now) }
            p.hint { (words.pay_hint) }
        }
    }
}

fn attend(page: &Page<'_>) -> Markup {
    let words = page.words;
    html! {
        form.fields method="post" action="/_mock/page/act/attend" {
            (page.back())
            input type="hidden" name="person" value=(page.view.person);
            label { (words.event_name) input #attend-event name="event" required maxlength="50" value="spring-fair" autocomplete="off"; }
            (choose(page, Kind::OfficialAccount))
            button.button { (words.check_in) }
            p.hint { (words.attend_hint) }
        }
    }
}

/// A choice among the accounts of a kind; no choice where there is one only.
fn choose(page: &Page<'_>, kind: Kind) -> Markup {
    let names: Vec<&str> = page
        .world
        .accounts()
        .filter(|registered| registered.account.kind == kind)
        .map(|registered| registered.account.name.as_str())
        .collect();
    html! {
        @if let [only] = names[..] { input type="hidden" name="account" value=(only); }
        @else {
            label { (page.words.account) select name="account" {
                @for name in names { option value=(name) selected[page.view.chat == name] { (name) } }
            } }
        }
    }
}

fn profile(page: &Page<'_>, open: &Registered) -> Markup {
    let Page { words, view, .. } = page;
    let account = &open.account;
    html! {
        div.face { (avatar(&account.name)) h3 { (account.name) } }
        dl.ids {
            dt { "AppID" } dd { code { (account.app_id) } }
            dt { "OpenID" } dd { code { (open.open_ids.seal(page.person)) } }
            @if let Some(union_id) = open.union_id(page.person) { dt { "UnionID" } dd { code { (union_id) } } }
        }
        @if account.kind == Kind::OfficialAccount {
            a.button.quiet #profile-pay href=(view.go(|v| v.sheet = Some(Sheet::Pay))) { (icons::PAY.draw()) (words.pay_title) }
            @if page.follows(&account.app_id) {
                (act(page, "unfollow", &account.name, &[], &html! { button.button.danger #unfollow { (words.unfollow) } }))
            } @else {
                (act(page, "follow", &account.name, &[], &html! { button.button #follow { (words.follow) } }))
            }
        }
    }
}

fn web_page(page: &Page<'_>) -> Markup {
    let url = &page.view.page;
    html! {
        p { code.url { (url) } }
        p.hint { (page.words.page_told) }
        @if super::text::is_web(url) { a.button #open-page href=(url) target="_blank" rel="noreferrer noopener" { (page.words.open_in_browser) } }
    }
}

/// What hides behind the plus beside the keyboard.
fn more(page: &Page<'_>, open: &Registered) -> Markup {
    let Page { words, view, .. } = page;
    let place = [("latitude", "31.2304"), ("longitude", "121.4737"), ("label", "上海市人民广场")];
    let report = [("latitude", "31.2304"), ("longitude", "121.4737"), ("report", "true")];
    let name = &open.account.name;
    html! {
        div.tiles {
            (act(page, "location", name, &place, &html! { button.tile #send-location { (icons::PLACE.draw()) (words.send_location) } }))
            (act(page, "location", name, &report, &html! { button.tile #report-location { (icons::DISCOVER.draw()) (words.report_location) } }))
            a.tile #more-pay href=(view.go(|v| v.sheet = Some(Sheet::Pay))) { (icons::PAY.draw()) (words.pay_title) }
            a.tile #more-scan href=(view.go(|v| v.sheet = Some(Sheet::Scan))) { (icons::SCAN.draw()) (words.scan) }
        }
    }
}
