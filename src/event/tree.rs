//! What XML and JSON have in common: named values and named groups, flat in one vector, borrowed from the body.
//!
//! Both readers write through [`Builder`], so that the limits hold for both and are written once.

use std::borrow::Cow;

use super::error::ParseError;
use super::fields::Fields;
use super::{json, xml};
use crate::account::Format;

/// Levels below the root. The deepest pushes of WeChat have four: `SendPicsInfo`, `PicList`, `item`, `PicMd5Sum`, and
/// likewise `CopyrightCheckResult` and `PublishEventInfo`.
pub(super) const MAX_DEPTH: usize = 4;
/// Elements of the largest batch: a mass send of eight articles reports about 120. What is no batch is held to
/// [`super::kind::Effect::most_elements`] once its kind is known.
pub(super) const MAX_NODES: usize = 256;
/// Bytes of an element name; WeChat's longest have 31.
const MAX_NAME: usize = 64;

/// One element: a value, or a group whose descendants follow it.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    /// Number of nodes below this one: they are the ones right behind it.
    pub(super) below: usize,
}

/// A whole push, in document order.
#[derive(Debug)]
pub(super) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    /// How it was written.
    pub(super) format: Format,
}

impl<'a> Tree<'a> {
    /// Reads a body in the format that its first character tells.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, ParseError> {
        let text = std::str::from_utf8(body).map_err(|_| ParseError::Encoding)?;
        if body.contains(&0) {
            return Err(ParseError::Encoding);
        }
        let mut builder = Builder { nodes: Vec::with_capacity(12), open: [0; MAX_DEPTH], depth: 0 };
        let format = match text.trim_ascii_start().as_bytes().first() {
            None => return Err(ParseError::Empty),
            Some(b'{') => Format::Json,
            Some(b'<') => Format::Xml,
            Some(_) => return Err(ParseError::Root),
        };
        match format {
            Format::Xml => xml::read(text, &mut builder)?,
            Format::Json => json::read(text, &mut builder)?,
        }
        Ok(Self { nodes: builder.nodes, format })
    }

    /// The elements right below the root.
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields::new(&self.nodes)
    }
}

/// Writes a [`Tree`] and holds it to the limits.
pub(super) struct Builder<'a> {
    nodes: Vec<Node<'a>>,
    open: [usize; MAX_DEPTH],
    depth: usize,
}

impl<'a> Builder<'a> {
    /// Levels open below the root.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Begins an element.
    pub(super) fn open(&mut self, name: Cow<'a, str>) -> Result<(), ParseError> {
        if self.depth == MAX_DEPTH {
            return Err(ParseError::TooDeep);
        }
        if self.nodes.len() == MAX_NODES {
            return Err(ParseError::TooMany { limit: MAX_NODES });
        }
        if name.len() > MAX_NAME {
            return Err(ParseError::TooLong { field: "a name".into(), limit: MAX_NAME });
        }
        if name.is_empty()
            || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        {
            return Err(ParseError::Value { field: "a name", shape: "letters, digits, '_', '-' and '.'" });
        }
        self.open[self.depth] = self.nodes.len();
        self.depth += 1;
        self.nodes.push(Node { name, value: Cow::Borrowed(""), below: 0 });
        Ok(())
    }

    /// Ends the innermost element; `false` when none is open.
    ///
    /// `value` is its text. An element with others inside it has none.
    pub(super) fn close(&mut self, value: Cow<'a, str>) -> Result<bool, ParseError> {
        let Some(depth) = self.depth.checked_sub(1) else { return Ok(false) };
        self.depth = depth;
        let at = self.open[depth];
        let below = self.nodes.len() - at - 1;
        let node = &mut self.nodes[at];
        let limit = longest(&node.name);
        if value.len() > limit {
            return Err(ParseError::TooLong { field: node.name.as_ref().into(), limit });
        }
        node.below = below;
        node.value = value;
        Ok(true)
    }
}

/// Bytes that a value may have. Names and identifiers are short; what a person wrote, and documents that WeChat packs
/// into one value, are as long as the body allows.
fn longest(name: &str) -> usize {
    match name {
        "ToUserName" | "FromUserName" | "MsgType" | "Event" | "MsgId" | "MsgID" | "CreateTime" => 128,
        "Ticket" => 512,
        "EventKey" => super::kind::MAX_URL,
        "Content" | "Recognition" | "Description" | "Payload" | "detail" | "extra_info_json" => 16 << 10,
        "Encrypt" => usize::MAX,
        _ => 2 << 10,
    }
}
