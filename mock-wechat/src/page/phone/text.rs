//! A text cut into words and links, as WeChat shows it: `<a href>` with its variants, and bare addresses.
//!
//! Only links to http and https become links; everything else stays the text that it is.

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Words(&'a str),
    /// Opens a page.
    Link {
        url: &'a str,
        label: &'a str,
    },
    /// Opens a mini-program.
    MiniProgram {
        app_id: &'a str,
        path: &'a str,
        label: &'a str,
    },
    /// Sends this text as if it had been written: `weixin://bizmsgmenu?msgmenucontent=…&msgmenuid=…`.
    Reply {
        content: String,
        id: String,
        label: &'a str,
    },
}

/// Cuts a text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, anchor)) = next_anchor(rest) {
        push_words(&mut pieces, before);
        match piece(&anchor) {
            Some(piece) => pieces.push(piece),
            None => pieces.push(Piece::Words(anchor.whole)),
        }
        rest = anchor.rest;
    }
    push_words(&mut pieces, rest);
    pieces
}

/// `<a …>label</a>`
struct Anchor<'a> {
    whole: &'a str,
    attributes: &'a str,
    label: &'a str,
    rest: &'a str,
}

fn next_anchor(text: &str) -> Option<(&str, Anchor<'_>)> {
    let mut from = 0;
    loop {
        let start = from + find_ignoring_case(&text[from..], "<a")?;
        let inner = &text[start + 2..];
        if !inner.starts_with(char::is_whitespace) {
            from = start + 2;
            continue;
        }
        let (attributes, behind) = inner.split_once('>')?;
        let end = find_ignoring_case(behind, "</a>")?;
        let rest = &behind[end + 4..];
        let whole = &text[start..text.len() - rest.len()];
        return Some((&text[..start], Anchor { whole, attributes, label: &behind[..end], rest }));
    }
}

fn piece<'a>(anchor: &Anchor<'a>) -> Option<Piece<'a>> {
    let label = anchor.label;
    if let Some(app_id) = attribute(anchor.attributes, "data-miniprogram-appid") {
        let path = attribute(anchor.attributes, "data-miniprogram-path").unwrap_or_default();
        return Some(Piece::MiniProgram { app_id, path, label });
    }
    let url = attribute(anchor.attributes, "href")?.trim();
    if let Some(query) = url.strip_prefix("weixin://bizmsgmenu?") {
        let query = query.replace("&amp;", "&");
        let uri: axum::http::Uri = format!("/?{query}").parse().ok()?;
        let pairs = crate::page::form::pairs(&uri);
        let value = |name| pairs.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        return Some(Piece::Reply { content: value("msgmenucontent")?, id: value("msgmenuid")?, label });
    }
    is_web(url).then_some(Piece::Link { url, label })
}

/// Whether a browser may be sent there: no script, no file, nothing else that an address can do.
pub(super) fn is_web(url: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| find_ignoring_case(url, scheme) == Some(0))
}

fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = attributes;
    loop {
        let (key, behind) = rest.split_once('=')?;
        let behind = behind.trim_start();
        let quote = behind.chars().next()?;
        let (value, after) = if quote == '"' || quote == '\'' {
            behind[1..].split_once(quote)?
        } else {
            behind.split_once(char::is_whitespace).unwrap_or((behind, ""))
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = after;
    }
}

/// Words, with bare addresses among them as links.
fn push_words<'a>(pieces: &mut Vec<Piece<'a>>, text: &'a str) {
    let mut rest = text;
    while let Some(start) = ["http://", "https://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let url = &rest[start..];
        let end = url.find(|c: char| !is_of_address(c)).unwrap_or(url.len());
        let url = url[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
        if start > 0 {
            pieces.push(Piece::Words(&rest[..start]));
        }
        pieces.push(Piece::Link { url, label: url });
        rest = &rest[start + url.len()..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
}

fn is_of_address(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"')
}

/// Case of ASCII letters only, so that positions stay.
fn find_ignoring_case(text: &str, what: &str) -> Option<usize> {
    text.as_bytes().windows(what.len()).position(|window| window.eq_ignore_ascii_case(what.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn anchors_and_bare_addresses_become_links() {
        assert_eq!(
            pieces("欢迎！<a href=\"https://example.com/join?a=1\">立即入会</a>，或 http://example.com/a。"),
            [
                Piece::Words("欢迎！"),
                Piece::Link { url: "https://example.com/join?a=1", label: "立即入会" },
                Piece::Words("，或 "),
                Piece::Link { url: "http://example.com/a", label: "http://example.com/a" },
                Piece::Words("。"),
            ]
        );
    }

    #[test]
    fn links_to_mini_programs_and_to_replies_are_told_apart() {
        assert_eq!(
            pieces(
                "<a href='http://x.example' data-miniprogram-appid=\"wx1\" data-miniprogram-path='p/a?b=1'>go</a>"
            ),
            [Piece::MiniProgram { app_id: "wx1", path: "p/a?b=1", label: "go" }]
        );
        assert_eq!(
            pieces("<a href=\"weixin://bizmsgmenu?msgmenucontent=%E5%A5%BD&msgmenuid=101\">好</a>"),
            [Piece::Reply { content: "好".into(), id: "101".into(), label: "好" }]
        );
    }

    #[test]
    fn what_is_no_address_of_the_web_stays_text() {
        for text in [
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\" data:text/html,x\">x</a>",
            "<script>alert(1)</script>",
            "<a href=\"https://unfinished",
            "<abbr>a < b</abbr>",
        ] {
            let all: String = pieces(text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Words(words) => words,
                    Piece::Link { url, .. } => url,
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(all, text);
            assert!(!pieces(text).iter().any(|p| matches!(p, Piece::Link { url, .. } if !is_web(url))));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_cutter_panic(text in "(<a |</a>|href=|\"|'|>|https://|好|.){0,40}") {
            let _ = pieces(&text);
        }
    }
}
