//! The body as it arrives: XML or JSON, and in it what stands outside the encryption.
//!
//! Nobody has vouched for these bytes yet, so only what WeChat sends is accepted: one root called `xml`, elements, text
//! and CDATA, nothing that a DTD could hide in, nothing after the root, and each of our two elements once.

use std::borrow::Cow;

use serde::Deserialize;

use super::MalformedReason;
use crate::account::Format;
use crate::xml::{Piece, Pieces, is_blank};

/// The deepest and the largest push of compatible mode, with room for nothing more: pictures taken from a menu lie four
/// below the root, eight mass-sent articles have some two hundred elements. The event stage limits each kind further.
const DEEPEST: usize = 5;
const MOST_ELEMENTS: usize = 258;

/// The form of a body, by its first character; content types vary between accounts and relays.
pub(super) fn format(body: &[u8]) -> Result<Format, MalformedReason> {
    match body.trim_ascii_start().first() {
        Some(b'<') => Ok(Format::Xml),
        Some(b'{') => Ok(Format::Json),
        _ => Err(MalformedReason::Body),
    }
}

/// What stands outside the encryption. In compatible mode that is the whole plaintext too, which is passed over.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Outer<'a> {
    /// Original id of the account addressed.
    #[serde(rename = "ToUserName", borrow, default)]
    pub(super) to_user: Option<Cow<'a, str>>,
    /// Ciphertext, base64.
    #[serde(rename = "Encrypt", borrow, default)]
    pub(super) encrypt: Option<Cow<'a, str>>,
}

impl<'a> Outer<'a> {
    pub(super) fn of(body: &'a [u8], format: Format) -> Result<Self, MalformedReason> {
        match format {
            Format::Xml => Self::of_xml(body).ok_or(MalformedReason::Body),
            Format::Json => serde_json::from_slice(body).map_err(|_| MalformedReason::Body),
        }
    }

    fn of_xml(body: &'a [u8]) -> Option<Self> {
        let mut pieces = Pieces::of(std::str::from_utf8(body).ok()?);
        let mut outer = Self::default();
        let mut depth = 0;
        let mut elements = 0;
        let mut place: Option<&mut Option<Cow<'a, str>>> = None;
        while let Some(piece) = pieces.next().ok()? {
            match piece {
                Piece::Declaration(_) => {}
                Piece::Text(text) if is_blank(text) => {}
                // One root, and everything inside it.
                Piece::Open("xml") if elements == 0 => (depth, elements) = (1, 1),
                _ if depth == 0 => return None,
                Piece::Open(name) | Piece::Empty(name) => {
                    if place.is_some() || depth == DEEPEST || elements == MOST_ELEMENTS {
                        return None;
                    }
                    elements += 1;
                    place = if depth == 1 { outer.place(name) } else { None };
                    if place.as_ref().is_some_and(|value| value.is_some()) {
                        return None;
                    }
                    if let Piece::Open(_) = piece {
                        depth += 1;
                    } else if let Some(value) = place.take() {
                        *value = Some(Cow::Borrowed(""));
                    }
                }
                Piece::Close => {
                    depth -= 1;
                    if let Some(value) = place.take() {
                        value.get_or_insert_default();
                    }
                }
                Piece::CData(text) | Piece::Text(text) => put(place.as_deref_mut(), text)?,
                // Text that a person wrote may hold a reference; the two values that count never do.
                Piece::Reference(_) if place.is_none() => {}
                Piece::Reference(_) => return None,
            }
        }
        (elements > 0 && depth == 0).then_some(outer)
    }

    fn place(&mut self, name: &str) -> Option<&mut Option<Cow<'a, str>>> {
        match name {
            "ToUserName" => Some(&mut self.to_user),
            "Encrypt" => Some(&mut self.encrypt),
            _ => None,
        }
    }
}

/// Sets a value that may be set once; text of other elements is dropped.
fn put<'a>(place: Option<&mut Option<Cow<'a, str>>>, text: &'a str) -> Option<()> {
    match place {
        Some(value @ None) => *value = Some(text.into()),
        Some(Some(_)) => return None,
        None => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(body: &str) -> Result<Outer<'_>, MalformedReason> {
        Outer::of(body.as_bytes(), Format::Xml)
    }

    fn outer<'a>(to_user: &'a str, encrypt: &'a str) -> Outer<'a> {
        Outer { to_user: Some(to_user.into()), encrypt: Some(encrypt.into()) }
    }

    #[test]
    fn the_two_values_are_found_however_they_are_written() {
        let right = Ok(outer("gh_1", "a+/="));
        for body in [
            "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[a+/=]]></Encrypt></xml>",
            "<xml><Encrypt>a+/=</Encrypt>\n<ToUserName>gh_1</ToUserName></xml>\n",
            "<?xml version=\"1.0\"?>\n<xml>\n <ToUserName> <![CDATA[gh_1]]> </ToUserName><Encrypt><![CDATA[a+/=]]></Encrypt></xml>",
        ] {
            assert_eq!(xml(body), right, "{body}");
        }
        for body in [
            r#"{"ToUserName":"gh_1","Encrypt":"a+/="}"#,
            r#" {"Encrypt":"a+\/=","More":[1],"ToUserName":"gh_1"} "#,
        ] {
            assert_eq!(Outer::of(body.as_bytes(), Format::Json), right, "{body}");
        }
    }

    #[test]
    fn the_plaintext_of_compatible_mode_is_passed_over() {
        let body = "<xml><ToUserName>gh_1</ToUserName><Content>a &lt; b</Content><Empty/><ScanCodeInfo><ScanType>qrcode\
                    </ScanType><Encrypt>no</Encrypt><ToUserName>no</ToUserName></ScanCodeInfo><Encrypt>yes</Encrypt></xml>";

        assert_eq!(xml(body), Ok(outer("gh_1", "yes")));
    }

    #[test]
    fn the_deepest_and_the_largest_push_are_passed_over() {
        let deep = "<xml><a><b><c><d>x</d></c></b></a><Encrypt>yes</Encrypt></xml>";
        let wide =
            format!("<xml>{}<Encrypt>yes</Encrypt></xml>", "<a/><a></a>".repeat(MOST_ELEMENTS / 2 - 1));

        for body in [deep, &wide] {
            assert_eq!(xml(body).map(|outer| outer.encrypt), Ok(Some("yes".into())), "{body}");
        }
    }

    #[test]
    fn an_empty_element_is_an_empty_value() {
        for body in
            ["<xml><ToUserName/><Encrypt/></xml>", "<xml><ToUserName></ToUserName><Encrypt></Encrypt></xml>"]
        {
            assert_eq!(xml(body), Ok(outer("", "")), "{body}");
        }
    }

    #[test]
    fn what_wechat_never_sends_is_refused() {
        let deep = format!("<xml>{}", "<a>".repeat(100_000));
        let wide = format!("<xml>{}</xml>", "<a></a>".repeat(MOST_ELEMENTS));
        let wide_and_empty = format!("<xml>{}</xml>", "<a/>".repeat(MOST_ELEMENTS));
        let laughs =
            r#"<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>"#;
        for body in [
            "",
            "<",
            "<xml>",
            "<xml><Encrypt>a</Encrypt>",
            "<xml><Encrypt>a</xml></Encrypt>",
            "<root><Encrypt>a</Encrypt></root>",
            "<xml/>",
            "<xml><Encrypt>a</Encrypt></xml><xml></xml>",
            "<xml><Encrypt>a</Encrypt></xml>more",
            "<xml><Encrypt>a</Encrypt><Encrypt>a</Encrypt></xml>",
            "<xml><Encrypt></Encrypt><Encrypt>a</Encrypt></xml>",
            "<xml><Encrypt>a<![CDATA[b]]></Encrypt></xml>",
            "<xml><Encrypt>a<b/></Encrypt></xml>",
            "<xml a=\"b\"><Encrypt>a</Encrypt></xml>",
            "<xml><Encrypt a=\"b\">a</Encrypt></xml>",
            "<xml><Encrypt>a</Encrypt><b c=\"d\"/></xml>",
            "<xml><Encrypt>a<b>c</b></Encrypt></xml>",
            "<xml><Encrypt>a&#43;</Encrypt></xml>",
            "<xml><Encrypt>a&x;</Encrypt></xml>",
            "<xml><!-- a --><Encrypt>a</Encrypt></xml>",
            "<xml><?php a?><Encrypt>a</Encrypt></xml>",
            "<!DOCTYPE xml><xml><Encrypt>a</Encrypt></xml>",
            "<!DOCTYPE xml SYSTEM \"file:///etc/passwd\"><xml><Encrypt>a</Encrypt></xml>",
            "<xml><a><b><c><d><e></e></d></c></b></a></xml>",
            "<xml><a><b><c><d><e/></d></c></b></a></xml>",
            laughs,
            "<?xml version=\"1.0\"?><?xml version=\"1.0\"?><xml><Encrypt>a</Encrypt></xml>",
            "a<xml><Encrypt>a</Encrypt></xml>",
            "<![CDATA[a]]><xml><Encrypt>a</Encrypt></xml>",
            "&lt;<xml><Encrypt>a</Encrypt></xml>",
            "<a/><xml><Encrypt>a</Encrypt></xml>",
            "<xml><Encrypt>a</Encrypt></xml><![CDATA[a]]>",
            "<xml><Encrypt>a</Encrypt></xml>&lt;",
            "<xml><Encrypt>a</Encrypt></xml><a/>",
            "<xml><Encrypt/><Encrypt>a</Encrypt></xml>",
            "<xml><Encrypt>a</Encrypt><Encrypt/></xml>",
            "<xml><ToUserName/><ToUserName/></xml>",
            "<xml><Encrypt\x0c>a</Encrypt></xml>",
            &deep,
            &wide,
            &wide_and_empty,
        ] {
            assert_eq!(xml(body), Err(MalformedReason::Body), "{}", &body[..body.len().min(100)]);
        }
        for body in
            ["{", "{}x", r#"{"Encrypt":1}"#, r#"{"Encrypt":"a","Encrypt":"a"}"#, "{\"Encrypt\":\"\u{1}\"}"]
        {
            assert_eq!(Outer::of(body.as_bytes(), Format::Json), Err(MalformedReason::Body), "{body}");
        }
        assert_eq!(Outer::of(b"<xml><Encrypt>\xff</Encrypt></xml>", Format::Xml), Err(MalformedReason::Body));
    }

    #[test]
    fn the_first_character_tells_the_format() {
        assert_eq!(format(b" \r\n<xml>"), Ok(Format::Xml));
        assert_eq!(format(b"{}"), Ok(Format::Json));
        for body in [&b""[..], b"  ", b"[1]", b"hello", b"\xff\xfe<\0", b"\0<xml>"] {
            assert_eq!(format(body), Err(MalformedReason::Body));
        }
    }
}
