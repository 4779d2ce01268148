//! What happens to words before anybody reads them.

use std::fmt;

/// Octets that WeChat takes in a text.
pub(super) const MOST: usize = 2_048;
/// Characters of what somebody else sent that are shown.
const QUOTED: usize = 64;
const CUT: &str = "…";

/// A rendered text: trimmed, without what XML cannot carry, at most 2,048 octets, never cut inside a link.
pub(super) fn text(rendered: &str) -> String {
    let trimmed = rendered.trim();
    let doubtful = is_doubtful(trimmed.as_bytes());
    let mut text = if doubtful && (trimmed.contains("{{") || trimmed.chars().any(|c| !is_xml(c))) {
        let plain: String = trimmed.chars().filter(|c| is_xml(*c)).collect();
        plain.replace('{', "｛")
    } else {
        trimmed.to_owned()
    };
    cut(&mut text, MOST);
    text
}

/// Text that somebody else sent, made harmless: it cannot open a link, be taken for a template, hide or reorder what
/// stands around it, or fill the message.
pub(super) fn quoted(text: &str) -> String {
    text.chars()
        .filter(|c| is_xml(*c) && !is_invisible(*c))
        .take(QUOTED)
        .map(|c| match c {
            '<' => '＜',
            '>' => '＞',
            '{' => '｛',
            '}' => '｝',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect()
}

/// `-12,345,678`
pub(super) fn grouped(number: i64, out: &mut impl fmt::Write) -> fmt::Result {
    let mut digits = [0_u8; 20];
    let mut left = number.unsigned_abs();
    let mut from = digits.len();
    loop {
        from -= 1;
        digits[from] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        out.write_char('-')?;
    }
    for (at, digit) in digits.iter().enumerate().skip(from) {
        if at > from && (digits.len() - at).is_multiple_of(3) {
            out.write_char(',')?;
        }
        out.write_char(char::from(*digit))?;
    }
    Ok(())
}

fn cut(text: &mut String, most: usize) {
    if text.len() <= most {
        return;
    }
    let mut at = text.floor_char_boundary(most - CUT.len());
    let kept = &text[..at];
    let open = kept.rfind("<a").filter(|open| !kept[*open..].contains("</a>"));
    let unfinished = kept.rfind('<').filter(|open| !kept[*open..].contains('>'));
    if let Some(open) = open.into_iter().chain(unfinished).min() {
        at = open;
    }
    text.truncate(at);
    text.truncate(text.trim_end().len());
    text.push_str(CUT);
}

/// XML 1.0 can carry it.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..) && !matches!(c, '\u{7f}'..='\u{9f}')
}

/// False for most texts, and only for those without `{` and with nothing that [`is_xml`] refuses. All octets are looked at,
/// which lets the compiler take many at a time. C2 begins U+0080 to U+00BF, EF BF begins U+FFFE and U+FFFF.
fn is_doubtful(octets: &[u8]) -> bool {
    let single = |b: u8| (b < b' ') & (b != b'\n') & (b != b'\t') | (b == b'{') | (b == 0x7f) | (b == 0xc2);
    octets.iter().fold(false, |any, b| any | single(*b))
        | octets.windows(2).fold(false, |any, two| any | (two == [0xef, 0xbf]))
}

/// Zero-width, and marks that turn the direction of what follows.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_text_is_cut_before_a_link_and_never_inside_it() {
        let link = r#"<a href="https://brand.example/join">立即入会</a>"#;
        let fits = format!("{}{link}", "好".repeat((MOST - link.len()) / 3));
        assert_eq!(text(&fits), fits);

        let long = format!("{}{link}", "好".repeat((MOST - link.len()) / 3 + 1));
        let cut = text(&long);
        assert!(cut.ends_with("好…"), "{cut}");
        assert!(cut.len() <= MOST);
    }

    #[test]
    fn numbers_have_separators() {
        let show = |number| {
            let mut out = String::new();
            grouped(number, &mut out).unwrap();
            out
        };

        assert_eq!(show(0), "0");
        assert_eq!(show(999), "999");
        assert_eq!(show(10_000), "10,000");
        assert_eq!(show(-1_234_567), "-1,234,567");
        assert_eq!(show(i64::MIN), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn what_somebody_sent_cannot_become_a_link_a_template_or_a_trick() {
        assert_eq!(quoted("<a href='x'>{{ brand }}</a>"), "＜a href='x'＞｛｛ brand ｝｝＜/a＞");
        assert_eq!(quoted("a\0b\u{202e}c\nd"), "abc d");
        assert_eq!(quoted("$1 \\ ]]> & 🧧"), "$1 \\ ]]＞ & 🧧");
        assert_eq!(quoted(&"长".repeat(1000)).chars().count(), QUOTED);
    }

    #[test]
    fn what_xml_cannot_carry_is_left_out_wherever_it_stands() {
        for c in ['\0', '\u{b}', '\u{1f}', '\u{7f}', '\u{80}', '\u{9f}', '\u{fffe}', '\u{ffff}'] {
            assert_eq!(text(&format!("您好{c}")), "您好", "{c:?}");
        }
        for kept in ["a\tb\r\nc", "· ¿", "！", "\u{fffd}", "a { b"] {
            assert_eq!(text(kept), kept);
        }
        assert_eq!(text("a {{ b"), "a ｛｛ b");
    }

    proptest! {
        #[test]
        fn any_text_ends_within_the_limit_and_at_a_character(
            text in "(\\PC|<a |</a>|\\{\\{|[\0\x01\x7f\u{80}\u{9f}\u{fffe}\u{ffff}]){0,900}"
        ) {
            let done = super::text(&text);
            prop_assert!(done.len() <= MOST);
            prop_assert!(!done.contains("{{"));
            prop_assert!(done.chars().all(is_xml));
        }
    }
}
