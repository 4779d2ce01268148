//! XML into a [`Tree`](super::tree::Tree): one `<xml>` element, nothing but blanks around it, and text nowhere but in the
//! innermost elements.

use std::borrow::Cow;

use super::error::ParseError;
use super::tree::Builder;
use crate::account::Format;
use crate::xml::{self, BLANKS, Flaw, Piece, Pieces, is_blank};

/// Reads one `<xml>` element.
pub(super) fn read<'a>(body: &'a str, tree: &mut Builder<'a>) -> Result<(), ParseError> {
    let mut pieces = Pieces::of(body);
    let mut root = Root::Before;
    let mut value = Value::default();
    while let Some(piece) = pieces.next()? {
        match piece {
            Piece::Open(name) => {
                value.leave()?;
                match root {
                    Root::Before if name == "xml" => root = Root::Inside,
                    Root::Inside => tree.open(Cow::Borrowed(name))?,
                    Root::Before | Root::Behind => return Err(ParseError::Root),
                }
            }
            Piece::Empty(name) => {
                value.leave()?;
                if !matches!(root, Root::Inside) {
                    return Err(ParseError::Root);
                }
                tree.open(Cow::Borrowed(name))?;
                tree.close(Cow::Borrowed(""))?;
                value.group = true;
            }
            Piece::Close => {
                if !tree.close(value.end()?)? {
                    root = Root::Behind;
                }
            }
            Piece::CData(text) if tree.depth() > 0 => value.verbatim(text),
            Piece::Text(text) if tree.depth() > 0 => value.text(text),
            Piece::Reference(name) if tree.depth() > 0 => value.reference(name)?,
            Piece::Text(text) if is_blank(text) => {}
            Piece::CData(_) | Piece::Text(_) | Piece::Reference(_) => return Err(ParseError::Root),
            Piece::Declaration(declaration) => {
                if !xml::encoding(declaration)?.is_none_or(|name| name.eq_ignore_ascii_case("utf-8")) {
                    return Err(ParseError::Encoding);
                }
            }
        }
    }
    match root {
        Root::Behind => Ok(()),
        Root::Before | Root::Inside => Err(syntax("it ends before </xml>")),
    }
}

/// Where the reader is with respect to the one `<xml>` element.
#[derive(Clone, Copy)]
enum Root {
    Before,
    Inside,
    Behind,
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
    fn verbatim(&mut self, piece: &'a str) {
        self.push(piece);
        self.verbatim = self.text.len();
    }

    fn text(&mut self, piece: &'a str) {
        self.push(if self.text.is_empty() { piece.trim_start_matches(BLANKS) } else { piece });
    }

    fn reference(&mut self, name: &str) -> Result<(), Flaw> {
        self.text.to_mut().push(xml::character(name)?);
        self.verbatim = self.text.len();
        Ok(())
    }

    fn push(&mut self, piece: &'a str) {
        if self.text.is_empty() {
            self.text = Cow::Borrowed(piece);
        } else {
            self.text.to_mut().push_str(piece);
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
        let end = verbatim.max(text.trim_end_matches(BLANKS).len());
        match &mut text {
            Cow::Borrowed(text) => *text = &text[..end],
            Cow::Owned(text) => text.truncate(end),
        }
        Ok(text)
    }
}

fn syntax(why: &'static str) -> ParseError {
    ParseError::Syntax { format: Format::Xml, why }
}

impl From<Flaw> for ParseError {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Syntax(why) => syntax(why),
            Flaw::Markup(what) => Self::Markup { what },
        }
    }
}
