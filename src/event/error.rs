//! Why a push is not an event.

use smol_str::SmolStr;

use crate::account::Format;

/// The push cannot be read. Nothing of it is settled, and WeChat repeats it up to three times.
///
/// [`ParseError::WrongAccount`] is the sender's mistake of address (403); everything else is a bad body (400). The
/// messages name elements and rules, never values: a value may be personal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// No octet at all, or nothing but blanks.
    #[error("the body is empty")]
    Empty,
    /// Not UTF-8 (UTF-16 included), or a NUL.
    #[error("the body is not UTF-8 text without NUL")]
    Encoding,
    /// Neither well-formed XML nor JSON.
    #[error("the body is not well-formed {format:?}: {why}")]
    Syntax {
        /// As told by the first character.
        format: Format,
        /// The rule that was broken.
        why: &'static str,
    },
    /// A document type, comment, processing instruction, attribute or entity of its own: WeChat writes none.
    #[error("{what} has no place in a push")]
    Markup {
        /// What was found.
        what: &'static str,
    },
    /// The outermost element is not `xml`, or is not the only one.
    #[error("a push is one <xml> element, with nothing before or after it")]
    Root,
    /// Nested deeper than any push of WeChat.
    #[error("elements are nested deeper than {} levels below the root", super::limits::MAX_DEPTH)]
    TooDeep,
    /// More elements than a push of its kind can have.
    #[error("more than {limit} elements")]
    TooMany {
        /// What its kind is allowed.
        limit: usize,
    },
    /// A value longer than WeChat lets that element be.
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// Element, or `a name`.
        field: SmolStr,
        /// Bytes allowed.
        limit: usize,
    },
    /// An element that may occur once occurs again: two readers could disagree on which counts.
    #[error("{field} occurs more than once")]
    Duplicate {
        /// Element.
        field: &'static str,
    },
    /// An element without which the push has no meaning.
    #[error("{field} is missing or empty")]
    Missing {
        /// Element.
        field: &'static str,
    },
    /// A value of the wrong shape.
    #[error("{field} is not {shape}")]
    Value {
        /// Element.
        field: &'static str,
        /// What it must be.
        shape: &'static str,
    },
    /// Well signed, but for another account than the one it was delivered to.
    #[error(
        "ToUserName is neither the original id nor the AppID of this account; compare `original_id` in the configuration"
    )]
    WrongAccount,
}

impl ParseError {
    /// Stable word for metrics and logs.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Encoding => "encoding",
            Self::Syntax { .. } => "syntax",
            Self::Markup { .. } => "markup",
            Self::Root => "root",
            Self::TooDeep => "too_deep",
            Self::TooMany { .. } => "too_many",
            Self::TooLong { .. } => "too_long",
            Self::Duplicate { .. } => "duplicate",
            Self::Missing { .. } => "missing",
            Self::Value { .. } => "value",
            Self::WrongAccount => "wrong_account",
        }
    }
}
