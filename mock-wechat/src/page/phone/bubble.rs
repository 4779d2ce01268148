//! One message as a phone shows it.

use maud::{Markup, html};
use serde_json::Value;

use super::{
    act, avatar, consent,
    text::{Piece, is_web, pieces},
};
use crate::{
    page::{
        given::Page,
        icons,
        view::{Sheet, encode},
    },
    world::{
        Registered,
        chat::{Author, FAULT_LINE, Message},
    },
};

/// A line of the chat: a bubble beside a picture, or a grey line.
pub(super) fn bubble(page: &Page<'_>, open: &Registered, message: &Message) -> Markup {
    let id = format!("m-{}", message.id);
    match (message.from, message.kind.as_str()) {
        (Author::Wechat, "payment" | "refund") => {
            html! { li.line id=(id) { (receipt(page, open, message)) } }
        }
        (Author::Wechat, _) => {
            let text = message.text.as_deref().unwrap_or_default();
            html! { li.line.notice .fault[text == FAULT_LINE] id=(id) { span { (shown_text(page, message, text)) } } }
        }
        (Author::Person, _) => html! {
            li.said.mine id=(id) { div.content { (content(page, open, message)) } (avatar(&page.view.person)) }
        },
        (Author::Account, _) => html! {
            li.said.theirs id=(id) data-via=(message.via) { (avatar(&open.account.name)) div.content { (content(page, open, message)) } }
        },
    }
}

/// WeChat's own line is in the language of the phone.
pub(super) fn shown_text<'a>(page: &Page<'_>, message: &Message, text: &'a str) -> &'a str {
    if message.from == Author::Wechat && text == FAULT_LINE { page.words.fault_line } else { text }
}

/// What a message is, in a word.
pub(super) fn kind_name<'a>(page: &Page<'_>, message: &'a Message) -> &'a str {
    let words = page.words;
    match message.kind.as_str() {
        "image" => words.image,
        "voice" => words.voice,
        "video" | "shortvideo" => words.video,
        "music" => words.music,
        "wxcard" => words.card,
        "location" => words.send_location,
        "payment" => words.paid,
        "refund" => words.refunded,
        "news" => news(message).into_iter().next().map_or("news", |article| field(article, &["title"])),
        "miniprogrampage" | "mpnewsarticle" | "link" => more(message, &["title"]),
        "msgmenu" => more(message, &["head_content"]),
        other => other,
    }
}

fn content(page: &Page<'_>, open: &Registered, message: &Message) -> Markup {
    let title = || kind_name(page, message);
    match message.kind.as_str() {
        "text" => html! { div.bubble { (text(page, open, message.text.as_deref().unwrap_or_default())) } },
        "news" => {
            html! { div.card.news { @for (n, article) in news(message).into_iter().enumerate() { (news_item(page, n == 0, article)) } } }
        }
        "link" => news_item(page, true, &Value::Object(message.more.clone())),
        "template" => template(page, message),
        "image" => picture(page, open, title(), message),
        "voice" => {
            html! { div.bubble.voice { span.waves aria-hidden="true" { i {} i {} i {} } (title()) " " small { (more(message, &["media_id"])) } } }
        }
        "video" | "music" | "shortvideo" => html! {
            div.card.media {
                span.play aria-hidden="true" {}
                div { b { @match more(message, &["title"]) { "" => (title()), named => (named) } } p { (more(message, &["description"])) } small { (more(message, &["media_id", "musicurl", "music_url"])) } }
            }
        },
        "miniprogrampage" => mini_program_card(page, message),
        "msgmenu" => message_menu(page, open, message),
        "location" => {
            html! { div.card.place { b { @match more(message, &["label"]) { "" => (title()), label => (label) } } small { (number(message, "latitude")) ", " (number(message, "longitude")) } (icons::PLACE.draw()) } }
        }
        kind => html! {
            div.card.other { b { (kind) } pre { (serde_json::to_string_pretty(&message.more).unwrap_or_default()) } }
        },
    }
}

fn text(page: &Page<'_>, open: &Registered, content: &str) -> Markup {
    html! {
        @for piece in pieces(content) { @match piece {
            Piece::Words(words) => (words),
            Piece::Link { url, label } => (to_page(page, url, "", &html! { (label) })),
            Piece::MiniProgram { app_id, path, label } => (to_mini_program(page, app_id, path, &html! { (label) })),
            Piece::Reply { content, id, label } => (reply(page, open, &content, &id, label)),
        } }
    }
}

/// A link to a page. Where WeChat would ask who one is, the phone does.
fn to_page(page: &Page<'_>, url: &str, class: &str, label: &Markup) -> Markup {
    let class = (!class.is_empty()).then_some(class);
    if consent::authorization_query(url).is_some() {
        let link = page.view.go(|view| (view.sheet, view.page) = (Some(Sheet::Authorize), url.to_owned()));
        return html! { a class=[class] href=(link) { (label) } };
    }
    html! { a class=[class] href=(url) target="_blank" rel="noreferrer noopener" { (label) } }
}

/// A link to a mini-program, or only its label where nobody knows it.
fn to_mini_program(page: &Page<'_>, app_id: &str, path: &str, label: &Markup) -> Markup {
    let Some(known) = page.world.account(app_id) else {
        return html! { span.unknown title=(app_id) { (label) } };
    };
    let link = page.view.go(|view| {
        view.chat = known.account.name.clone();
        view.page = path.to_owned();
        view.desk = false;
    });
    html! { a href=(link) { (label) } }
}

/// A choice that is sent as a text.
fn reply(page: &Page<'_>, open: &Registered, content: &str, id: &str, label: &str) -> Markup {
    act(
        page,
        "text",
        &open.account.name,
        &[("content", content), ("menu_id", id)],
        &html! { button.link { (label) } },
    )
}

fn message_menu(page: &Page<'_>, open: &Registered, message: &Message) -> Markup {
    let list = message.more.get("list").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    html! {
        div.bubble.choices {
            (text(page, open, more(message, &["head_content"])))
            ul { @for choice in list {
                @let content = field(choice, &["content"]);
                @let id = choice.get("id").map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)).unwrap_or_default();
                li { (reply(page, open, content, &id, content)) }
            } }
            (text(page, open, more(message, &["tail_content"])))
        }
    }
}

fn mini_program_card(page: &Page<'_>, message: &Message) -> Markup {
    let app_id = more(message, &["appid", "app_id"]);
    let name = page.world.account(app_id).map_or(app_id, |known| known.account.name.as_str());
    let inner = html! {
        span.from { (icons::MINI.draw()) (name) }
        b { (more(message, &["title"])) }
        span.cover aria-hidden="true" {}
        small { (icons::MINI.draw()) (page.words.mini_programs) }
    };
    html! { div.card.mini { (to_mini_program(page, app_id, more(message, &["pagepath", "path"]), &inner)) } }
}

fn news_item(page: &Page<'_>, first: bool, article: &Value) -> Markup {
    let (title, url) = (field(article, &["title"]), field(article, &["url"]));
    let description = field(article, &["description"]);
    let picture = field(article, &["picurl", "pic_url", "thumb_url"]);
    let inner = html! {
        span.cover aria-hidden="true" { @if is_web(picture) { img src=(picture) alt="" loading="lazy" referrerpolicy="no-referrer"; } }
        span.words { b { (title) } @if !description.is_empty() && first { small { (description) } } }
    };
    html! {
        @if is_web(url) { (to_page(page, url, if first { "article first" } else { "article" }, &inner)) }
        @else { span.article .first[first] { (inner) } }
    }
}

/// A template or subscription message: title, the filled words, and where it leads.
fn template(page: &Page<'_>, message: &Message) -> Markup {
    let mini_program = message.more.get("miniprogram");
    let path = mini_program.map_or_else(|| more(message, &["page"]), |m| field(m, &["pagepath", "path"]));
    let app_id = mini_program.map_or("", |m| field(m, &["appid"]));
    let url = more(message, &["url"]);
    let leads = html! { (page.words.details) (icons::CHEVRON.draw()) };
    html! {
        div.card.template {
            b { (more(message, &["title"])) }
            p { (message.text.as_deref().unwrap_or_default()) }
            @if is_web(url) { (to_page(page, url, "more", &leads)) }
            @else if !app_id.is_empty() { (to_mini_program(page, app_id, path, &html! { span.more { (leads) } })) }
            @else if !path.is_empty() { span.more { code { (path) } } }
        }
    }
}

/// A picture by its address or as an upload; a placeholder where there is neither.
fn picture(page: &Page<'_>, open: &Registered, title: &str, message: &Message) -> Markup {
    let (app_id, media_id) = (&open.account.app_id, more(message, &["media_id"]));
    let address = more(message, &["pic_url", "picurl", "url"]);
    let upload = page.world.media.find(app_id, media_id, page.now.div_euclid(1000));
    let url = match upload {
        Some(_) => format!("/_mock/page/media/{app_id}/{}", encode(media_id)),
        None => address.to_owned(),
    };
    html! {
        figure.picture {
            @if upload.is_some() || is_web(&url) { img src=(url) alt=(title) loading="lazy" referrerpolicy="no-referrer"; }
            @else { span.cover role="img" aria-label=(title) {} }
            @if !media_id.is_empty() { figcaption { (media_id) } }
        }
    }
}

fn receipt(page: &Page<'_>, open: &Registered, message: &Message) -> Markup {
    let fen = message.more.get("fen").and_then(Value::as_u64).unwrap_or(0);
    let order = more(message, &["out_trade_no"]);
    let paid = message.kind == "payment";
    html! {
        div.receipt {
            h3 { (page.words.paid) }
            small { @if paid { (page.words.paid_out) } @else { (page.words.refunded) } }
            p.amount { "¥" (fen / 100) "." (format!("{:02}", fen % 100)) }
            @if !order.is_empty() {
                p { small { (page.words.order) " " (order) } }
                @if paid { (act(page, "refund", &open.account.name, &[("out_trade_no", order)], &html! { button.link { (page.words.refund) } })) }
            }
        }
    }
}

fn news(message: &Message) -> Vec<&Value> {
    message
        .more
        .get("articles")
        .and_then(Value::as_array)
        .map(|list| list.iter().collect())
        .unwrap_or_default()
}

/// The first of these that is there and not empty.
fn more<'a>(message: &'a Message, names: &[&str]) -> &'a str {
    let values = names.iter().filter_map(|name| message.more.get(*name)?.as_str());
    values.into_iter().find(|value| !value.is_empty()).unwrap_or_default()
}

fn field<'a>(value: &'a Value, names: &[&str]) -> &'a str {
    let values = names.iter().filter_map(|name| value.get(*name)?.as_str());
    values.into_iter().find(|value| !value.is_empty()).unwrap_or_default()
}

fn number(message: &Message, name: &str) -> f64 {
    message.more.get(name).and_then(Value::as_f64).unwrap_or_default()
}
