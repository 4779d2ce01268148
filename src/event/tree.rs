//! What XML and JSON have in common: named values and named groups, flat in one vector, borrowed from the body.
//!
//! Both readers write through [`Builder`], so that the limits hold for both and are written once.

use std::borrow::Cow;

use super::error::ParseError;
use super::limits::{MAX_DEPTH, MAX_NAME, MAX_NODES, longest};
use crate::account::Format;

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
    pub(super) nodes: Vec<Node<'a>>,
    /// How it was written.
    pub(super) format: Format,
}

/// Writes a [`Tree`] and holds it to the limits.
pub(super) struct Builder<'a> {
    nodes: Vec<Node<'a>>,
    open: [usize; MAX_DEPTH],
    depth: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new() -> Self {
        Self { nodes: Vec::with_capacity(12), open: [0; MAX_DEPTH], depth: 0 }
    }

    /// What was written.
    pub(super) fn finish(self, format: Format) -> Tree<'a> {
        Tree { nodes: self.nodes, format }
    }

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
