//! The passive reply: what goes back in the response to a push.
//!
//! WeChat shows an error line in place of a reply that it cannot read, so whatever a person or a template put into a
//! message must come out as text: CDATA is split where it would end, and what XML 1.0 cannot carry is left out.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::json;

use crate::account::Format;
use crate::ledger::{Article, Message};

/// Bytes of UTF-8 in a text; WeChat drops a longer one.
pub const MAX_TEXT: usize = 2048;
/// Cards in one reply.
const MAX_ARTICLES: usize = 8;

/// Writes a message as the body of a response, before encryption.
///
/// `to` is the push's `FromUserName`, `from` its `ToUserName`; `create_time` is unix seconds. A text without a visible
/// character, or no cards at all, cannot be shown and is answered with the bare `success`.
#[must_use]
pub(super) fn passive(message: &Message, to: &str, from: &str, create_time: i64, format: Format) -> String {
    let message = match message {
        Message::Text { content } => match carried(content) {
            content if content.trim().is_empty() => return "success".into(),
            content => Content::Text(content),
        },
        Message::Image { media_id } => Content::Image(media_id),
        Message::News { articles } if articles.is_empty() => return "success".into(),
        Message::News { articles } => Content::News(&articles[..articles.len().min(MAX_ARTICLES)]),
    };
    match format {
        Format::Xml => xml(&message, to, from, create_time),
        Format::Json => json(&message, to, from, create_time),
    }
}

/// The longest beginning of `content` that WeChat accepts: at most [`MAX_TEXT`] bytes, cut between characters, and not
/// inside a link.
#[must_use]
pub fn fitting(content: &str) -> &str {
    if content.len() <= MAX_TEXT {
        return content;
    }
    let cut = content.floor_char_boundary(MAX_TEXT);
    // The last link that begins before the cut, though it may be cut inside its "<a ".
    let beginnings = &content.as_bytes()[..content.len().min(cut + 2)];
    match beginnings.windows(3).rposition(|three| three == b"<a ") {
        // A link that alone is too long cannot be kept whole anyway.
        Some(link @ 1..) if !content[link..cut].contains("</a>") => &content[..link],
        _ => &content[..cut],
    }
}

/// A message that can be shown.
enum Content<'a> {
    Text(Cow<'a, str>),
    Image(&'a str),
    News(&'a [Article]),
}

impl Content<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Image(_) => "image",
            Self::News(_) => "news",
        }
    }
}

fn xml(message: &Content<'_>, to: &str, from: &str, create_time: i64) -> String {
    let length = match message {
        Content::Text(content) => content.len(),
        Content::Image(media_id) => media_id.len(),
        Content::News(articles) => articles.len() * 512,
    };
    let mut out = String::with_capacity(length + 320);
    out.push_str("<xml>");
    element(&mut out, "ToUserName", to);
    element(&mut out, "FromUserName", from);
    // Writing to a String cannot fail.
    let _ = write!(out, "<CreateTime>{create_time}</CreateTime>");
    element(&mut out, "MsgType", message.kind());
    match message {
        Content::Text(content) => element(&mut out, "Content", fitting(content)),
        Content::Image(media_id) => {
            out.push_str("<Image>");
            element(&mut out, "MediaId", media_id);
            out.push_str("</Image>");
        }
        Content::News(articles) => {
            let _ = write!(out, "<ArticleCount>{}</ArticleCount><Articles>", articles.len());
            for article in *articles {
                out.push_str("<item>");
                element(&mut out, "Title", &carried(&article.title));
                element(&mut out, "Description", &carried(&article.description));
                element(&mut out, "PicUrl", &carried(&article.pic_url));
                element(&mut out, "Url", &carried(&article.url));
                out.push_str("</item>");
            }
            out.push_str("</Articles>");
        }
    }
    out.push_str("</xml>");
    out
}

/// Writes `<name><![CDATA[value]]></name>`.
fn element(out: &mut String, name: &str, value: &str) {
    out.extend(["<", name, "><![CDATA["]);
    if value.contains(']') {
        let mut pieces = value.split("]]>");
        out.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            out.extend(["]]]]><![CDATA[>", piece]);
        }
    } else {
        // As nearly always: to look for one octet costs less than to get ready to look for three.
        out.push_str(value);
    }
    out.extend(["]]></", name, ">"]);
}

fn json(message: &Content<'_>, to: &str, from: &str, create_time: i64) -> String {
    let mut reply = json!({
        "ToUserName": to,
        "FromUserName": from,
        "CreateTime": create_time,
        "MsgType": message.kind(),
    });
    match message {
        Content::Text(content) => reply["Content"] = fitting(content).into(),
        Content::Image(media_id) => reply["Image"] = json!({ "MediaId": media_id }),
        Content::News(articles) => {
            reply["ArticleCount"] = articles.len().into();
            reply["Articles"] = articles
                .iter()
                .map(|article| {
                    json!({
                        "Title": carried(&article.title),
                        "Description": carried(&article.description),
                        "PicUrl": carried(&article.pic_url),
                        "Url": carried(&article.url),
                    })
                })
                .collect();
        }
    }
    reply.to_string()
}

/// The text as XML 1.0 can carry it: without control characters and noncharacters, every line end a line feed (which is
/// what an XML reader makes of the others). The same in JSON, so that a person reads the same from either.
fn carried(text: &str) -> Cow<'_, str> {
    // Without stopping at the first, which lets the compiler look at many octets at a time. EF BF begins U+FFFE and
    // U+FFFF; other characters that begin with it take the slow way and stay.
    let octets = text.as_bytes();
    let control = octets.iter().fold(false, |any, b| any | (*b < b' ' && *b != b'\n' && *b != b'\t'));
    let noncharacter = octets.windows(2).fold(false, |any, two| any | (two == [0xEF, 0xBF]));
    if !control && !noncharacter {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            '\n' | '\t' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    const TO: &str = "oMkbrand0000000000000000linA";
    const FROM: &str = "gh_0000000000aa";

    fn text(content: &str) -> Message {
        Message::Text { content: content.into() }
    }

    fn written(message: &Message) -> String {
        passive(message, TO, FROM, 1_760_000_001, Format::Xml)
    }

    /// The text of all elements of a name, as an XML reader sees it.
    fn values(xml: &str, name: &str) -> Vec<String> {
        let mut reader = Reader::from_str(xml);
        let (mut path, mut found) = (Vec::new(), Vec::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) => {
                    path.push(tag.name().as_ref().to_owned());
                    if tag.name().as_ref() == name {
                        found.push(String::new());
                    }
                }
                Event::End(_) => drop(path.pop()),
                Event::CData(piece) if path.last().is_some_and(|last| last == name) => {
                    found.last_mut().unwrap().push_str(&piece.xml10_content());
                }
                Event::Text(piece) if path.last().is_some_and(|last| last == name) => {
                    found.last_mut().unwrap().push_str(&piece.xml10_content());
                }
                Event::Eof => return found,
                _ => {}
            }
        }
    }

    #[test]
    fn a_text_is_written_as_wechat_documents_it() {
        assert_eq!(
            written(&text("欢迎加入会员")),
            "<xml><ToUserName><![CDATA[oMkbrand0000000000000000linA]]></ToUserName>\
             <FromUserName><![CDATA[gh_0000000000aa]]></FromUserName><CreateTime>1760000001</CreateTime>\
             <MsgType><![CDATA[text]]></MsgType><Content><![CDATA[欢迎加入会员]]></Content></xml>"
        );
    }

    #[test]
    fn an_image_is_written_as_wechat_documents_it() {
        let xml = written(&Message::Image { media_id: "3xYz".into() });

        assert!(xml.ends_with(
            "<MsgType><![CDATA[image]]></MsgType><Image><MediaId><![CDATA[3xYz]]></MediaId></Image></xml>"
        ));
    }

    #[test]
    fn cards_are_written_as_wechat_documents_them_and_eight_at_most() {
        let article = Article {
            title: "会员礼包".into(),
            description: "100 积分".into(),
            url: "https://m.example.com/gift".into(),
            pic_url: "https://img.example.com/a.jpg".into(),
        };

        let one = written(&Message::News { articles: vec![article.clone()] });
        let nine = written(&Message::News { articles: vec![article; 9] });

        assert!(one.ends_with(
            "<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>\
             <Title><![CDATA[会员礼包]]></Title><Description><![CDATA[100 积分]]></Description>\
             <PicUrl><![CDATA[https://img.example.com/a.jpg]]></PicUrl><Url><![CDATA[https://m.example.com/gift]]></Url>\
             </item></Articles></xml>"
        ));
        assert_eq!(values(&nine, "ArticleCount"), ["8"]);
        assert_eq!(values(&nine, "Title").len(), 8);
    }

    #[test]
    fn a_json_account_is_answered_in_json() {
        let reply = passive(&text("a\"]]>\u{8}"), TO, FROM, 1_760_000_001, Format::Json);

        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&reply).unwrap(),
            json!({"ToUserName": TO, "FromUserName": FROM, "CreateTime": 1_760_000_001, "MsgType": "text",
                "Content": "a\"]]>"})
        );
    }

    #[test]
    fn what_cannot_be_shown_is_no_reply() {
        for message in
            [text(""), text(" \n\t "), text("\u{1}\u{fffe}"), Message::News { articles: Vec::new() }]
        {
            assert_eq!(written(&message), "success", "{message:?}");
        }
    }

    #[test]
    fn names_from_the_wild_come_out_as_they_went_in() {
        for name in [
            "$1 \\ ]]> & < {{ }}",
            "]]>]]>]]>",
            "]]",
            "]",
            ">",
            "]]]]>>",
            "\u{202e}RTL\u{202c}",
            "👩‍👩‍👧",
            "&amp;",
        ] {
            assert_eq!(values(&written(&text(name)), "Content"), [name]);
        }
    }

    #[test]
    fn what_xml_cannot_carry_is_left_out() {
        assert_eq!(values(&written(&text("a\0b\u{b}\u{1b}c\u{fffe}\u{ffff}d｡")), "Content"), ["abcd｡"]);
        for alone in ["\0", "\u{b}", "\u{1f}", "\u{fffe}", "\u{ffff}"] {
            assert_eq!(values(&written(&text(&format!("a{alone}b"))), "Content"), ["ab"], "{alone:?}");
        }
        assert_eq!(values(&written(&text("1\r\n2\r3\n4")), "Content"), ["1\n2\n3\n4"]);
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        let long = "分".repeat(700);

        assert_eq!(fitting(&long).len(), 2046);
        assert_eq!(fitting(&"x".repeat(2048)).len(), 2048);
        assert_eq!(fitting(&"x".repeat(2049)).len(), 2048);
    }

    #[test]
    fn a_long_text_is_not_cut_inside_a_link() {
        let link = r#"<a href="https://m.example.com/join">立即入会</a>"#;
        let with = |before: usize| format!("{}{link}", "x".repeat(before));
        let kept = |before: usize| fitting(&with(before)).len();

        assert_eq!(kept(2048 - link.len()), 2048, "a link that just fits");
        for before in 2049 - link.len()..2048 {
            assert_eq!(kept(before), before, "a link after {before} bytes");
        }
        assert_eq!(fitting(&format!("{link}{}", "x".repeat(3000))).len(), 2048, "a link that ended before");
        assert_eq!(fitting(&format!("<a href=\"{}\">", "x".repeat(3000))).len(), 2048, "nothing but a link");
        assert_eq!(fitting(&"<ab".repeat(1000)).len(), 2048, "no link");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_it_was_written(content in any::<String>()) {
            let carried: String = content
                .replace("\r\n", "\n")
                .replace('\r', "\n")
                .chars()
                .filter(|&c| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..))
                .collect();
            prop_assume!(!carried.trim().is_empty());

            let xml = written(&text(&content));

            prop_assert_eq!(values(&xml, "Content"), [fitting(&carried)]);
            prop_assert_eq!(values(&xml, "ToUserName"), [TO]);
        }

        #[test]
        fn text_full_of_markup_is_read_back_as_it_was_written(
            pieces in proptest::collection::vec(
                proptest::sample::select(vec!["]]>", "]]", ">", "<![CDATA[", "</xml>", "&", "x", "<a ", "</a>"]), 1..900),
        ) {
            let content = pieces.concat();

            let read = values(&written(&text(&content)), "Content");

            prop_assert_eq!(read, [fitting(&content)]);
        }

        #[test]
        fn a_cut_text_fits_and_is_a_beginning_of_the_whole(content in "(<a |</a>|分|x){0,1500}") {
            let cut = fitting(&content);

            prop_assert!(cut.len() <= MAX_TEXT);
            prop_assert!(content.starts_with(cut));
            prop_assert!(content.is_empty() || !cut.is_empty());
        }
    }
}
