//! What is refused before anything is understood.

use super::super::kind::Kind;
use super::super::limits::{MAX_DEPTH, MAX_NODES};
use super::{event, read, text};

/// The label of the refusal, or `read`.
fn verdict(body: impl AsRef<[u8]>) -> &'static str {
    read(body).map_or_else(|error| error.label(), |_| "read")
}

#[test]
fn only_the_markup_that_wechat_writes_is_read() {
    let good = event("CLICK", "<EventKey><![CDATA[k]]></EventKey>");
    assert_eq!(verdict(&good), "read");

    for (what, body, expected) in [
        ("nothing", String::new(), "empty"),
        ("blanks", " \n\t ".into(), "empty"),
        ("no markup", "hello".into(), "root"),
        ("a document type", format!("<!DOCTYPE xml>{good}"), "markup"),
        ("a lower-case document type", format!("<!doctype xml>{good}"), "markup"),
        (
            "billion laughs",
            format!(
                "<!DOCTYPE lolz [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;\">]>{}",
                good.replace(">k<", ">&b;<")
            ),
            "markup",
        ),
        (
            "an external entity",
            format!("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>{good}"),
            "markup",
        ),
        (
            "a parameter entity",
            format!("<!DOCTYPE x [<!ENTITY % a SYSTEM \"http://a/\"> %a;]>{good}"),
            "markup",
        ),
        ("an entity of its own", good.replace("<![CDATA[k]]>", "&secret;"), "markup"),
        ("a comment", good.replace("<EventKey>", "<!-- --><EventKey>"), "markup"),
        ("a comment behind", format!("{good}<!-- -->"), "markup"),
        ("a processing instruction", good.replace("<EventKey>", "<?php ?><EventKey>"), "markup"),
        ("a late declaration", good.replace("<EventKey>", "<?xml version=\"1.0\"?><EventKey>"), "markup"),
        ("another encoding", format!("<?xml version=\"1.0\" encoding=\"GBK\"?>{good}"), "encoding"),
        ("an attribute", good.replace("<EventKey>", "<EventKey a=\"b\">"), "markup"),
        ("an attribute of the root", good.replace("<xml>", "<xml xmlns=\"urn:x\">"), "markup"),
        ("another root", good.replace("<xml>", "<XML>").replace("</xml>", "</XML>"), "root"),
        ("a root of no elements", "<xml/>".into(), "root"),
        ("an empty root", "<xml></xml>".into(), "missing"),
        ("a second root", format!("{good}{good}"), "root"),
        ("an empty second root", format!("{good}<xml/>"), "root"),
        ("text before", format!("x{good}"), "root"),
        ("text behind", format!("{good}x"), "root"),
        ("CDATA behind", format!("{good}<![CDATA[x]]>"), "root"),
        ("a reference behind", format!("{good}&amp;"), "root"),
        ("text between elements", good.replace("<EventKey>", "x<EventKey>"), "root"),
        ("text beside elements", event("CLICK", "<A>x<B>y</B></A>"), "syntax"),
        ("text behind elements", event("CLICK", "<A><B>y</B>x</A>"), "syntax"),
        ("tags that do not match", good.replace("</EventKey>", "</EventKEY>"), "syntax"),
        ("the closing tag of a documentation sample", good.replace("</xml>", "<xml>"), "syntax"),
        ("the end missing", good.replace("</xml>", ""), "syntax"),
        ("half a tag", good[..good.len() - 3].into(), "syntax"),
        ("CDATA without an end", good.replace("k]]>", "k"), "syntax"),
        ("a lone ampersand", good.replace("<![CDATA[k]]>", "a & b"), "syntax"),
        ("a surrogate reference", good.replace("<![CDATA[k]]>", "&#xD800;"), "syntax"),
        ("a NUL reference", good.replace("<![CDATA[k]]>", "&#0;"), "syntax"),
        ("a reference beyond Unicode", good.replace("<![CDATA[k]]>", "&#x110000;"), "syntax"),
        ("a tag without a name", good.replace("<EventKey>", "<>"), "value"),
        ("a name with a prefix", event("CLICK", "<a:b>c</a:b>"), "value"),
    ] {
        assert_eq!(verdict(&body), expected, "{what}: {body}");
    }
}

#[test]
fn only_utf8_without_nul_is_read() {
    let good = text("你好", "1");
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(good.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let mut cut = text("x", "1").into_bytes();
    let at = cut.iter().position(|&b| b == b'x').unwrap();
    cut[at] = 0xE4;

    assert_eq!(verdict(&good), "read");
    assert_eq!(verdict(&utf16), "encoding");
    assert_eq!(verdict(&cut), "encoding");
    assert_eq!(verdict(text("a\0b", "1")), "encoding");
    assert_eq!(verdict(format!("\u{feff}{good}")), "root", "a byte order mark");
}

#[test]
fn json_is_held_to_the_same_envelope() {
    let good = r#"{"ToUserName":"gh_0000000000aa","FromUserName":"oMkbrand0000000000000000linA","CreateTime":1760000000,"MsgType":"event","Event":"CLICK","EventKey":"k"}"#;
    assert_eq!(verdict(good), "read");

    for (what, body, expected) in [
        ("a repeated name", good.replace("}", r#","EventKey":"other"}"#), "duplicate"),
        ("a repeated name in other letters", good.replace("}", r#","\u0045ventKey":"other"}"#), "duplicate"),
        ("text behind", format!("{good}x"), "syntax"),
        ("a second object", format!("{good}{good}"), "syntax"),
        ("the end missing", good[..good.len() - 1].into(), "syntax"),
        ("a comma at the end", good.replace("}", ",}"), "syntax"),
        ("an array", format!("[{good}]"), "root"),
        ("half a surrogate pair", good.replace("\"k\"", r#""\ud83d""#), "syntax"),
        ("a NUL", good.replace("\"k\"", r#""\u0000""#), "encoding"),
        ("a number that is none", good.replace("1760000000", "1760000000x"), "syntax"),
        ("a name that is none", good.replace("\"EventKey\"", "\"\""), "value"),
        ("a group for a value", good.replace("\"k\"", r#"{"a":"b"}"#), "value"),
    ] {
        assert_eq!(verdict(&body), expected, "{what}: {body}");
    }
}

#[test]
fn nesting_is_limited_to_what_wechat_needs() {
    let xml = |levels: usize| {
        let group = format!("{}x{}", "<g>".repeat(levels), "</g>".repeat(levels));
        verdict(event("CLICK", &format!("<EventKey>k</EventKey>{group}")))
    };
    let json = |levels: usize, open: &str, close: &str| {
        let head = r#""ToUserName":"gh_0000000000aa","FromUserName":"oMkbrand0000000000000000linA","CreateTime":1760000000,"MsgType":"event","Event":"x""#;
        verdict(format!(r#"{{{head},"g":{}0{}}}"#, open.repeat(levels), close.repeat(levels)))
    };

    assert_eq!(xml(MAX_DEPTH), "read");
    assert_eq!(xml(MAX_DEPTH + 1), "too_deep");
    assert_eq!(xml(10_000), "too_deep");
    assert_eq!(json(MAX_DEPTH - 1, r#"{"g":"#, "}"), "read");
    assert_eq!(json(MAX_DEPTH, r#"{"g":"#, "}"), "too_deep");
    assert_eq!(json(MAX_DEPTH, "[", "]"), "read", "an array is no level of its own");
    assert_eq!(json(MAX_DEPTH + 1, "[", "]"), "too_deep");
}

#[test]
fn the_number_of_elements_is_limited_and_more_may_be_in_a_batch() {
    let with = |name: &str, elements: usize| {
        // The header has five.
        event(name, &"<x>1</x>".repeat(elements - 5))
    };

    assert_eq!(verdict(with("subscribe", 64)), "read");
    assert_eq!(verdict(with("subscribe", 65)), "too_many");
    assert_eq!(verdict(with("new_kind", MAX_NODES)), "read");
    assert_eq!(verdict(with("new_kind", MAX_NODES + 1)), "too_many");
}

#[test]
fn values_are_limited_and_what_a_person_wrote_is_not_cut_short() {
    let with = |element: &str, bytes: usize| {
        verdict(event("subscribe", &format!("<{element}>{}</{element}>", "x".repeat(bytes))))
    };

    assert_eq!(with("EventKey", 128), "read");
    assert_eq!(with("EventKey", 129), "too_long");
    assert_eq!(with("Ticket", 512), "read");
    assert_eq!(with("Ticket", 513), "too_long");
    assert_eq!(with("New", 2048), "read");
    assert_eq!(with("New", 2049), "too_long");
    assert_eq!(with(&"n".repeat(65), 1), "too_long");
    assert_eq!(verdict(text(&"x".repeat(16 << 10), "1")), "read");
    assert_eq!(verdict(text(&"x".repeat((16 << 10) + 1), "1")), "too_long");
    let page = |bytes: usize| verdict(event("VIEW", &format!("<EventKey>{}</EventKey>", "x".repeat(bytes))));
    assert_eq!(page(1024), "read");
    assert_eq!(page(1025), "too_long");
    let compatible = event("subscribe", &format!("<Encrypt>{}</Encrypt>", "A".repeat(40_000)));
    assert_eq!(verdict(compatible), "read");
}

#[test]
fn an_element_that_counts_may_occur_once_and_others_are_skipped() {
    let key = "<EventKey>a</EventKey>";

    assert_eq!(verdict(event("CLICK", &key.repeat(2))), "duplicate");
    assert_eq!(verdict(event("CLICK", &format!("{key}<CreateTime>1</CreateTime>"))), "duplicate");
    assert_eq!(verdict(event("CLICK", &format!("{key}<New>1</New><New>2</New>"))), "read");
}

#[test]
fn a_push_for_another_account_is_refused_as_such() {
    let key = "<EventKey>a</EventKey>";
    let to = |name: &str| verdict(event("CLICK", key).replace("gh_0000000000aa", name));

    assert_eq!(to("gh_0000000000bb"), "wrong_account");
    assert_eq!(to("GH_0000000000AA"), "wrong_account");
    assert_eq!(to("wx00000000000000bb"), "wrong_account");
    assert_eq!(to("wx00000000000000aa"), "read", "cloud functions are addressed by AppID");
}

#[test]
fn a_header_without_meaning_is_refused() {
    let good = event("CLICK", "<EventKey>a</EventKey>");

    for (from, to, expected) in [
        ("1760000000", "", "missing"),
        ("1760000000", "soon", "value"),
        ("1760000000", "-1", "value"),
        ("1760000000", "0", "value"),
        ("1760000000", "1760000000000", "value"),
        ("1760000000", "1.76e9", "value"),
        ("<![CDATA[CLICK]]>", "", "missing"),
        ("<![CDATA[CLICK]]>", "a b", "value"),
        ("<![CDATA[CLICK]]>", "a:b", "value"),
        ("<![CDATA[event]]>", "", "missing"),
        (super::OPEN_ID, "", "missing"),
        (super::OPEN_ID, "o&lt;script&gt;", "value"),
        (super::OPEN_ID, "short", "value"),
        ("gh_0000000000aa", "", "missing"),
        ("<EventKey>a</EventKey>", "", "missing"),
    ] {
        assert_eq!(verdict(good.replace(from, to)), expected, "{from} -> {to:?}");
    }
}

#[test]
fn a_push_without_anything_but_its_header_is_kept_when_its_kind_is_new() {
    let event = read(event("a_kind_of_tomorrow", "<A><B>1</B><B>2</B></A><C/>")).unwrap();

    let Kind::Unknown(unknown) = &event.kind else { panic!("{:?}", event.kind) };
    assert_eq!(&*unknown.name, "a_kind_of_tomorrow");
    assert_eq!(unknown.fields.as_json()["A"], serde_json::json!({"B": ["1", "2"]}));
    assert_eq!(unknown.fields.as_json()["C"], "");
    assert_eq!(event.open_id, None);
    assert_eq!(event.acknowledgement(), "success");
    assert!(!event.expects_reply());
    assert!(!format!("{unknown:?}").contains(super::OPEN_ID));
}
