//! The page on which a person agrees to one template message: WeChat's document "一次性订阅消息".

use maud::html;

use super::{
    authorize::{allowed_host, document, encoded, wrong},
    call::{Answer, Call},
    error::ApiError,
};
use crate::{
    platform::Platform,
    world::{Registered, account::Kind},
};

/// `GET /mp/subscribemsg?action=get_confirm&appid=&scene=&template_id=&redirect_url=&reserved=` on the page's host: a page;
/// with `person` too (and `cancel=1`), as its buttons send it and a test may, the redirection.
pub(super) fn confirm(platform: &Platform, call: &Call) -> Result<Answer, ApiError> {
    let app_id = call.param("appid").unwrap_or_default();
    let registered = platform.world().account(app_id).cloned();
    let Some(registered) =
        registered.filter(|one| one.account.kind == Kind::OfficialAccount && one.account.app_id == app_id)
    else {
        return Ok(wrong("appid is not that of an Official Account", 40013));
    };
    let redirect = call.param("redirect_url").unwrap_or_default();
    if !allowed_host(redirect, registered.account.web_domain.as_deref()) {
        return Ok(wrong("redirect_url 域名与后台配置不一致", 10003));
    }
    let scene =
        call.param("scene").and_then(|scene| scene.parse().ok()).filter(|scene: &u32| *scene <= 10_000);
    let (Some(scene), Some(template_id)) = (scene, call.param("template_id")) else {
        return Ok(wrong("scene (0 to 10000) or template_id is missing", 40097));
    };
    match call.param("person") {
        Some(name) => Ok(answered(platform, call, &registered, name, redirect, scene, template_id)),
        None => Ok(page(platform, call, &registered)),
    }
}

fn answered(
    platform: &Platform,
    call: &Call,
    registered: &Registered,
    name: &str,
    redirect: &str,
    scene: u32,
    template_id: &str,
) -> Answer {
    let mut world = platform.world_mut();
    let person = world.person(name);
    let cancels = call.param("cancel").is_some();
    if !cancels {
        world.templates.consent(person, &registered.account.app_id, template_id, true);
    }
    let action = if cancels { "cancel" } else { "confirm" };
    let separator = if redirect.contains('?') { '&' } else { '?' };
    let (open_id, template_id) = (registered.open_ids.seal(person), encoded(template_id));
    let reserved =
        call.param("reserved").map(|kept| format!("&reserved={}", encoded(kept))).unwrap_or_default();
    Answer::redirect(&format!(
        "{redirect}{separator}openid={open_id}&template_id={template_id}&action={action}&scene={scene}{reserved}"
    ))
}

fn page(platform: &Platform, call: &Call, registered: &Registered) -> Answer {
    let world = platform.world();
    let mut names: Vec<&str> = world.people().map(|person| person.name.as_str()).take(200).collect();
    names.sort_unstable();
    let whose = call.phone.as_deref().unwrap_or(names.first().unwrap_or(&"lin"));
    let page = html! {
        h1 { (registered.account.name) }
        p { "申请给你发送一条消息 · asks to send you one message" }
        form method="get" {
            @for (name, value) in call.query() { input type="hidden" name=(name) value=(value); }
            label { "谁的手机？ Whose phone? " input name="person" list="people" required value=(whose); }
            datalist id="people" { @for name in &names { option value=(name) {} } }
            button { "确认 Confirm" }
            button name="cancel" value="1" { "取消 Cancel" }
        }
    };
    Answer::page(200, document(&page))
}
