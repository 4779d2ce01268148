//! A message as a list of named fields, and its two spellings: WeChat's XML and JSON.
//!
//! The XML layout is that of logged pushes: no declaration, no line break before the first child, one after each.

use quick_xml::{Reader, events::Event};
use serde_json::{Map, Value as Json};

/// One field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text: CDATA in XML, a string in JSON.
    Text(String),
    /// A number, kept as digits: bare in both.
    Number(String),
    /// Nested fields.
    Group(Fields),
}

/// Named values in order; a name may repeat (`item` in a list).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, Value)>);

impl Fields {
    /// No fields yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text field.
    #[must_use]
    pub fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((name.to_owned(), Value::Text(value.into())));
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, name: &str, value: impl ToString) -> Self {
        self.0.push((name.to_owned(), Value::Number(value.to_string())));
        self
    }

    /// Adds nested fields.
    #[must_use]
    pub fn group(mut self, name: &str, fields: Fields) -> Self {
        self.0.push((name.to_owned(), Value::Group(fields)));
        self
    }

    /// Adds all fields of another list behind this one's.
    #[must_use]
    pub fn and(mut self, mut more: Fields) -> Self {
        self.0.append(&mut more.0);
        self
    }

    /// The same with every number as text, as some of WeChat's JSON has it.
    #[must_use]
    pub fn with_numbers_as_text(self) -> Self {
        let as_text = |value| match value {
            Value::Number(digits) => Value::Text(digits),
            Value::Group(fields) => Value::Group(fields.with_numbers_as_text()),
            text => text,
        };
        Self(self.0.into_iter().map(|(name, value)| (name, as_text(value))).collect())
    }

    /// The same without the fields of that name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(other, _)| other != name);
        self
    }

    /// The same with the values of another list in the place of those of the same name, and its other fields behind. What
    /// was a number stays one, and so does what was text.
    #[must_use]
    pub fn with(mut self, others: Fields) -> Self {
        for (name, new) in others.0 {
            match self.0.iter_mut().find(|(known, _)| *known == name) {
                None => self.0.push((name, new)),
                Some((_, old)) => {
                    *old = match (&*old, new) {
                        (Value::Text(_), Value::Number(digits)) => Value::Text(digits),
                        (Value::Number(_), Value::Text(digits)) => Value::Number(digits),
                        (Value::Group(known), Value::Group(new)) => Value::Group(known.clone().with(new)),
                        (_, new) => new,
                    };
                }
            }
        }
        self
    }

    /// The first field of that name as text, trimmed of nothing; a number as its digits.
    pub fn find(&self, name: &str) -> Option<&str> {
        match self.0.iter().find(|(n, _)| n == name)? {
            (_, Value::Text(text) | Value::Number(text)) => Some(text),
            (_, Value::Group(_)) => None,
        }
    }

    /// The nested fields of that name, in order.
    pub fn groups<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Fields> {
        self.0.iter().filter(move |(n, _)| n == name).filter_map(|(_, value)| match value {
            Value::Group(fields) => Some(fields),
            _ => None,
        })
    }

    /// As XML under the root `xml`.
    pub fn to_xml(&self) -> String {
        let mut out = String::from("<xml>");
        self.write_xml(&mut out);
        out.push_str("</xml>");
        out
    }

    /// As a JSON object; a repeated name becomes an array.
    pub fn to_json(&self) -> String {
        let members: Vec<String> =
            self.unique_names().map(|name| format!("{}:{}", quoted(name), self.json_of(name))).collect();
        format!("{{{}}}", members.join(","))
    }

    /// Reads XML whose root is `xml`, or a JSON object, by the first byte.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if text.starts_with('{') { Self::parse_json(text) } else { Self::parse_xml(text) }
    }

    /// Reads a JSON object.
    pub fn parse_json(text: &str) -> Result<Self, ParseError> {
        let json: Map<String, Json> = serde_json::from_str(text).map_err(|e| ParseError {
            line: e.line(),
            column: e.column(),
            what: format!("not a JSON object: {e}"),
        })?;
        Ok(Self::from_json(json))
    }

    /// Reads XML whose root is `xml`. Declarations and comments are skipped, a DOCTYPE is refused.
    pub fn parse_xml(text: &str) -> Result<Self, ParseError> {
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Element> = Vec::new();
        let mut root = None;
        loop {
            let offset = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let fail = |what: String| ParseError::at(text, offset, what);
            let event = reader.read_event().map_err(|e| fail(format!("not well-formed XML: {e}")))?;
            match event {
                Event::Start(_) | Event::Empty(_) if root.is_some() => {
                    return Err(fail("something follows the closing </xml>".into()));
                }
                Event::Start(tag) => open.push(Element::named(tag.name().0)),
                Event::Empty(tag) => {
                    let element = Element::named(tag.name().0);
                    root = close(&mut open, element).map_err(fail)?;
                }
                Event::End(_) => {
                    let element = open.pop().ok_or_else(|| fail("an end tag too many".into()))?;
                    root = close(&mut open, element).map_err(fail)?;
                }
                Event::Text(content) => append(&mut open, &content.xml10_content()).map_err(fail)?,
                Event::CData(content) => append(&mut open, &content.xml10_content()).map_err(fail)?,
                Event::GeneralRef(reference) => {
                    let name = reference.xml10_content();
                    let resolved = match reference.resolve_char_ref() {
                        Ok(Some(c)) => c.to_string(),
                        _ => quick_xml::escape::resolve_predefined_entity(&name)
                            .ok_or_else(|| fail(format!("the entity &{name}; is not defined")))?
                            .to_owned(),
                    };
                    append(&mut open, &resolved).map_err(fail)?;
                }
                Event::DocType(_) => return Err(fail("a DOCTYPE is not allowed".into())),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        match root {
            Some(fields) if open.is_empty() => Ok(fields),
            _ => Err(ParseError::at(text, text.len(), "the XML ends before </xml>".into())),
        }
    }

    fn write_xml(&self, out: &mut String) {
        for (name, value) in &self.0 {
            out.push('<');
            out.push_str(name);
            out.push('>');
            match value {
                Value::Text(text) => {
                    out.push_str("<![CDATA[");
                    // A CDATA section cannot hold its own end: it is split there.
                    out.push_str(&text.replace("]]>", "]]]]><![CDATA[>"));
                    out.push_str("]]>");
                }
                Value::Number(digits) => out.push_str(digits),
                Value::Group(fields) => fields.write_xml(out),
            }
            out.push_str("</");
            out.push_str(name);
            out.push_str(">\n");
        }
    }

    fn unique_names(&self) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .enumerate()
            .filter(|(i, (name, _))| !self.0[..*i].iter().any(|(earlier, _)| earlier == name))
            .map(|(_, (name, _))| name.as_str())
    }

    fn json_of(&self, name: &str) -> String {
        let values: Vec<String> = self
            .0
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, value)| match value {
                Value::Text(text) => quoted(text),
                Value::Number(digits) => digits.clone(),
                Value::Group(fields) => fields.to_json(),
            })
            .collect();
        match values.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(",")),
        }
    }

    fn from_json(json: Map<String, Json>) -> Self {
        let mut fields = Vec::new();
        for (name, value) in json {
            match value {
                Json::Array(items) => {
                    fields.extend(items.into_iter().map(|item| (name.clone(), Value::from_json(item))));
                }
                one => fields.push((name, Value::from_json(one))),
            }
        }
        Self(fields)
    }
}

impl Value {
    fn from_json(json: Json) -> Self {
        match json {
            Json::Object(members) => Self::Group(Fields::from_json(members)),
            Json::String(text) => Self::Text(text),
            other => Self::Number(other.to_string()),
        }
    }
}

/// Where a message stopped making sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} (line {line}, column {column})")]
pub struct ParseError {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub what: String,
}

impl ParseError {
    fn at(text: &str, offset: usize, what: String) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            what,
        }
    }
}

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    fields: Fields,
}

impl Element {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

/// Files a finished element under its parent; the root's fields come back.
fn close(open: &mut [Element], element: Element) -> Result<Option<Fields>, String> {
    let Some(parent) = open.last_mut() else {
        return if element.name == "xml" {
            Ok(Some(element.fields))
        } else {
            Err(format!("the root element is <{}>; it must be <xml>", element.name))
        };
    };
    let value =
        if element.fields.0.is_empty() { Value::Text(element.text) } else { Value::Group(element.fields) };
    parent.fields.0.push((element.name, value));
    Ok(None)
}

fn append(open: &mut [Element], text: &str) -> Result<(), String> {
    match open.last_mut() {
        Some(element) => {
            element.text.push_str(text);
            Ok(())
        }
        None if text.trim().is_empty() => Ok(()),
        None => Err("text stands outside <xml>".into()),
    }
}

fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn xml_has_the_byte_layout_of_a_logged_push() {
        let message = Fields::new()
            .text("ToUserName", "gh_0a1b2c3d4e5f")
            .number("CreateTime", 1_760_000_000)
            .group("ScanCodeInfo", Fields::new().text("ScanType", "qrcode"));

        assert_eq!(
            message.to_xml(),
            "<xml><ToUserName><![CDATA[gh_0a1b2c3d4e5f]]></ToUserName>\n<CreateTime>1760000000</CreateTime>\n\
             <ScanCodeInfo><ScanType><![CDATA[qrcode]]></ScanType>\n</ScanCodeInfo>\n</xml>"
        );
    }

    #[test]
    fn json_keeps_the_order_writes_numbers_bare_and_gathers_repeated_names() {
        let message = Fields::new()
            .text("B", "2\"")
            .number("A", 24_815_162_342_108_001_i64)
            .group("List", Fields::new().text("Id", "1"))
            .group("List", Fields::new().text("Id", "2"));

        assert_eq!(message.to_json(), r#"{"B":"2\"","A":24815162342108001,"List":[{"Id":"1"},{"Id":"2"}]}"#);
    }

    proptest! {
        #[test]
        fn any_text_survives_both_spellings(text in "[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\u{2028}\u{fffe}\u{ffff}]{0,60}") {
            let message = Fields::new().text("Content", text.clone());
            let xml = Fields::parse(&message.to_xml()).unwrap();
            prop_assert_eq!(xml.find("Content").unwrap(), &text);
            let json = Fields::parse(&message.to_json()).unwrap();
            prop_assert_eq!(json.find("Content").unwrap(), &text);
        }

        #[test]
        fn no_text_makes_the_readers_panic(text in ".{0,80}") {
            let _ = Fields::parse(&text);
            let _ = Fields::parse(&format!("<xml>{text}"));
        }
    }

    #[test]
    fn errors_say_where() {
        let error = Fields::parse_xml("<xml><A>1</A>\n<B></C></xml>").unwrap_err();
        assert_eq!(error.line, 2, "{error}");
    }

    #[test]
    fn what_is_not_one_xml_root_is_refused() {
        for (text, needle) in [
            ("<html></html>", "it must be <xml>"),
            ("<xml></xml><xml></xml>", "follows"),
            ("<xml>", "ends before"),
            ("success", "outside"),
            ("", "ends before"),
            ("<!DOCTYPE x><xml></xml>", "DOCTYPE"),
            ("<xml><A>&bomb;</A></xml>", "&bomb;"),
        ] {
            let error = Fields::parse_xml(text).unwrap_err();
            assert!(error.what.contains(needle), "{text}: {error}");
        }
    }

    #[test]
    fn references_in_text_are_resolved() {
        let parsed = Fields::parse_xml("<xml><A>a &amp; b &#20320;</A></xml>").unwrap();
        assert_eq!(parsed.find("A"), Some("a & b 你"));
    }
}
