//! What is read and what is refused, and that quick-xml reads the same.

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

    let body = "<?xml version=\"1.0\"?>\n<xml><A><![CDATA[]]]]></A><B > a &lt;]]> </B\n><C/><D\t/>你</xml>";

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
    for name in
        ["#", "#x", "#0", "#x0", "#xD800", "#x110000", "#99999999999", "#+1", "#x+1", "#-1", "#12ab", "#X41"]
    {
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
    for declaration in [
        " version encoding=\"gbk\"",
        "=\"1\"",
        " encoding=gbk",
        " encoding=\"gbk",
        " encoding \"gbk\"",
        " gbk",
        " version=\"1.0\" gbk",
    ] {
        assert_eq!(encoding(declaration), Err(UNREADABLE), "{declaration}");
    }
}

/// What quick-xml reads, as far as it is what is read here.
fn oracle(body: &str) -> Option<Vec<String>> {
    let mut reader = Reader::from_str(body);
    let mut seen = Vec::new();
    let bare = |tag: &BytesStart<'_>| is_blank(tag.attributes_raw()).then(|| tag.name().as_ref().to_owned());
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
        ("[A-Za-z_你][A-Za-z0-9_.:-]{0,6}", "[ \n\t]{0,2}", proptest::collection::vec(inside, 0..4)).prop_map(
            |(name, blanks, inside)| format!("<{name}{blanks}>{}</{name}{blanks}>", inside.concat()),
        )
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
