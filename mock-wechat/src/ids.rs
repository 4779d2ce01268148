//! Identifiers in WeChat's real shapes, the same in every run.
//!
//! An OpenID is not looked up but opened: its 22 varying characters are one AES block that holds a digest of the
//! person's name, under a key made from the AppID. So any number of people times any number of accounts costs no
//! memory, ids do not depend on the order in which people appeared, and a made-up OpenID is told from a real one.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
};

use aes::{
    Aes128,
    cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Makes and opens the OpenIDs of one account.
#[derive(Clone)]
pub(crate) struct OpenIds {
    cipher: Aes128,
    /// `o` and five characters that all OpenIDs of this account share.
    prefix: [u8; 6],
}

impl OpenIds {
    pub(crate) fn of(app_id: &str) -> Self {
        let digest = digest(&["openid", app_id]);
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        Self { cipher: Aes128::new(&key.into()), prefix: prefix(&digest[16..]) }
    }

    /// 28 characters, the last one of `AEIMQUYcgkosw048` as on every real OpenID.
    pub(crate) fn seal(&self, person: PersonKey) -> String {
        let mut block = [0; 16];
        block[..8].copy_from_slice(&person.0.to_be_bytes());
        block[8..].copy_from_slice(CHECK);
        let mut block = block.into();
        self.cipher.encrypt_block(&mut block);
        let mut id = Vec::with_capacity(28);
        id.extend_from_slice(&self.prefix);
        id.extend_from_slice(URL_SAFE_NO_PAD.encode(block).as_bytes());
        String::from_utf8_lossy(&id).into_owned()
    }

    /// Whose OpenID this is; `None` when it is malformed or another account's.
    pub(crate) fn open(&self, open_id: &str) -> Option<PersonKey> {
        let tail = open_id.as_bytes().strip_prefix(&self.prefix)?;
        let mut block = [0; 16];
        if URL_SAFE_NO_PAD.decode_slice(tail, &mut block).ok()? != 16 {
            return None;
        }
        let mut block = block.into();
        self.cipher.decrypt_block(&mut block);
        let (person, check) = block.split_at_checked(8)?;
        if check != CHECK {
            return None;
        }
        Some(PersonKey(u64::from_be_bytes(person.try_into().ok()?)))
    }
}

impl std::fmt::Debug for OpenIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenIds({}…)", String::from_utf8_lossy(&self.prefix))
    }
}

const CHECK: &[u8; 8] = b"mockopen";

/// A person, by a digest of their name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PersonKey(u64);

impl PersonKey {
    pub(crate) fn of(name: &str) -> Self {
        let digest = digest(&["person", name]);
        Self(u64::from_be_bytes([
            digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7],
        ]))
    }

    /// A number that is this person's own, for phone numbers and the like.
    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

/// Saved as 16 hex digits: JSON's numbers do not hold it everywhere.
impl Serialize for PersonKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for PersonKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map(Self).map_err(|_| D::Error::custom("a person is 16 hex digits"))
    }
}

/// 28 characters; the first six are shared by all people of one open-platform account.
pub(crate) fn union_id(open_platform: &str, person: PersonKey) -> String {
    let shared = digest(&["unionid", open_platform]);
    let own = digest(&["unionid", open_platform, &person.0.to_string()]);
    let mut id = String::from_utf8_lossy(&prefix(&shared)).into_owned();
    id.push_str(&URL_SAFE_NO_PAD.encode(&own[..16]));
    id
}

/// `wx` and 16 hex digits, from the account's name.
pub(crate) fn app_id(name: &str) -> String {
    format!("wx{}", &hex(&digest(&["appid", name]))[..16])
}

/// The AppID of an open-platform account, from its name.
pub(crate) fn open_app_id(name: &str) -> String {
    format!("wx{}", &hex(&digest(&["open platform", name]))[..16])
}

/// `gh_` and 12 hex digits, from the AppID.
pub(crate) fn original_id(app_id: &str) -> String {
    format!("gh_{}", &hex(&digest(&["original", app_id]))[..12])
}

/// 32 hex digits, from the AppID.
pub(crate) fn secret(app_id: &str) -> String {
    hex(&digest(&["secret", app_id]))[..32].to_owned()
}

/// `n` characters of base64url, the same for the same parts.
pub(crate) fn opaque(n: usize, parts: &[&str]) -> String {
    let mut out = String::with_capacity(n + 43);
    let mut round = 0_u32;
    while out.len() < n {
        let mut hash = Sha256::new();
        hash.update(round.to_be_bytes());
        hash.update(digest(parts));
        out.push_str(&URL_SAFE_NO_PAD.encode(hash.finalize()));
        round += 1;
    }
    out.truncate(n);
    out
}

/// `n` letters and digits, the same for the same parts.
pub(crate) fn alphanumeric(n: usize, parts: &[&str]) -> String {
    opaque(n, parts).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '7' }).collect()
}

/// 32 digest bytes of the parts, which cannot run into one another.
pub(crate) fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn prefix(digest: &[u8]) -> [u8; 6] {
    let mut prefix = *b"o00000";
    for (slot, byte) in prefix[1..].iter_mut().zip(digest) {
        *slot = ALPHABET[usize::from(byte % 64)];
    }
    prefix
}

/// What must differ from call to call: message ids, nonces, request ids.
///
/// Nonces start from a random place: a receiver that remembers signatures would otherwise take the pushes of a
/// restarted mock for replays of the ones before.
#[derive(Debug)]
pub(crate) struct Sequence {
    next: AtomicU64,
    salt: u64,
}

impl Default for Sequence {
    fn default() -> Self {
        Self { next: AtomicU64::new(1), salt: RandomState::new().hash_one("nonce") }
    }
}

impl Sequence {
    /// 1, 2, 3, ...
    pub(crate) fn next(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The number that comes next.
    pub(crate) fn upcoming(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// Goes on from that number, unless it is beyond it already.
    pub(crate) fn skip_to(&self, next: u64) {
        self.next.fetch_max(next, Ordering::Relaxed);
    }

    /// Nine or ten decimal digits.
    pub(crate) fn nonce(&self) -> String {
        (100_000_000 + self.random() % 2_000_000_000).to_string()
    }

    /// 16 hex digits, which stand before an encrypted message.
    pub(crate) fn random16(&self) -> [u8; 16] {
        let mut out = [0; 16];
        out.copy_from_slice(format!("{:016x}", self.random()).as_bytes());
        out
    }

    /// 17 digits, beyond what a double holds exactly.
    pub(crate) fn message_id(&self) -> i64 {
        24_815_162_342_000_000 + i64::try_from(self.next()).unwrap_or(0)
    }

    /// 19 digits: what template and subscription messages are numbered with.
    pub(crate) fn job_id(&self) -> i64 {
        3_456_789_012_345_000_000 + i64::try_from(self.next()).unwrap_or(0)
    }

    /// `68e77a00-3845297a-1976a3ae`: the first group is the time.
    pub(crate) fn rid(&self, seconds: i64) -> String {
        let random = self.random();
        format!("{:08x}-{:08x}-{:08x}", seconds & 0xffff_ffff, random >> 32, random & 0xffff_ffff)
    }

    fn random(&self) -> u64 {
        scramble(self.salt.wrapping_add(self.next()))
    }
}

/// SplitMix64's output function: a well mixed number from any number.
pub(crate) fn scramble(n: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_id_has_the_shape_of_a_real_one_and_opens_to_its_person() {
        let brand = OpenIds::of("wx00000000000000aa");
        for name in ["lin", "mei", "王小明", ""] {
            let id = brand.seal(PersonKey::of(name));
            assert_eq!(id.len(), 28, "{id}");
            assert!(id.starts_with('o'));
            assert!(id.bytes().all(|b| ALPHABET.contains(&b)), "{id}");
            assert!("AEIMQUYcgkosw048".contains(id.chars().last().unwrap()), "{id}");
            assert_eq!(brand.open(&id), Some(PersonKey::of(name)));
        }
    }

    #[test]
    fn an_open_id_of_another_account_or_a_made_up_one_opens_to_nobody() {
        let brand = OpenIds::of("wx00000000000000aa");
        let theirs = OpenIds::of("wx00000000000000bb").seal(PersonKey::of("lin"));
        let mut altered = brand.seal(PersonKey::of("lin")).into_bytes();
        altered[10] = if altered[10] == b'A' { b'B' } else { b'A' };

        assert_eq!(brand.open(&theirs), None);
        assert_eq!(brand.open(std::str::from_utf8(&altered).unwrap()), None);
        assert_eq!(brand.open(""), None);
        assert_eq!(brand.open("oé"), None);
        assert_eq!(brand.open(&"o".repeat(4000)), None);
    }

    #[test]
    fn one_person_has_one_union_id_per_open_platform() {
        let lin = PersonKey::of("lin");
        assert_eq!(union_id("brand-group", lin), union_id("brand-group", lin));
        assert_ne!(union_id("brand-group", lin), union_id("other", lin));
        assert_eq!(union_id("brand-group", lin).len(), 28);
        assert_eq!(union_id("brand-group", lin)[..6], union_id("brand-group", PersonKey::of("mei"))[..6]);
    }

    #[test]
    fn a_rid_begins_with_the_time() {
        let rid = Sequence::default().rid(0x6aac_005a);
        assert!(rid.starts_with("6aac005a-"), "{rid}");
        assert_eq!(rid.len(), 26);
    }
}
