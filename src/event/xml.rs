//! XML into a [`Tree`](super::tree::Tree): quick-xml's reader, and an envelope far stricter than XML.
//!
//! quick-xml expands no entity and loads no document, but accepts a document type, any root, attributes, and a second
//! root behind the first. WeChat writes none of these, so each is refused.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::error::ParseError;
use super::tree::Builder;
use crate::account::Format;

/// Reads one `<xml>` element.
pub(super) fn read<'a>(body: &'a str, tree: &mut Builder<'a>) -> Result<(), ParseError> {
    let mut reader = Reader::from_str(body);
    let mut root = Root::Before;
    let mut value = Value::default();
    loop {
        let from = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match reader.read_event().map_err(|error| syntax(why(&error)))? {
            Event::Start(tag) => {
                let name = name(body, from, &tag)?;
                value.leave()?;
                match root {
                    Root::Before if name == "xml" => root = Root::Inside,
                    Root::Inside => tree.open(Cow::Borrowed(name))?,
                    Root::Before | Root::Behind => return Err(ParseError::Root),
                }
            }
            Event::Empty(tag) => {
                let name = name(body, from, &tag)?;
                value.leave()?;
                if !matches!(root, Root::Inside) {
                    return Err(ParseError::Root);
                }
                tree.open(Cow::Borrowed(name))?;
                tree.close(Cow::Borrowed(""))?;
                value.group = true;
            }
            Event::End(_) => {
                if !tree.close(value.end()?)? {
                    root = Root::Behind;
                }
            }
            Event::CData(text) if tree.depth() > 0 => value.verbatim(text.into_inner()),
            Event::Text(text) if tree.depth() > 0 => value.text(text.into_inner()),
            Event::Text(text) if is_blank(&text) => {}
            Event::GeneralRef(name) if tree.depth() > 0 => value.reference(&name)?,
            Event::CData(_) | Event::Text(_) | Event::GeneralRef(_) => return Err(ParseError::Root),
            Event::Decl(declaration) if matches!(root, Root::Before) && from == 0 => {
                let utf8 = |name: Cow<'_, str>| name.eq_ignore_ascii_case("utf-8");
                if !declaration.encoding().is_none_or(|name| name.is_ok_and(utf8)) {
                    return Err(ParseError::Encoding);
                }
            }
            Event::Decl(_) => return Err(ParseError::Markup { what: "a late XML declaration" }),
            Event::DocType(_) => return Err(ParseError::Markup { what: "a document type" }),
            Event::Comment(_) => return Err(ParseError::Markup { what: "a comment" }),
            Event::PI(_) => return Err(ParseError::Markup { what: "a processing instruction" }),
            Event::Eof if matches!(root, Root::Behind) => return Ok(()),
            Event::Eof => return Err(syntax("it ends before </xml>")),
        }
    }
}

/// Where the reader is with respect to the one `<xml>` element.
#[derive(Clone, Copy)]
enum Root {
    Before,
    Inside,
    Behind,
}

/// The name of a start tag that begins at `from`, borrowed from the body.
fn name<'a>(body: &'a str, from: usize, tag: &BytesStart<'_>) -> Result<&'a str, ParseError> {
    if !is_blank(tag.attributes_raw()) {
        return Err(ParseError::Markup { what: "an attribute" });
    }
    let length = tag.name().as_ref().len();
    body.get(from + 1..from + 1 + length).ok_or_else(|| syntax("a tag without a name"))
}

/// The text of the innermost element, gathered from its pieces.
///
/// Blanks around a value are layout (`<CardId> <![CDATA[x]]> </CardId>` is in the wild), blanks inside CDATA are what a
/// person wrote.
#[derive(Default)]
struct Value<'a> {
    text: Cow<'a, str>,
    /// Bytes of `text` that must not be trimmed.
    verbatim: usize,
    /// The element has others inside it, and therefore no text.
    group: bool,
}

impl<'a> Value<'a> {
    fn verbatim(&mut self, piece: Cow<'a, str>) {
        self.push(piece);
        self.verbatim = self.text.len();
    }

    fn text(&mut self, piece: Cow<'a, str>) {
        let piece = if self.text.is_empty() { trim_start(piece) } else { piece };
        self.push(piece);
    }

    fn reference(&mut self, name: &quick_xml::events::BytesRef<'_>) -> Result<(), ParseError> {
        let c = match &**name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => match name.resolve_char_ref() {
                Ok(Some(c)) => c,
                Ok(None) => return Err(ParseError::Markup { what: "an entity of its own" }),
                Err(_) => return Err(syntax("a character reference names no character")),
            },
        };
        self.text.to_mut().push(c);
        self.verbatim = self.text.len();
        Ok(())
    }

    fn push(&mut self, piece: Cow<'a, str>) {
        if self.text.is_empty() {
            self.text = piece;
        } else {
            self.text.to_mut().push_str(&piece);
        }
    }

    /// Another element begins: what was gathered belongs to the one around it, which may have blanks only.
    fn leave(&mut self) -> Result<(), ParseError> {
        if self.verbatim > 0 || !is_blank(&self.text) {
            return Err(syntax("text beside elements"));
        }
        *self = Self::default();
        Ok(())
    }

    /// The element ends: its value.
    fn end(&mut self) -> Result<Cow<'a, str>, ParseError> {
        if self.group {
            self.leave()?;
        }
        let Self { mut text, verbatim, .. } =
            std::mem::replace(self, Self { group: true, ..Self::default() });
        let end = verbatim.max(text.trim_ascii_end().len());
        match &mut text {
            Cow::Borrowed(text) => *text = &text[..end],
            Cow::Owned(text) => text.truncate(end),
        }
        Ok(text)
    }
}

fn trim_start(piece: Cow<'_, str>) -> Cow<'_, str> {
    match piece {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii_start()),
        Cow::Owned(text) => Cow::Owned(text.trim_ascii_start().to_owned()),
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_ascii().is_empty()
}

fn syntax(why: &'static str) -> ParseError {
    ParseError::Syntax { format: Format::Xml, why }
}

fn why(error: &quick_xml::Error) -> &'static str {
    match error {
        quick_xml::Error::Syntax(_) => "markup that does not end",
        quick_xml::Error::IllFormed(_) => "tags that do not match, or a lone '&'",
        _ => "markup that cannot be read",
    }
}
