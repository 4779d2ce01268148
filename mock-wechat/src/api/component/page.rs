//! The page on which an account's owner authorises a third-party platform. WeChat knows who scans it; the mock asks which
//! account it is for.

use std::sync::Arc;

use maud::html;

use crate::{
    api::{
        authorize::{allowed_host, document, encoded, wrong},
        call::{Answer, Call},
        error::ApiError,
    },
    platform::Platform,
    push::Push,
    world::{
        Registered, World,
        account::Kind,
        components::{AUTH_CODE_LIFE, functions},
    },
};

/// What the page is asked for.
struct Asked<'a> {
    call: &'a Call,
    component: Arc<Registered>,
    redirect: &'a str,
    pre_auth_code: &'a str,
}

/// `GET /cgi-bin/componentloginpage?component_appid=&pre_auth_code=&redirect_uri=&auth_type=&biz_appid=`, and for phones
/// `/safe/bindcomponent?action=bindcomponent&...`: a page; with `account` too (and a `function` for each permission set that
/// is given, without one all), as the page's button sends it and a test may, the redirection.
pub(in crate::api) fn authorize(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let asked = match Asked::of(&platform.world(), call) {
        Ok(asked) => asked,
        Err(page) => return Ok(page),
    };
    let Some(account) = call.param("account") else { return Ok(asked.page(&platform.world())) };
    let chosen = platform.world().account(account).filter(|one| asked.takes(one)).cloned();
    match chosen {
        Some(chosen) => Ok(asked.redirect(platform, &chosen)),
        None => Ok(wrong("该帐号不能授权给此第三方平台 · this account cannot be authorised here", 61003)),
    }
}

impl<'a> Asked<'a> {
    fn of(world: &World, call: &'a Call) -> Result<Self, Answer> {
        let app_id = call.param("component_appid").unwrap_or_default();
        let component = world
            .account(app_id)
            .filter(|one| one.account.app_id == app_id && one.account.kind == Kind::Component)
            .ok_or_else(|| wrong("component_appid is not that of a third-party platform", 40013))?;
        let pre_auth_code = call.param("pre_auth_code").unwrap_or_default();
        if !world.components.knows_pre_auth_code(app_id, pre_auth_code, call.now) {
            return Err(wrong("预授权码已失效 · pre_auth_code is unknown or older than ten minutes", 61010));
        }
        let redirect = call.param("redirect_uri").unwrap_or_default();
        if !allowed_host(redirect, component.account.web_domain.as_deref()) {
            return Err(wrong("redirect_uri 域名与第三方平台配置不一致", 10003));
        }
        Ok(Self { call, component: component.clone(), redirect, pre_auth_code })
    }

    /// `auth_type` 1 asks for Official Accounts, 2 for mini-programs, 3 for both; `biz_appid` for one account only.
    fn takes(&self, registered: &Registered) -> bool {
        let account = &registered.account;
        let kind = match self.call.param("auth_type") {
            Some("1") => account.kind == Kind::OfficialAccount,
            Some("2") => account.kind == Kind::MiniProgram,
            _ => account.kind != Kind::Component,
        };
        kind && self.call.param("biz_appid").is_none_or(|only| only == account.app_id)
    }

    fn redirect(&self, platform: &Platform, chosen: &Registered) -> Answer {
        let (now, account) = (self.call.now, &chosen.account);
        let known = functions(account.kind).iter().map(|(id, _)| *id);
        let given: Vec<&str> =
            self.call.query().iter().filter(|(name, _)| name == "function").map(|(_, id)| &**id).collect();
        let granted: Vec<u32> =
            known.filter(|id| given.is_empty() || given.contains(&id.to_string().as_str())).collect();
        let component = &self.component.account.app_id;
        let authorized = platform.world_mut().components.authorize(component, &account.app_id, &granted, now);
        let push = Push::authorized(&self.component, &account.app_id, &authorized, self.pre_auth_code, now);
        let separator = if self.redirect.contains('?') { '&' } else { '?' };
        let code = encoded(&authorized.code);
        Answer::redirect(&format!("{}{separator}auth_code={code}&expires_in={AUTH_CODE_LIFE}", self.redirect))
            .then(push)
    }

    fn page(&self, world: &World) -> Answer {
        let accounts = || world.accounts().filter(|one| self.takes(one)).map(|one| &one.account);
        let page = html! {
            h1 { (self.component.account.name) }
            p { "申请管理你的帐号 · asks to act for your account" }
            @if accounts().next().is_none() { p { "没有可以授权的帐号 · there is no such account" } }
            @for account in accounts() {
                form method="get" {
                    @for (name, value) in self.call.query() { input type="hidden" name=(name) value=(value); }
                    input type="hidden" name="account" value=(account.app_id);
                    h2 { (account.name) }
                    @for (id, name) in functions(account.kind) {
                        p { label { input type="checkbox" name="function" value=(id) checked; " " (name) " (" (id) ")" } }
                    }
                    button id={"authorize-" (account.name)} { "授权 Authorise" }
                }
            }
        };
        Answer::page(200, document(&page))
    }
}
