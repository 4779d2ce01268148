//! How one element becomes a Rust value, and [`wire!`], which makes a struct out of several.
//!
//! | type | missing or empty element |
//! |---|---|
//! | `SmolStr`, numbers, `OpenId` | refused: the push has no meaning without it |
//! | `Option<T>` | `None`; so does a value of another shape, for what nobody depends on must not stop a push |
//! | [`Words`] | no words |
//! | `Vec<T>` | no items |
//! | a struct of [`wire!`] | read from no elements |

use std::fmt;
use std::ops::Deref;

use smol_str::SmolStr;

use super::error::ParseError;
use super::fields::{Field, Fields, Names};
use crate::ids::{OpenId, UnionId};

/// Text that a person wrote or that tells about a person. `Debug` shows its length only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Words(SmolStr);

impl Deref for Words {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} bytes)", self.0.len())
    }
}

/// What is read from one element.
pub(super) trait Value: Sized {
    /// From an element with something in it.
    fn from_field(field: Field<'_>, name: &'static str) -> Result<Self, ParseError>;

    /// From no element, or an empty one.
    fn missing(name: &'static str) -> Result<Self, ParseError> {
        Err(ParseError::Missing { field: name })
    }

    /// From the element of one of these names.
    fn read(fields: Fields<'_>, names: Names) -> Result<Self, ParseError> {
        match fields.one(names)? {
            Some(field) if !field.is_empty() => Self::from_field(field, names[0]),
            _ => Self::missing(names[0]),
        }
    }
}

/// What is read from several elements. Implemented by [`wire!`].
pub(super) trait Wire: Sized {
    /// Reads what it knows and skips the rest: WeChat adds elements without notice.
    fn from_fields(fields: Fields<'_>) -> Result<Self, ParseError>;
}

impl<T: Wire> Value for T {
    fn from_field(field: Field<'_>, _: &'static str) -> Result<Self, ParseError> {
        T::from_fields(field.fields())
    }

    fn missing(_: &'static str) -> Result<Self, ParseError> {
        T::from_fields(Fields::NONE)
    }
}

impl<T: Value> Value for Option<T> {
    fn from_field(field: Field<'_>, name: &'static str) -> Result<Self, ParseError> {
        Ok(T::from_field(field, name).ok())
    }

    fn missing(_: &'static str) -> Result<Self, ParseError> {
        Ok(None)
    }
}

impl<T: Value> Value for Vec<T> {
    fn from_field(field: Field<'_>, name: &'static str) -> Result<Self, ParseError> {
        Ok(vec![T::from_field(field, name)?])
    }

    fn read(fields: Fields<'_>, names: Names) -> Result<Self, ParseError> {
        fields.list(names).map(|item| T::from_field(item, names[0])).collect()
    }
}

impl Value for SmolStr {
    fn from_field(field: Field<'_>, name: &'static str) -> Result<Self, ParseError> {
        field.value(name).map(Into::into)
    }
}

impl Value for Words {
    fn from_field(field: Field<'_>, name: &'static str) -> Result<Self, ParseError> {
        Ok(Self(field.value(name)?.into()))
    }

    fn missing(_: &'static str) -> Result<Self, ParseError> {
        Ok(Self::default())
    }
}

macro_rules! parsed {
    ($($type:ty: $shape:literal, $parse:expr;)*) => {$(
        impl Value for $type {
            fn from_field(field: Field<'_>, name: &'static str) -> Result<Self, ParseError> {
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(field.value(name)?).ok_or(ParseError::Value { field: name, shape: $shape })
            }
        }
    )*};
}

parsed! {
    i64: "a whole number", |text| text.parse().ok();
    u64: "a whole number of 64 bits", |text| text.parse().ok();
    f64: "a decimal number", |text| text.parse().ok().filter(|number: &f64| number.is_finite());
    bool: "0 or 1", |text| match text { "1" | "true" => Some(true), "0" | "false" => Some(false), _ => None };
    OpenId: "an OpenID", |text| Self::parse(text).ok();
    UnionId: "a UnionID", |text| Self::parse(text).ok();
}

/// A struct read from a group of elements: `field: Type = "Element" | "otherSpelling";`.
macro_rules! wire {
    ($($(#[$doc:meta])* pub struct $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $($wire:literal)|+;)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::event::value::Wire for $name {
            fn from_fields(
                fields: $crate::event::fields::Fields<'_>,
            ) -> Result<Self, $crate::event::error::ParseError> {
                Ok(Self { $($field: $crate::event::value::Value::read(fields, &[$($wire),+])?,)* })
            }
        }
    )*};
}
pub(super) use wire;
