//! The XML that WeChat writes, piece by piece: elements, their text, CDATA, and a declaration before them.
//!
//! What else XML knows is refused: attributes, document types, comments, processing instructions. Whoever reads decides what
//! may stand where, and which names and references are good: `verify/body.rs` looks at what is outside the encryption,
//! `event/xml.rs` at the whole push. Why not a library: docs/decisions/0014-xml-of-our-own.md.

use memchr::{memchr, memchr_iter, memchr2};

/// Elements inside one another at most; whoever reads stops earlier.
const DEEPEST: usize = 8;

/// What the next characters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// `<?xml ...?>`, the very first: what stands between.
    Declaration(&'a str),
    /// `<name>`. The name is whatever stands there; it may be empty.
    Open(&'a str),
    /// `<name/>`, likewise.
    Empty(&'a str),
    /// `</name>`, of the innermost element.
    Close,
    /// Text up to the next markup or reference, blanks included. Never empty.
    Text(&'a str),
    /// What is inside `<![CDATA[]]>`.
    CData(&'a str),
    /// `&name;`: see [`character`].
    Reference(&'a str),
}

/// Why the next characters are no piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// They are not XML.
    Syntax(&'static str),
    /// They are XML that WeChat does not write.
    Markup(&'static str),
}

/// A body, and how far it is read.
#[derive(Debug)]
pub(crate) struct Pieces<'a> {
    body: &'a str,
    rest: &'a str,
    open: [&'a str; DEEPEST],
    depth: usize,
}

impl<'a> Pieces<'a> {
    pub(crate) fn of(body: &'a str) -> Self {
        Self { body, rest: body, open: [""; DEEPEST], depth: 0 }
    }

    /// The next piece; `None` at the end of the body, whatever is still open there.
    ///
    /// # Errors
    /// The [`Flaw`] of what stands there. Nothing is read behind it.
    pub(crate) fn next(&mut self) -> Result<Option<Piece<'a>>, Flaw> {
        match self.rest.as_bytes() {
            [] => Ok(None),
            [b'<', b'/', ..] => self.end().map(Some),
            [b'<', b'!', ..] => self.cdata().map(Some),
            [b'<', b'?', ..] => self.declaration().map(Some),
            [b'<', ..] => self.start().map(Some),
            [b'&', ..] => self.reference().map(Some),
            text => {
                let end = memchr2(b'<', b'&', text).unwrap_or(text.len());
                Ok(Some(Piece::Text(self.take(end))))
            }
        }
    }

    fn start(&mut self) -> Result<Piece<'a>, Flaw> {
        let tag = self.tag(1)?;
        let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, behind) = tag.split_at(tag.bytes().position(ends_a_name).unwrap_or(tag.len()));
        if !is_blank(behind) {
            let attribute = behind.starts_with(BLANKS);
            return Err(if attribute { Flaw::Markup("an attribute") } else { UNREADABLE });
        }
        if empty {
            return Ok(Piece::Empty(name));
        }
        *self.open.get_mut(self.depth).ok_or(Flaw::Syntax("elements too deep inside one another"))? = name;
        self.depth += 1;
        Ok(Piece::Open(name))
    }

    fn end(&mut self) -> Result<Piece<'a>, Flaw> {
        let innermost = self.depth.checked_sub(1).ok_or(UNMATCHED)?;
        let rest = self.rest[2..].strip_prefix(self.open[innermost]).ok_or(UNMATCHED)?;
        self.rest = rest.trim_start_matches(BLANKS).strip_prefix('>').ok_or(UNMATCHED)?;
        self.depth = innermost;
        Ok(Piece::Close)
    }

    /// `<!...`: of all that may stand there, CDATA alone.
    fn cdata(&mut self) -> Result<Piece<'a>, Flaw> {
        let Some(inside) = self.rest.strip_prefix("<![CDATA[") else {
            return Err(match self.rest.as_bytes() {
                [_, _, b'-', b'-', ..] => Flaw::Markup("a comment"),
                [_, _, first, ..] if first.is_ascii_alphabetic() => Flaw::Markup("a document type"),
                _ => UNREADABLE,
            });
        };
        let end = memchr_iter(b'>', inside.as_bytes()).find(|&end| inside.as_bytes()[..end].ends_with(b"]]"));
        let end = end.ok_or(UNENDED)?;
        self.rest = &inside[end + 1..];
        Ok(Piece::CData(&inside[..end - 2]))
    }

    /// `<?...`: in front of the body, and no other instruction.
    fn declaration(&mut self) -> Result<Piece<'a>, Flaw> {
        let first = self.rest.len() == self.body.len();
        let inside = self.tag(2)?.strip_suffix('?').ok_or(UNENDED)?;
        match inside.strip_prefix("xml") {
            Some(inside) if inside.is_empty() || inside.starts_with(BLANKS) => {
                first.then_some(Piece::Declaration(inside)).ok_or(Flaw::Markup("a late XML declaration"))
            }
            _ => Err(Flaw::Markup("a processing instruction")),
        }
    }

    fn reference(&mut self) -> Result<Piece<'a>, Flaw> {
        let end = self.rest.bytes().skip(1).position(|b| matches!(b, b';' | b'&' | b'<'));
        let end = end.map(|end| end + 1).filter(|&end| self.rest.as_bytes()[end] == b';');
        let reference = self.take(end.ok_or(Flaw::Syntax("a lone '&'"))? + 1);
        Ok(Piece::Reference(&reference[1..reference.len() - 1]))
    }

    /// What stands between the `begin` characters that begin a tag and its `>`.
    fn tag(&mut self, begin: usize) -> Result<&'a str, Flaw> {
        let end = memchr(b'>', self.rest.as_bytes()).ok_or(UNENDED)?;
        Ok(&self.take(end + 1)[begin..end])
    }

    fn take(&mut self, end: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}

const UNMATCHED: Flaw = Flaw::Syntax("tags that do not match");
const UNENDED: Flaw = Flaw::Syntax("markup that does not end");
const UNREADABLE: Flaw = Flaw::Syntax("markup that cannot be read");

/// What XML takes for blank.
pub(crate) const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

fn ends_a_name(b: u8) -> bool {
    is_blank_byte(b) || matches!(b, b'/' | b'<' | b'=' | b'"' | b'\'')
}

/// The character that `&name;` stands for.
///
/// # Errors
/// [`Flaw::Markup`] for an entity that a document type would have to declare, [`Flaw::Syntax`] for a number that is no
/// character's.
pub(crate) fn character(name: &str) -> Result<char, Flaw> {
    let (digits, radix) = match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => match name.strip_prefix('#').ok_or(Flaw::Markup("an entity of its own"))? {
            hex if hex.starts_with('x') => (&hex[1..], 16),
            decimal => (decimal, 10),
        },
    };
    let number =
        digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, radix).ok());
    let named = number.flatten().and_then(char::from_u32).filter(|&c| c != '\0');
    named.ok_or(Flaw::Syntax("a character reference names no character"))
}

/// The encoding that a [`Piece::Declaration`] names, if any.
///
/// # Errors
/// [`Flaw::Syntax`] unless it is made of names with quoted values, as far as it has to be read.
pub(crate) fn encoding(declaration: &str) -> Result<Option<&str>, Flaw> {
    let mut rest = declaration;
    while !is_blank(rest) {
        let (name, value) = rest.split_once('=').ok_or(UNREADABLE)?;
        let value = value.trim_start_matches(BLANKS);
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\'')).ok_or(UNREADABLE)?;
        let (value, behind) = value[1..].split_once(quote).ok_or(UNREADABLE)?;
        let name = name.trim_matches(BLANKS);
        if name.is_empty() || name.bytes().any(ends_a_name) {
            return Err(UNREADABLE);
        }
        if name == "encoding" {
            return Ok(Some(value));
        }
        rest = behind;
    }
    Ok(None)
}

/// True for what stands between elements as layout.
pub(crate) fn is_blank(text: &str) -> bool {
    text.bytes().all(is_blank_byte)
}

fn is_blank_byte(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests;
