//! Above the wire: message windows with countdowns, the clock, the open account's settings, faults.

use maud::{Markup, html};

use super::given::Page;
use crate::{
    faults::{ActiveFault, Fault},
    world::{
        account::{Account, Mode},
        windows::{Trigger, Window},
    },
};

/// What the form offers; the API paths are suggestions, any path may be typed.
const PATHS: &[&str] = &[
    "push",
    "/cgi-bin/token",
    "/cgi-bin/stable_token",
    "/cgi-bin/user/info",
    "/cgi-bin/message/custom/send",
    "/sns/jscode2session",
];
/// Notifications that are told again: as many as are shown.
const RETRIES: usize = 5;
const ACTIONS: &[&str] = &[
    "delay",
    "hang",
    "reset",
    "truncate",
    "duplicate",
    "repeat",
    "control_characters",
    "reorder",
    "bad_signature",
    "wrong_appid",
    "errcode",
    "status",
];

/// The four panels.
pub(super) fn controls(page: &Page<'_>) -> Markup {
    html! { (windows(page)) (clock(page)) (settings(page)) (faults(page)) }
}

fn windows(page: &Page<'_>) -> Markup {
    let words = page.words;
    let open: Option<Vec<&Window>> = page.open.map(|open| {
        let relation = page.relation(&open.account.app_id);
        relation
            .map(|relation| relation.windows.open_at(page.now.div_euclid(1000)).collect())
            .unwrap_or_default()
    });
    html! {
        section.panel #windows {
            h2 { (words.windows) }
            @match open {
                None => p.hint { (words.windows_no_chat) },
                Some(open) if open.is_empty() => p.hint { (words.windows_none) },
                Some(open) => ul.windows { @for window in open { li {
                    span { (trigger(page, window.trigger)) }
                    b { @match window.left { Some(left) => { (left) " " (words.left) }, None => (words.unlimited) } }
                    time.countdown data-until=(window.closes_at * 1000) {}
                } } },
            }
        }
    }
}

fn trigger(page: &Page<'_>, trigger: Trigger) -> &'static str {
    let words = page.words;
    match trigger {
        Trigger::Message => words.trigger_message,
        Trigger::Menu => words.trigger_menu,
        Trigger::Follow => words.trigger_follow,
        Trigger::Scan => words.trigger_scan,
        Trigger::Payment => words.trigger_payment,
        Trigger::Enter => words.trigger_enter,
    }
}

fn clock(page: &Page<'_>) -> Markup {
    let words = page.words;
    let ahead = page.platform.clock.offset_millis() / 1000;
    html! {
        section.panel #clock {
            h2 { (words.clock) }
            p { time.clock data-clock="full" {} " "
                small { @match ahead { 0 => (words.real_time), 1.. => { (words.ahead) " " (span(ahead)) }, _ => { (words.behind) " " (span(-ahead)) } } }
            }
            form.inline method="post" action="/_mock/page/clock" {
                (page.back())
                @for by in ["1m", "1h", "48h"] { button name="step" value=(by) aria-label={(words.advance) " " (by)} { "+" (by) } }
                input #clock-by name="by" placeholder="2h30m" size="6" aria-label=(words.by) autocomplete="off";
                button name="step" value="" { (words.advance) }
                @if ahead != 0 { button name="step" value="reset" { (words.to_real_time) } }
            }
            (retries(page))
        }
    }
}

/// What the clock brings: notifications of WeChat Pay that were not taken.
fn retries(page: &Page<'_>) -> Markup {
    let words = page.words;
    let pending = page.world.notices.iter().take(RETRIES);
    html! {
        @if !page.world.notices.is_empty() {
            h3 { (words.retries) }
            ul.windows #retries { @for one in pending { li {
                span { code { (one.notification.event) } " " (one.notification.out_trade_no) }
                b { (words.attempt) " " (one.attempts + 1) }
                time.countdown data-until=(one.due) {}
            } } }
        }
    }
}

/// Seconds as hours, minutes and seconds.
fn span(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {seconds} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

fn settings(page: &Page<'_>) -> Markup {
    let words = page.words;
    html! {
        details.panel #settings {
            summary { h2 { (words.settings) @if let Some(open) = page.open { " · " (open.account.name) } } }
            @match page.open {
                None => p.hint { (words.settings_none) },
                Some(open) => (account(page, &open.account)),
            }
        }
    }
}

fn account(page: &Page<'_>, account: &Account) -> Markup {
    let words = page.words;
    // The ids carry the AppID: what was typed for one account does not stay when another is opened.
    let id = |name: &str| format!("set-{name}-{}", account.app_id);
    html! {
        dl.ids { dt { "AppID" } dd { code { (account.app_id) } } dt { "AppSecret" } dd { code { (account.secret) } } }
        form.fields method="post" action="/_mock/page/account" {
            (page.back())
            input type="hidden" name="account" value=(account.app_id);
            label { (words.callback) input id=(id("callback")) name="callback" type="url" value=(account.callback.as_deref().unwrap_or_default()) placeholder="http://127.0.0.1:8080/wechat"; }
            label { (words.token) input id=(id("token")) name="token" value=(account.token) required autocomplete="off"; }
            label { (words.aes_key) input id=(id("key")) name="encoding_aes_key" value=(account.encoding_aes_key) autocomplete="off"; }
            label { (words.mode) select id=(id("mode")) name="mode" {
                @for (mode, name, label) in [(Mode::Plain, "plain", words.mode_plain), (Mode::Compatible, "compatible", words.mode_compatible), (Mode::Safe, "safe", words.mode_safe)] {
                    option value=(name) selected[account.mode == mode] { (label) }
                }
            } }
            span.pair { button.button.small #settings-save { (words.save) } button.button.small.quiet #settings-verify formaction="/_mock/page/account/verify" { (words.verify) } }
        }
    }
}

fn faults(page: &Page<'_>) -> Markup {
    let words = page.words;
    let active = page.platform.faults.list();
    html! {
        details.panel #faults {
            summary { h2 { (words.faults) @if !active.is_empty() { span.tag.fault { (active.len()) } } } }
            @if active.is_empty() { p.hint { (words.faults_none) } }
            ul.faults { @for fault in &active { li id={"fault-" (fault.id)} { (described(page, fault)) (remove(page, &fault.id.to_string(), words.remove)) } } }
            @if active.len() > 1 { (remove(page, "", words.remove_all)) }
            form.fields method="post" action="/_mock/page/faults" {
                (page.back())
                label { (words.fault_on) input #fault-on name="on" value="push" list="fault-paths" required autocomplete="off"; }
                datalist #fault-paths { @for path in PATHS { option value=(path) {} } }
                label { (words.fault_do) select #fault-do name="do" { @for action in ACTIONS { option { (action) } } } }
                label { (words.fault_value) input #fault-value name="value" placeholder="6000" title=(words.fault_value_hint) autocomplete="off"; }
                label { (words.fault_how_often) span.pair {
                    select #fault-often name="often" {
                        @for (name, label) in [("once", words.fault_once), ("times", words.fault_times), ("every", words.fault_every), ("probability", words.fault_probability)] { option value=(name) { (label) } }
                    }
                    input #fault-n name="n" placeholder="n" size="4" aria-label=(words.fault_n) autocomplete="off";
                } }
                button.button.small #fault-add { (words.fault_add) }
            }
        }
    }
}

fn described(page: &Page<'_>, active: &ActiveFault) -> Markup {
    let Fault { on, action, value, times, every, probability, .. } = &active.fault;
    let words = page.words;
    let action = serde_json::to_value(action)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default();
    html! {
        span { code { (on) } " " b { (action) } @if let Some(value) = value { " " (value) }
            " · "
            @match (times, every, probability) {
                (Some(n), ..) => { (n) "×" },
                (_, Some(n), _) => { (words.fault_every) " " (n) },
                (_, _, Some(p)) => { (words.fault_probability) " " (p) },
                _ => (words.fault_once),
            }
            " · " (words.happened) " " (active.happened) "/" (active.matched)
        }
    }
}

fn remove(page: &Page<'_>, id: &str, label: &str) -> Markup {
    html! {
        form method="post" action="/_mock/page/faults/remove" {
            (page.back())
            input type="hidden" name="id" value=(id);
            button.link { (label) }
        }
    }
}
