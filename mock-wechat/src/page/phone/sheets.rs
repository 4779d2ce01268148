//! What comes up from below over the screen: scan, pay, attend, an account's details, more, a menu button's camera.

use maud::{Markup, html};
use qrcode::{Color, QrCode};

use super::{act, avatar, consent, given};
use crate::{
    page::{
        given::{Page, moment},
        icons,
        view::Sheet,
    },
    world::{Registered, account::Kind, menus::Button, scenes},
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
        Sheet::Consent => (words.consent_title, with_open(page, consent::subscription)),
        Sheet::Authorize => (words.authorize_title, consent::authorization(page)),
        Sheet::Camera => (words.scan, with_open(page, camera)),
    };
    let close = view.go(|v| {
        v.sheet = None;
        if matches!(sheet, Sheet::Page | Sheet::Authorize | Sheet::Camera) {
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
        (third_parties(page, open))
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

/// Who may act for the account: what its owner decides in WeChat's console.
fn third_parties(page: &Page<'_>, open: &Registered) -> Markup {
    let Page { words, world, .. } = page;
    let platforms =
        || world.accounts().filter(|one| one.account.kind == Kind::Component).map(|one| &one.account);
    html! {
        @if platforms().next().is_some() {
            h3 { (words.third_parties) }
            @for platform in platforms() {
                @let given = world.components.authorization(&platform.app_id, &open.account.app_id).is_some();
                form.held method="post" action="/_mock/page/component" {
                    (given_to(page, &open.account.name, &platform.name))
                    b { (platform.name) }
                    @if given { button.link id={"withdraw-" (platform.name)} name="do" value="withdraw" { (words.withdraw_authorization) } }
                    @else { button.link id={"authorize-" (platform.name)} name="do" value="authorize" { (words.authorize) } }
                }
            }
        }
    }
}

fn given_to(page: &Page<'_>, account: &str, component: &str) -> Markup {
    html! {
        (given(page, account))
        input type="hidden" name="component" value=(component);
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
    let link = [("title", "会员日"), ("description", "双倍积分"), ("url", "https://example.com/day")];
    let shop = page.world.accounts().find(|one| one.account.kind == Kind::MiniProgram);
    let name = &open.account.name;
    let tile = |verb: &str, fields: &[(&str, &str)], icon: &icons::Icon, label: &str| {
        act(page, verb, name, fields, &html! { button.tile id={"send-" (verb)} { (icon.draw()) (label) } })
    };
    html! {
        div.tiles {
            (tile("image", &[], &icons::PICTURE, words.image))
            @if let Some(shop) = shop {
                @let card = [("title", shop.account.name.as_str()), ("appid", &shop.account.app_id), ("pagepath", "pages/index/index")];
                (tile("miniprogrampage", &card, &icons::MINI, words.mini_program_card))
            }
            @if open.account.kind == Kind::OfficialAccount {
                (tile("voice", &[], &icons::VOICE, words.voice))
                (tile("video", &[], &icons::VIDEO, words.video))
                (tile("link", &link, &icons::LINK, words.link))
                (tile("location", &place, &icons::PLACE, words.send_location))
                (act(page, "location", name, &report, &html! { button.tile #report-location { (icons::DISCOVER.draw()) (words.report_location) } }))
                a.tile #more-consent href=(view.go(|v| v.sheet = Some(Sheet::Consent))) { (icons::BELL.draw()) (words.subscribe) }
                a.tile #more-scan href=(view.go(|v| v.sheet = Some(Sheet::Scan))) { (icons::SCAN.draw()) (words.scan) }
            }
            a.tile #more-pay href=(view.go(|v| v.sheet = Some(Sheet::Pay))) { (icons::PAY.draw()) (words.pay_title) }
        }
    }
}

/// What a menu button's camera sees.
fn camera(page: &Page<'_>, open: &Registered) -> Markup {
    let Page { words, view, world, .. } = page;
    let menu = world.menu_for(page.person, &open.account.app_id);
    let is_it = |button: &&Button| button.key == view.page && button.kind.starts_with("scancode_");
    let Some(button) = menu.and_then(|menu| menu.leaves().find(is_it)) else { return html! {} };
    html! {
        form.fields method="post" action={"/_mock/page/act/" (button.kind)} {
            (given(page, &open.account.name))
            input type="hidden" name="key" value=(button.key);
            label { (words.camera_sees) input #camera-result name="result" required maxlength="1024" autocomplete="off" value="https://example.com/t/88"; }
            label { (words.camera_kind) select name="scan_type" { option value="qrcode" { (words.qr_code) } option value="barcode" { (words.bar_code) } } }
            button.button #camera-scan { (words.scan) }
            p.hint { (words.camera_hint) }
        }
    }
}
