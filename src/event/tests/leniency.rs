//! Where real pushes differ from the documentation, and are read all the same.

use super::super::kind::Kind;
use super::{event, parse, read, shop, text};

fn content(body: impl AsRef<[u8]>) -> String {
    match read(body).unwrap().kind {
        Kind::Text(text) => text.content.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn blanks_around_a_value_are_layout_and_inside_cdata_they_are_content() {
    let around = |value: &str| content(text("", "1").replace("<![CDATA[]]>", value));

    assert_eq!(around(" <![CDATA[ a\n ]]> "), " a\n ");
    assert_eq!(around(" a b "), "a b");
    assert_eq!(around("<![CDATA[a]]><![CDATA[b]]>"), "ab");
    assert_eq!(around("<![CDATA[a]]>]]&gt;<![CDATA[b]]>"), "a]]>b");
    assert_eq!(around("&#20320;&#x597d; &lt;&amp;&gt;&quot;&apos;"), "你好 <&>\"'");
    assert_eq!(around(""), "");
    assert_eq!(around("![CDATA[x]]"), "![CDATA[x]]", "a typing error of the documentation is text");
}

#[test]
fn a_declaration_and_blanks_around_the_root_are_read() {
    let body = text("a", "1");

    assert_eq!(content(format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{body}\n")), "a");
    assert_eq!(content(format!("\n{body}\n ")), "a");
}

#[test]
fn a_message_id_keeps_every_digit_in_both_formats() {
    let json = r#"{"ToUserName":"gh_0000000000bb","FromUserName":"oMkshop00000000000000000linA","CreateTime":"1760000000","MsgType":"text","Content":"a\/b \u4f60","MsgId":18446744073709551615}"#;

    let Kind::Text(from_json) = parse(json.as_bytes(), shop(), 0).unwrap().kind else { panic!() };
    let Kind::Text(from_xml) = read(text("a/b 你", "18446744073709551615")).unwrap().kind else { panic!() };

    assert_eq!(from_json.msg_id.as_deref(), Some("18446744073709551615"));
    assert_eq!(from_json, from_xml);
}

#[test]
fn json_may_be_laid_out_in_any_order_and_may_say_null() {
    let json = r#" { "Content" : null, "MsgId" : "49d7_1555684067", "MsgType" : "text",
        "CreateTime" : 1760000000, "FromUserName" : "oMkshop00000000000000000linA", "ToUserName" : "wx00000000000000bb" } "#;

    let event = parse(json.as_bytes(), shop(), 0).unwrap();

    assert_eq!(event.occurred_at, 1_760_000_000_000);
    let Kind::Text(text) = event.kind else { panic!() };
    assert_eq!((&*text.content, text.msg_id.as_deref()), ("", Some("49d7_1555684067")));
}

#[test]
fn event_is_read_in_any_letters() {
    for name in ["subscribe", "SUBSCRIBE", "Subscribe"] {
        assert!(matches!(read(event(name, "")).unwrap().kind, Kind::Subscribe(_)), "{name}");
    }
}

#[test]
fn an_optional_value_of_another_shape_does_not_stop_a_push() {
    let view = |menu: &str| {
        let event =
            event("VIEW", &format!("<EventKey>https://m.example.com</EventKey><MenuId>{menu}</MenuId>"));
        match read(event).unwrap().kind {
            Kind::View(view) => view.menu_id,
            other => panic!("{other:?}"),
        }
    };

    assert_eq!(view("7"), Some(7));
    assert_eq!(view("menu-7"), None);
    assert_eq!(view("<a>7</a>"), None);
}
