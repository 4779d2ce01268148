//! Reading JSON as WeChat writes it: control characters and lone backslashes inside strings (nicknames), `errcode` as a
//! text, numbers as texts.

use serde_json::Value;

/// One answer of WeChat.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// `errcode`; 0 where there is none, which is how WeChat says that all is well.
    pub(super) code: i64,
    /// The whole object.
    pub(super) body: Value,
}

/// The answer in `bytes`, or `None` when they are not a JSON object.
pub(super) fn read(bytes: &[u8]) -> Option<Answer> {
    let body: Value =
        serde_json::from_slice(bytes).or_else(|_| serde_json::from_slice(&mended(bytes))).ok()?;
    let code = match body.as_object()?.get("errcode") {
        None => 0,
        Some(code) => integer(code)?,
    };
    Some(Answer { code, body })
}

/// An integer, written as a number or as a text.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The same with what JSON forbids inside strings escaped.
fn mended(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut mended = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    let mut inside = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                inside = !inside;
                mended.push(c);
            }
            '\\' if inside => match chars.peek() {
                Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => {
                    mended.push(c);
                    mended.extend(chars.next());
                }
                _ => mended.push_str("\\\\"),
            },
            c if inside && c < ' ' => mended.push_str(&format!("\\u{:04x}", c as u32)),
            c => mended.push(c),
        }
    }
    mended.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_errcode_is_a_success() {
        assert_eq!(read(br#"{"subscribe":0,"openid":"o1","tagid_list":[]}"#).unwrap().code, 0);
    }

    #[test]
    fn errcode_may_be_a_text() {
        assert_eq!(read(br#"{"errcode":"40029","errmsg":"invalid code"}"#).unwrap().code, 40029);
        assert_eq!(read(br#"{"errcode":-1}"#).unwrap().code, -1);
    }

    #[test]
    fn control_characters_and_lone_backslashes_inside_a_text_are_read() {
        let answer = read(b"{\"nickname\":\"a\x00b\x1fc\\d\\\"e\\u4f60\n\",\"subscribe\":1}").unwrap();

        assert_eq!(answer.body["nickname"], "a\u{0}b\u{1f}c\\d\"e你\n");
        assert_eq!(answer.body["subscribe"], 1);
    }

    #[test]
    fn bytes_that_are_not_utf8_do_not_hide_the_rest() {
        assert_eq!(read(b"{\"nickname\":\"\xff\",\"errcode\":40003}").unwrap().code, 40003);
    }

    #[test]
    fn what_is_not_an_object_is_no_answer() {
        for bytes in [&b""[..], b"<html>busy</html>", b"{\"errcode\":0", b"[]", b"null", b"{\"errcode\":{}}"]
        {
            assert!(read(bytes).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn any_bytes_at_all_are_read_without_a_panic() {
        proptest::proptest!(|(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64))| {
            let _ = read(&bytes);
        });
    }
}
