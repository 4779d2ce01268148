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
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

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
        if name.trim_matches(BLANKS) == "encoding" {
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
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::{BytesStart, Event};

    use super::*;

    fn read(body: &str) -> Result<Vec<Piece<'_>>, Flaw> {
        let mut pieces = Pieces::of(body);
        std::iter::from_fn(|| pieces.next().transpose()).collect()
    }

    #[test]
    fn what_wechat_writes_is_told_apart() {
        use Piece::{CData, Close, Declaration, Empty, Open, Reference, Text};

        let body =
            "<?xml version=\"1.0\"?>\n<xml><A><![CDATA[]]]]></A><B > a &lt;]]> </B\n><C/><D\t/>你</xml>";

        assert_eq!(
            read(body),
            Ok(vec![
                Declaration(" version=\"1.0\""),
                Text("\n"),
                Open("xml"),
                Open("A"),
                CData("]]"),
                Close,
                Open("B"),
                Text(" a "),
                Reference("lt"),
                Text("]]> "),
                Close,
                Empty("C"),
                Empty("D"),
                Text("你"),
                Close,
            ])
        );
    }

    #[test]
    fn nothing_else_is_read() {
        for (body, flaw) in [
            ("<", UNENDED),
            ("<a", UNENDED),
            ("<a></a", UNMATCHED),
            ("</a>", UNMATCHED),
            ("<a></b>", UNMATCHED),
            ("<a></ab>", UNMATCHED),
            ("<a></a b>", UNMATCHED),
            ("<a></a></a>", UNMATCHED),
            ("<![CDATA[a]]", UNENDED),
            ("<![CDATA[a]>", UNENDED),
            ("<![cdata[a]]>", UNREADABLE),
            ("<!>", UNREADABLE),
            ("<a<b>", UNREADABLE),
            ("<a\">", UNREADABLE),
            ("<a=b>", UNREADABLE),
            ("<a/ >", UNREADABLE),
            ("<a></a\x0c>", UNMATCHED),
            ("<a \x0c>", Flaw::Markup("an attribute")),
            ("<?xml\x0c?>", Flaw::Markup("a processing instruction")),
            ("<!-- a -->", Flaw::Markup("a comment")),
            ("<!DOCTYPE a>", Flaw::Markup("a document type")),
            ("<!entity a>", Flaw::Markup("a document type")),
            ("<?xml", UNENDED),
            ("<?xml>", UNENDED),
            ("<?xml-stylesheet?>", Flaw::Markup("a processing instruction")),
            (" <?xml?>", Flaw::Markup("a late XML declaration")),
            ("<a b=\"c\">", Flaw::Markup("an attribute")),
            ("<a b/>", Flaw::Markup("an attribute")),
            ("< a>", Flaw::Markup("an attribute")),
            ("&", Flaw::Syntax("a lone '&'")),
            ("&amp", Flaw::Syntax("a lone '&'")),
            ("& &amp;", Flaw::Syntax("a lone '&'")),
            ("&a<b>;", Flaw::Syntax("a lone '&'")),
        ] {
            assert_eq!(read(body), Err(flaw), "{body}");
        }
        let deepest = "<a>".repeat(DEEPEST);
        assert_eq!(read(&deepest).map(|pieces| pieces.len()), Ok(DEEPEST));
        assert!(read(&format!("{deepest}<a>")).is_err());
    }

    #[test]
    fn references_are_predefined_or_numbers() {
        for (name, c) in [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\'')] {
            assert_eq!(character(name), Ok(c));
        }
        for name in ["#20320", "#x4F60", "#x4f60", "#x0004f60"] {
            assert_eq!(character(name), Ok('你'), "{name}");
        }
        for name in [
            "#",
            "#x",
            "#0",
            "#x0",
            "#xD800",
            "#x110000",
            "#99999999999",
            "#+1",
            "#x+1",
            "#-1",
            "#12ab",
            "#X41",
        ] {
            assert!(matches!(character(name), Err(Flaw::Syntax(_))), "{name}");
        }
        for name in ["", "AMP", "nbsp", "a"] {
            assert_eq!(character(name), Err(Flaw::Markup("an entity of its own")), "{name}");
        }
    }

    #[test]
    fn a_declaration_may_name_an_encoding() {
        for (declaration, name) in [
            ("", None),
            (" version=\"1.0\"", None),
            (" version=\"1.0\" encoding=\"UTF-8\"", Some("UTF-8")),
            (" version='1.0'\tencoding = 'gbk' standalone='yes'", Some("gbk")),
            (" encoding=\"\"", Some("")),
            (" version=\"encoding\" encoding=\"gbk\"", Some("gbk")),
            (" myencoding=\"gbk\"", None),
        ] {
            assert_eq!(encoding(declaration), Ok(name), "{declaration}");
        }
        for declaration in
            [" encoding=gbk", " encoding=\"gbk", " encoding \"gbk\"", " gbk", " version=\"1.0\" gbk"]
        {
            assert_eq!(encoding(declaration), Err(UNREADABLE), "{declaration}");
        }
    }

    /// What quick-xml reads, as far as it is what is read here.
    fn oracle(body: &str) -> Option<Vec<String>> {
        let mut reader = Reader::from_str(body);
        let mut seen = Vec::new();
        let bare =
            |tag: &BytesStart<'_>| is_blank(tag.attributes_raw()).then(|| tag.name().as_ref().to_owned());
        loop {
            seen.push(match reader.read_event().ok()? {
                Event::Decl(_) => "declaration".into(),
                Event::Start(tag) => format!("open {}", bare(&tag)?),
                Event::Empty(tag) => format!("empty {}", bare(&tag)?),
                Event::End(_) => "close".into(),
                Event::Text(text) => format!("text {}", text.into_inner()),
                Event::CData(text) => format!("cdata {}", text.into_inner()),
                Event::GeneralRef(name) => match name.resolve_char_ref() {
                    Ok(Some(c)) => format!("character {c}"),
                    _ => format!("reference {}", &*name),
                },
                Event::Eof => return Some(seen),
                _ => return None,
            });
        }
    }

    fn told(pieces: &[Piece<'_>]) -> Vec<String> {
        let tell = |piece: &Piece<'_>| match *piece {
            Piece::Declaration(_) => "declaration".into(),
            Piece::Open(name) => format!("open {name}"),
            Piece::Empty(name) => format!("empty {name}"),
            Piece::Close => "close".into(),
            Piece::Text(text) => format!("text {text}"),
            Piece::CData(text) => format!("cdata {text}"),
            Piece::Reference(name) => match character(name).ok().filter(|_| name.starts_with('#')) {
                Some(c) => format!("character {c}"),
                None => format!("reference {name}"),
            },
        };
        pieces.iter().map(tell).collect()
    }

    /// A well-formed element with others inside it.
    fn element() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "[a-zA-Z0-9 你\r\n\t>;\\]'\"-]{1,8}",
            "[a-zA-Z0-9 你<>&\\]]{0,8}".prop_filter_map("ends CDATA", |text| {
                (!text.contains("]]>")).then(|| format!("<![CDATA[{text}]]>"))
            }),
            proptest::sample::select(vec!["&amp;", "&lt;", "&#65;", "&#x4f60;", "<e/>", "<e />", " ", "\n"])
                .prop_map(str::to_owned),
        ];
        leaf.prop_recursive(5, 24, 4, |inside| {
            ("[A-Za-z_你][A-Za-z0-9_.:-]{0,6}", "[ \n\t]{0,2}", proptest::collection::vec(inside, 0..4))
                .prop_map(|(name, blanks, inside)| {
                    format!("<{name}{blanks}>{}</{name}{blanks}>", inside.concat())
                })
        })
    }

    /// Pieces, whole elements among them so that some of what is made of several can be read.
    const FRAGMENTS: &[&str] = &[
        "<a>x</a>",
        "<b/>",
        "<a><![CDATA[x]]></a>",
        "<c\t>&lt;</c >",
        "<a>",
        "</a>",
        "<b>",
        "</b >",
        "<a",
        "<![CDATA[",
        "]]>",
        "]",
        "&amp;",
        "&#65;",
        "&x;",
        "&",
        ";",
        "<",
        ">",
        "</",
        "/>",
        "/",
        "<?xml?>",
        "<?xml ",
        "?>",
        "<!--",
        "-->",
        "<!DOCTYPE a>",
        "<!",
        " ",
        "\n",
        "\x0c",
        "你",
        "x",
        "\"",
        "'",
        "=",
        "a=\"b\"",
    ];

    proptest! {
        #[test]
        fn what_is_well_formed_is_read_as_quick_xml_reads_it(
            front in proptest::sample::select(vec!["", "<?xml version=\"1.0\"?>", "<?xml?>\r\n", "\n"]),
            element in element(),
        ) {
            let body = format!("{front}<xml>{element}</xml>");

            let pieces = read(&body);

            prop_assert_eq!(pieces.map(|pieces| Some(told(&pieces))), Ok(oracle(&body)));
        }

        #[test]
        fn nothing_is_read_otherwise_than_quick_xml_reads_it(
            fragments in proptest::collection::vec(proptest::sample::select(FRAGMENTS), 0..6),
            inside in any::<bool>(),
        ) {
            let body = if inside { format!("<xml>{}</xml>", fragments.concat()) } else { fragments.concat() };

            if let Ok(pieces) = read(&body) {
                prop_assert_eq!(Some(told(&pieces)), oracle(&body));
            }
        }
    }
}
