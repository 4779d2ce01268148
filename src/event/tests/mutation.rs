//! No body makes the parser panic, whoever wrote it.

use proptest::prelude::*;

use super::{event, read, text};

/// Pieces from which well-formed and nearly well-formed pushes are made.
const PIECES: &[&str] = &[
    "<xml>",
    "</xml>",
    "<xml/>",
    "<a>",
    "</a>",
    "<item>",
    "</item>",
    "<EventKey>",
    "</EventKey>",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&#0;",
    "&#xD800;",
    "&x;",
    "&",
    "<",
    ">",
    "</",
    "/>",
    "<?",
    "?>",
    "<!--",
    "-->",
    "<!DOCTYPE a>",
    " ",
    "\n",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\u0000",
    "\\ud800",
    "1e999",
    "-0",
    "null",
    "qrscene_",
    "你",
    "\u{0}",
    "\u{feff}",
    "a=\"b\"",
];

proptest! {
    #[test]
    fn arbitrary_octets_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = read(body);
    }

    #[test]
    fn arbitrary_markup_is_read_or_refused(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..64),
        wrapped in any::<bool>(),
    ) {
        let markup = pieces.concat();
        let _ = read(if wrapped { event("subscribe", &markup) } else { markup });
    }

    #[test]
    fn a_changed_octet_is_read_or_refused(
        at in any::<proptest::sample::Index>(),
        with in any::<u8>(),
        json in any::<bool>(),
    ) {
        let mut body = if json {
            br#"{"ToUserName":"gh_0000000000aa","FromUserName":"oMkbrand0000000000000000linA","CreateTime":1760000000,"MsgType":"event","Event":"x","List":[{"a":1},{"a":[2,3]}]}"#.to_vec()
        } else {
            event("SCAN", "<EventKey><![CDATA[a]]></EventKey><Ticket>gQ&amp;</Ticket>").into_bytes()
        };
        let at = at.index(body.len());
        body[at] = with;
        let _ = read(body);
    }

    #[test]
    fn every_text_in_cdata_is_read_as_it_was_written(content in "[^\0]{0,200}") {
        let escaped = content.replace("]]>", "]]]]><![CDATA[>");

        let event = read(text(&escaped, "1")).unwrap();

        let super::super::Kind::Text(text) = event.kind else { panic!() };
        prop_assert_eq!(&*text.content, content.as_str());
    }

    #[test]
    fn the_two_formats_agree(key in "[a-z]{1,20}", content in "[^\0]{0,100}") {
        let head = serde_json::json!({
            "ToUserName": "gh_0000000000aa", "FromUserName": super::OPEN_ID, "CreateTime": 1_760_000_000,
            "MsgType": "text", "MsgId": 7, "Content": content, "bizmsgmenuid": key,
        });
        let xml = text(&content.replace("]]>", "]]]]><![CDATA[>"), "7")
            .replace("\n</xml>", &format!("<bizmsgmenuid>{key}</bizmsgmenuid></xml>"));

        let (json, xml) = (read(head.to_string()).unwrap(), read(xml).unwrap());

        prop_assert_eq!(json.kind, xml.kind);
        prop_assert_eq!(json.key, xml.key);
    }
}
