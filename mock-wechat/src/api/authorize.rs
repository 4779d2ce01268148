//! The page of web OAuth, on which one picks the person and consents. WeChat knows who holds the phone; the mock asks.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    call::{Answer, Call},
    error::ApiError,
};
use crate::{
    platform::Platform,
    world::{Registered, account::Kind, codes::Purpose},
};

/// Of this page and of the third-party platforms' one.
const STYLE: &str = "
    :root { color-scheme: light dark; --green: #06994c; --card: light-dark(#fff, #1d1e1f); }
    body { margin: 0; background: light-dark(#ededed, #111); font: 16px/1.5 system-ui, sans-serif; }
    main { box-sizing: border-box; max-width: 26rem; margin: 6vh auto; padding: 1.5rem; border-radius: 14px; background: var(--card); }
    h1 { margin: 0 0 .25rem; font-size: 1.4rem; } h2 { margin: 1.5rem 0 .5rem; font-size: 1.1rem; } p { margin: .5rem 0; }
    input:not([type=checkbox]) { box-sizing: border-box; display: block; width: 100%; min-height: 44px; margin: .25rem 0 .75rem; padding: 0 .75rem; font: inherit; }
    input[type=checkbox] { width: 18px; height: 18px; vertical-align: -3px; accent-color: var(--green); }
    button { width: 100%; min-height: 46px; margin-top: .75rem; border: 0; border-radius: 8px; background: var(--green); color: #fff; font: 600 1rem system-ui, sans-serif; cursor: pointer; }
    button[name=deny], button[name=cancel] { background: light-dark(#eee, #333); color: inherit; }
";

/// What the page is asked for.
struct Asked<'a> {
    call: &'a Call,
    redirect: &'a str,
    user_info: bool,
}

/// `GET /connect/oauth2/authorize?appid=&redirect_uri=&response_type=code&scope=&state=`: a page; with `person` too (and
/// `deny=1` or `snapshot=1`), as the page's buttons send it and a test may, the redirection.
pub(super) fn authorize(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let registered = platform.world().account(call.param("appid").unwrap_or_default()).cloned();
    let registered = match registered {
        Some(found)
            if found.account.kind == Kind::OfficialAccount
                && call.param("appid") == Some(&found.account.app_id) =>
        {
            found
        }
        _ => return Ok(wrong("appid is not that of an Official Account", 10013)),
    };
    let asked = match Asked::of(call, &registered) {
        Ok(asked) => asked,
        Err(answer) => return Ok(answer),
    };
    match call.param("person") {
        Some(name) => Ok(asked.redirect(platform, &registered, name)),
        None => Ok(asked.page(platform, &registered)),
    }
}

impl<'a> Asked<'a> {
    fn of(call: &'a Call, registered: &Registered) -> Result<Self, Answer> {
        let redirect = call.param("redirect_uri").unwrap_or_default();
        if !allowed_host(redirect, registered.account.web_domain.as_deref()) {
            return Err(wrong("redirect_uri 域名与后台配置不一致", 10003));
        }
        if call.param("response_type") != Some("code") {
            return Err(wrong("response_type 参数错误", 10004));
        }
        let user_info = match call.param("scope") {
            Some("snsapi_base") => false,
            Some("snsapi_userinfo") => true,
            _ => return Err(wrong("Scope 参数错误或没有 Scope 权限", 10005)),
        };
        let state = call.param("state").unwrap_or_default();
        if state.len() > 128 {
            return Err(wrong("state 参数过长", 10014));
        }
        Ok(Self { call, redirect, user_info })
    }

    fn redirect(&self, platform: &Platform, registered: &Registered, name: &str) -> Answer {
        let separator = if self.redirect.contains('?') { '&' } else { '?' };
        let state = encoded(self.call.param("state").unwrap_or_default());
        if self.call.param("deny").is_some() {
            return Answer::redirect(&format!("{}{separator}state={state}", self.redirect));
        }
        let mut world = platform.world_mut();
        let person = world.person(name);
        let purpose =
            Purpose::Web { user_info: self.user_info, snapshot: self.call.param("snapshot").is_some() };
        let code = world.codes.issue(&registered.account.app_id, person, purpose, self.call.now);
        Answer::redirect(&format!("{}{separator}code={code}&state={state}", self.redirect))
    }

    fn page(&self, platform: &Platform, registered: &Registered) -> Answer {
        let world = platform.world();
        let mut names: Vec<&str> = world.people().map(|person| person.name.as_str()).take(200).collect();
        names.sort_unstable();
        let whose = self.call.phone.as_deref().unwrap_or(names.first().unwrap_or(&"lin"));
        let page = html! {
            h1 { (registered.account.name) }
            p { @if self.user_info { "申请获取你的昵称、头像 · asks for nickname and picture" } @else { "获取你的身份 · asks who you are" } }
            form method="get" {
                @for (name, value) in self.call.query() { input type="hidden" name=(name) value=(value); }
                label { "谁的手机？ Whose phone? " input name="person" list="people" required #whose value=(whose); }
                datalist id="people" { @for name in &names { option value=(name) {} } }
                p { label { input type="checkbox" name="snapshot" value="1"; " 快照页 · snapshot page: a virtual user" } }
                button { "允许 Allow" }
                @if self.user_info { " " button name="deny" value="1" { "拒绝 Deny" } }
            }
        };
        Answer::page(200, document(&page))
    }
}

/// Whether an address of the web is at the configured host; without one, at any.
pub(super) fn allowed_host(redirect: &str, allowed: Option<&str>) -> bool {
    let host = redirect.strip_prefix("https://").or_else(|| redirect.strip_prefix("http://"));
    let host = host.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    host.is_some_and(|host| !host.is_empty() && allowed.is_none_or(|allowed| allowed == host))
}

/// WeChat's own error page for a wrong address.
pub(super) fn wrong(what: &str, code: u32) -> Answer {
    Answer::page(200, document(&html! { h1 { (what) } p { (what) " (" (code) ")" } }))
}

pub(super) fn document(content: &Markup) -> String {
    let document = html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head { meta charset="utf-8"; meta name="viewport" content="width=device-width"; title { "微信登录 · mock-wechat" } style { (PreEscaped(STYLE)) } }
            body { main { (content) } }
        }
    };
    document.into_string()
}

/// Percent-encoded as a query value.
pub(super) fn encoded(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
