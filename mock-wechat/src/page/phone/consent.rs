//! What a person is asked to agree to: subscription messages of both kinds of account, and pages that want to know who
//! they are (web OAuth).

use axum::http::Uri;
use maud::{Markup, html};

use super::{act, avatar, given};
use crate::{
    page::{form::pairs, given::Page},
    world::{Registered, account::Kind, templates::Template},
};

/// The question whether an account may send subscription messages, and what was said to it before.
pub(super) fn subscription(page: &Page<'_>, open: &Registered) -> Markup {
    let Page { words, world, .. } = page;
    let account = &open.account;
    let templates: Vec<&Template> = world.templates.of(&account.app_id, true).collect();
    let left =
        |template: &Template| world.templates.consents(page.person, &account.app_id, &template.template_id);
    html! {
        (asking(&account.name, words.consent_asks))
        @if templates.is_empty() { p.hint { (words.consent_none) } } @else {
            form.fields method="post" action="/_mock/page/act/consent" {
                (given(page, &account.name))
                @for template in &templates {
                    input type="hidden" name="asked" value=(template.template_id);
                    label.choice {
                        input type="checkbox" name="template" value=(template.template_id) checked;
                        span.what { b { (template.title) } small { (template.content) } }
                    }
                }
                span.pair { button.button.quiet #consent-refuse name="refuse" value="1" { (words.refuse) } button.button #consent-allow { (words.allow) } }
                p.hint { @if account.kind == Kind::MiniProgram { (words.consent_hint_mini) } @else { (words.consent_hint) } }
            }
            @for template in templates.iter().filter(|template| left(template) > 0) {
                div.held {
                    span { b { (template.title) } " " (left(template)) " " (words.consents_left) }
                    (act(page, "subscribe", &account.name, &[("template_id", &template.template_id), ("withdraw", "true")], &html! { button.link { (words.withdraw) } }))
                }
            }
        }
    }
}

/// The question of a page that wants to know who holds the phone. The page itself opens outside of it.
pub(super) fn authorization(page: &Page<'_>) -> Markup {
    let Page { words, world, view, .. } = page;
    let Some(query) = authorization_query(&view.page) else { return html! {} };
    let parameters = format!("/?{query}").parse::<Uri>().map(|uri| pairs(&uri)).unwrap_or_default();
    let parameter = |name: &str| parameters.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value);
    let account = world.account(parameter("appid")).map(|known| known.account.name.as_str());
    let user_info = parameter("scope") == "snsapi_userinfo";
    let to = |more: &str| {
        let person = crate::page::view::encode(&view.person);
        format!("/connect/oauth2/authorize?{query}&person={person}{more}")
    };
    html! {
        (asking(account.unwrap_or(parameter("appid")), if user_info { words.authorize_userinfo } else { words.authorize_base }))
        p { code.url { (parameter("redirect_uri")) } }
        (leads("authorize-allow", "button", &to(""), if user_info { words.allow } else { words.open_page }))
        @if user_info { (leads("authorize-refuse", "button quiet", &to("&deny=1"), words.refuse)) }
        (leads("authorize-snapshot", "button quiet", &to("&snapshot=1"), words.authorize_snapshot))
        p.hint { (words.authorize_hint) }
    }
}

/// The query of an address where WeChat asks who one is, on WeChat's host or the mock's own.
pub(super) fn authorization_query(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let (_, rest) = rest.split_once("/connect/oauth2/authorize?").filter(|(host, _)| !host.contains('/'))?;
    Some(rest.split('#').next().unwrap_or(rest))
}

fn asking(name: &str, what: &str) -> Markup {
    html! { div.asking { (avatar(name)) p { b { (name) } " " (what) } } }
}

fn leads(id: &str, class: &str, href: &str, label: &str) -> Markup {
    html! { a class=(class) id=(id) href=(href) target="_blank" rel="noreferrer noopener" { (label) } }
}

#[cfg(test)]
mod tests {
    use super::authorization_query;

    #[test]
    fn addresses_at_which_wechat_asks_are_told_from_others() {
        let query = "appid=wx1&scope=snsapi_base";
        for host in ["https://open.weixin.qq.com", "http://127.0.0.1:9090"] {
            let url = format!("{host}/connect/oauth2/authorize?{query}#wechat_redirect");
            assert_eq!(authorization_query(&url), Some(query));
        }
        for other in [
            "https://example.com/a/connect/oauth2/authorize?x=1",
            "https://example.com/connect",
            "weixin://connect/oauth2/authorize?x=1",
        ] {
            assert_eq!(authorization_query(other), None, "{other}");
        }
    }
}
