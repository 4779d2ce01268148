//! JSON into a [`Tree`](super::tree::Tree).
//!
//! Numbers stay the text that WeChat wrote: a `MsgId` exceeds 2^53, and a coordinate must not gain digits. An array
//! becomes a repeated element, which is how XML writes a list.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::error::ParseError;
use super::tree::Builder;
use crate::account::Format;

/// Reads one object.
pub(super) fn read<'a>(body: &'a str, tree: &mut Builder<'a>) -> Result<(), ParseError> {
    members(body, tree)
}

/// Writes the members of an object.
fn members<'a>(object: &'a str, tree: &mut Builder<'a>) -> Result<(), ParseError> {
    let Members(members) = parse(object)?;
    members.into_iter().try_for_each(|(name, value)| member(name, value.get(), tree))
}

/// Writes one member: as one element, or as one for each item of an array.
fn member<'a>(name: Cow<'a, str>, value: &'a str, tree: &mut Builder<'a>) -> Result<(), ParseError> {
    if value.starts_with('[') {
        let Items(items) = parse(value)?;
        return items.into_iter().try_for_each(|item| element(name.clone(), item.get(), tree));
    }
    element(name, value, tree)
}

fn element<'a>(name: Cow<'a, str>, value: &'a str, tree: &mut Builder<'a>) -> Result<(), ParseError> {
    tree.open(name)?;
    let text = match value.as_bytes().first() {
        Some(b'{') => {
            members(value, tree)?;
            Cow::Borrowed("")
        }
        Some(b'[') => {
            member(Cow::Borrowed("item"), value, tree)?;
            Cow::Borrowed("")
        }
        Some(b'"') => parse::<Text<'a>>(value)?.0,
        Some(b'n') => Cow::Borrowed(""),
        _ => Cow::Borrowed(value),
    };
    if text.contains('\0') {
        return Err(ParseError::Encoding);
    }
    tree.close(text)?;
    Ok(())
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ParseError> {
    serde_json::from_str(text).map_err(|error| ParseError::Syntax {
        format: Format::Json,
        why: match error.classify() {
            serde_json::error::Category::Eof => "it ends too early",
            _ => "a member, text or number that is not JSON",
        },
    })
}

/// The members of an object in the order in which they are written, repeated names included.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);
/// The items of an array.
struct Items<'a>(Vec<&'a RawValue>);
/// A text, borrowed where nothing in it is escaped.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::with_capacity(12);
                while let Some(Text(name)) = map.next_key()? {
                    if members.len() > super::limits::MAX_NODES {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        members.push((name, map.next_value()?));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Walk)
    }
}

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Items<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Items<'de>, A::Error> {
                let mut items = Vec::new();
                while items.len() <= super::limits::MAX_NODES
                    && let Some(item) = seq.next_element()?
                {
                    items.push(item);
                }
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Items(items))
            }
        }
        deserializer.deserialize_seq(Walk)
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrow)
    }
}
