//! WeChat's identifiers, as WeChat writes them, and our own.
//!
//! `Debug` of an [`OpenId`] or [`UnionId`] never shows the value: both are personal data. A log line names a person
//! by `person.id`.

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {shape}")]
pub struct IdError {
    what: &'static str,
    shape: &'static str,
}

fn is_wechat_text(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

macro_rules! wechat_id {
    ($(#[$doc:meta])* $name:ident, $lengths:expr, $shape:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "SmolStr", into = "SmolStr")]
        pub struct $name(SmolStr);

        impl $name {
            /// Accepts the shape that WeChat uses, with room for what it may do next.
            ///
            /// # Errors
            /// When the length or an octet does not fit.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                Self::check(text)?;
                Ok(Self(text.into()))
            }

            fn check(text: &str) -> Result<(), IdError> {
                match $lengths.contains(&text.len()) && is_wechat_text(text) {
                    true => Ok(()),
                    false => Err(IdError { what: stringify!($name), shape: $shape }),
                }
            }

            /// The identifier as WeChat writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<SmolStr> for $name {
            type Error = IdError;
            fn try_from(text: SmolStr) -> Result<Self, IdError> {
                Self::check(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for SmolStr {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

wechat_id! {
    /// A person as one account sees them: 28 characters starting with `o` in practice; up to 64 accepted.
    OpenId, (6..=64), "6 to 64 characters of [A-Za-z0-9_-]"
}
wechat_id! {
    /// A person as one open-platform account sees them, the same across its Official Accounts and mini-programs.
    UnionId, (6..=64), "6 to 64 characters of [A-Za-z0-9_-]"
}
wechat_id! {
    /// An Official Account or mini-program: `wx` and 16 lower-case hex digits.
    AppId, (3..=32), "3 to 32 characters of [A-Za-z0-9_-], usually wx and 16 hex digits"
}

impl fmt::Debug for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenId(..)")
    }
}

impl fmt::Debug for UnionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnionId(..)")
    }
}

impl fmt::Debug for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person of ours: a UUIDv7, public on `/v1`.
pub type PersonId = uuid::Uuid;

/// The same person inside the store: a row number, never shown.
pub type PersonNo = i64;

/// An event of the log: its row number, which is also the append order.
pub type EventNo = i64;

/// The unique key of an event: what WeChat or the brand would repeat when it sends the same event again.
///
/// Led by time, so that inserts stay in the same few pages of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DedupeKey {
    /// When the event occurred, unix ms; 0 where the event is unique for ever whatever its time (a payment's order number).
    pub at: i64,
    /// First 16 bytes of SHA-256 over the canonical text of the key.
    pub digest: [u8; 16],
}

impl DedupeKey {
    /// The key over `text`, the canonical form (`m:...`, `e:...`, `pay:...`, `api:...`), of an event of time `at`.
    #[must_use]
    pub fn of(at: i64, text: &str) -> Self {
        use sha2::Digest as _;
        let hash = sha2::Sha256::digest(text.as_bytes());
        let mut digest = [0; 16];
        digest.copy_from_slice(&hash[..16]);
        Self { at, digest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_it_is_and_a_bad_one_is_refused_when_it_is_read() {
        let id = OpenId::parse("oLin0000000000000000000brand").unwrap();
        let written = serde_json::to_string(&id).unwrap();
        let refused = |json: &str| serde_json::from_str::<OpenId>(json).unwrap_err().to_string();

        assert_eq!(written, r#""oLin0000000000000000000brand""#);
        assert_eq!(serde_json::from_str::<OpenId>(&written).unwrap(), id);
        for bad in ["\"oLin\"", "\"oLin 0001\""] {
            assert_eq!(refused(bad), "OpenId must be 6 to 64 characters of [A-Za-z0-9_-]");
        }
        assert_eq!(refused("7"), "invalid type: integer `7`, expected a string at line 1 column 1");
    }
}
