//! The arrays of a state's JSON.

use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::ser::{SerializeTuple as _, Serializer};
use serde::{Deserialize, Serialize};

use super::{Cap, Lot, Month, Paid, Window};

/// Writes a struct as an array of its fields, and reads it again. Fields after the bar are left out at the end of the
/// array while they are `None`.
macro_rules! as_array {
    ($type:ident { $($field:ident),+ $(| $last:ident)? }) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let fields = [$(stringify!($field)),+].len();
                $(let fields = fields + usize::from(self.$last.is_some());)?
                let mut array = serializer.serialize_tuple(fields)?;
                $(array.serialize_element(&self.$field)?;)+
                $(if let Some(last) = &self.$last {
                    array.serialize_element(last)?;
                })?
                array.end()
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields;

                impl<'de> Visitor<'de> for Fields {
                    type Value = $type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("an array of", $(" ", stringify!($field)),+))
                    }

                    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<$type, A::Error> {
                        Ok($type {
                            $($field: array
                                .next_element()?
                                .ok_or_else(|| A::Error::missing_field(stringify!($field)))?,)+
                            $($last: array.next_element()?,)?
                        })
                    }
                }

                deserializer.deserialize_seq(Fields)
            }
        }
    };
}

as_array!(Lot { bucket, group, expires, left | release });
as_array!(Cap { times, points, day });
as_array!(Paid { times, points, paid, refunded, day });
as_array!(Month { group, month, points, count, fen, last });
as_array!(Window { kind, opened_at, used });
