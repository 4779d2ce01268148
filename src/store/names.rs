//! OpenID and UnionID as the tables `identity` and `person` keep them: in clear, or erased to a keyed digest.
//!
//! The digest is deterministic, so that whoever comes back finds the same person and caps; it is keyed, so that
//! nobody can try out names against a copy of the database. With another `privacy_key` the erased are not recognised.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use smol_str::SmolStr;

use crate::ids::{AppId, OpenId, UnionId};

/// Starts an erased name. No OpenID and no UnionID contains it.
const ERASED: char = '~';

/// One OpenID or UnionID, in clear or erased.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Name(SmolStr);

impl Name {
    /// A person at one account.
    pub(super) fn open(id: &OpenId) -> Self {
        Self(id.clone().into())
    }

    /// A person across accounts.
    pub(super) fn union(id: &UnionId) -> Self {
        Self(id.clone().into())
    }

    /// As a row has it.
    pub(super) fn stored(text: impl Into<SmolStr>) -> Self {
        Self(text.into())
    }

    /// As a row has it.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// True when nobody can read it any more.
    pub(super) fn is_erased(&self) -> bool {
        self.0.starts_with(ERASED)
    }

    /// The digest of an erased name; `None` for one in clear.
    pub(super) fn digest(&self) -> Option<uuid::Uuid> {
        u128::from_str_radix(self.0.strip_prefix(ERASED)?, 16).ok().map(uuid::Uuid::from_u128)
    }

    /// The OpenID, unless it is erased.
    pub(super) fn to_open_id(&self) -> Option<OpenId> {
        OpenId::parse(&self.0).ok()
    }

    /// The UnionID, unless it is erased.
    pub(super) fn to_union_id(&self) -> Option<UnionId> {
        UnionId::parse(&self.0).ok()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_erased() { "Name(erased)" } else { "Name(..)" })
    }
}

/// One row of `identity`, without the person.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Link {
    /// Account.
    pub(super) app_id: AppId,
    /// The person there.
    pub(super) name: Name,
}

impl Link {
    /// The link of a command.
    pub(super) fn of(app_id: &AppId, open_id: &OpenId) -> Self {
        Self { app_id: app_id.clone(), name: Name::open(open_id) }
    }
}

/// Turns names into their keyed digests: HMAC-SHA256, 128 bits of it, in hex.
#[derive(Clone)]
pub(super) struct Eraser(Hmac<Sha256>);

impl Eraser {
    /// With the gateway's `privacy_key`.
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    pub(super) fn new(key: &SecretString) -> Self {
        Self(Hmac::new_from_slice(key.expose_secret().as_bytes()).expect("any length"))
    }

    /// The link with its OpenID erased; an erased one as it is.
    pub(super) fn link(&self, link: &Link) -> Link {
        Link {
            app_id: link.app_id.clone(),
            name: self.erase(&link.name, &["openid", link.app_id.as_str(), link.name.as_str()]),
        }
    }

    /// The UnionID erased; an erased one as it is.
    pub(super) fn union(&self, name: &Name) -> Name {
        self.erase(name, &["unionid", name.as_str()])
    }

    fn erase(&self, name: &Name, parts: &[&str]) -> Name {
        if name.is_erased() {
            return name.clone();
        }
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part.as_bytes());
            // No part contains it, so no two lists of parts read the same.
            mac.update(b"\n");
        }
        let digest = mac.finalize().into_bytes();
        let mut text = String::with_capacity(33);
        text.push(ERASED);
        for byte in &digest[..16] {
            text.extend(
                [byte >> 4, byte & 15].map(|nibble| char::from_digit(u32::from(nibble), 16).unwrap_or('0')),
            );
        }
        Name(text.into())
    }
}

impl fmt::Debug for Eraser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Eraser(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(app_id: &str, open_id: &str) -> Link {
        Link::of(&AppId::parse(app_id).unwrap(), &OpenId::parse(open_id).unwrap())
    }

    #[test]
    fn an_erased_name_is_found_again_and_shows_nothing() {
        let eraser = Eraser::new(&"a key".into());

        let erased = eraser.link(&link("wx1", "oLin0001"));

        assert!(erased.name.is_erased());
        assert!(erased.name.to_open_id().is_none());
        assert_eq!(erased.name.as_str().len(), 33);
        assert_eq!(format!("~{}", erased.name.digest().unwrap().simple()), erased.name.as_str());
        assert!(link("wx1", "oLin0001").name.digest().is_none());
        assert_eq!(erased, eraser.link(&link("wx1", "oLin0001")));
        assert_eq!(erased, eraser.link(&erased), "erasing twice changes nothing");
        assert!(!format!("{erased:?}").contains("oLin"));
    }

    #[test]
    fn another_account_another_key_and_another_kind_of_name_give_other_digests() {
        let eraser = Eraser::new(&"a key".into());
        let name = Name::stored("oLin0001");

        let digests = [
            eraser.link(&link("wx1", "oLin0001")).name,
            eraser.link(&link("wx2", "oLin0001")).name,
            Eraser::new(&"other".into()).link(&link("wx1", "oLin0001")).name,
            eraser.union(&name),
        ];

        let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
        assert_eq!(distinct.len(), digests.len());
    }
}
