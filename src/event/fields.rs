//! The view of a push that every kind is read from, the same for XML and JSON.

use super::error::ParseError;
use super::tree::Node;

/// Spellings of one element, the usual one first: WeChat writes `OpenID`, `OpenId` and `openid`.
pub(super) type Names = &'static [&'static str];

/// The elements of one group, in document order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'t> {
    nodes: &'t [Node<'t>],
}

/// One element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'t> {
    node: &'t Node<'t>,
    below: &'t [Node<'t>],
}

impl<'t> Fields<'t> {
    /// No elements.
    pub(super) const NONE: Self = Self { nodes: &[] };

    pub(super) fn new(nodes: &'t [Node<'t>]) -> Self {
        Self { nodes }
    }

    /// Elements at every depth.
    pub(super) fn total(self) -> usize {
        self.nodes.len()
    }

    /// The element of one of these names.
    ///
    /// # Errors
    /// [`ParseError::Duplicate`] when there is more than one.
    pub(super) fn one(self, names: Names) -> Result<Option<Field<'t>>, ParseError> {
        let mut found = None;
        for field in self.iter().filter(|field| names.contains(&field.name())) {
            if found.replace(field).is_some() {
                return Err(ParseError::Duplicate { field: names[0] });
            }
        }
        Ok(found)
    }

    /// Its value; empty when it is missing.
    pub(super) fn text(self, names: Names) -> Result<&'t str, ParseError> {
        self.one(names)?.map_or(Ok(""), |field| field.value(names[0]))
    }

    /// The elements inside the one of these names, or these themselves where it is missing: XML wraps a list in an element
    /// named after the event, JSON does not.
    pub(super) fn inside(self, names: Names) -> Result<Self, ParseError> {
        Ok(self.one(names)?.map_or(self, Field::fields))
    }

    /// The items of a list, however it is written: a repeated element, `item` elements inside one, a JSON array, or the
    /// bare object that WeChat sends in place of an array of one.
    pub(super) fn list(self, names: Names) -> impl Iterator<Item = Field<'t>> {
        self.iter().filter(|field| names.contains(&field.name())).flat_map(|field| {
            let wrapped = field.fields().iter().next().is_some_and(|first| first.name() == "item");
            let empty = field.below.is_empty() && field.text().is_empty();
            let items = if wrapped { field.fields() } else { Self::NONE };
            items.iter().chain((!wrapped && !empty).then_some(field))
        })
    }

    /// All of them.
    pub(super) fn iter(self) -> impl Iterator<Item = Field<'t>> {
        let mut rest = self.nodes;
        std::iter::from_fn(move || {
            let (node, after) = rest.split_first()?;
            let (below, next) = after.split_at(node.below);
            rest = next;
            Some(Field { node, below })
        })
    }
}

impl<'t> Field<'t> {
    /// As written.
    pub(super) fn name(self) -> &'t str {
        &self.node.name
    }

    /// The value.
    ///
    /// # Errors
    /// [`ParseError::Value`] when there are elements inside it.
    pub(super) fn value(self, name: &'static str) -> Result<&'t str, ParseError> {
        if self.below.is_empty() {
            return Ok(self.text());
        }
        Err(ParseError::Value { field: name, shape: "a single value" })
    }

    /// The value; empty for a group.
    pub(super) fn text(self) -> &'t str {
        &self.node.value
    }

    /// The elements inside it.
    pub(super) fn fields(self) -> Fields<'t> {
        Fields::new(self.below)
    }

    /// True when there is nothing in it: WeChat writes a missing value as an empty element as often as not.
    pub(super) fn is_empty(self) -> bool {
        self.below.is_empty() && self.text().is_empty()
    }
}
