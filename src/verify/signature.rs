//! WeChat's signature: lower-case hex of SHA-1 over the parts, sorted as bytes and joined without a separator.
//!
//! Sorting and joining make it malleable: timestamp and nonce may be swapped, and digits may move from one to the other.
//! Hence the strict shapes here, and the memory of `replay.rs`.

use sha1::{Digest as _, Sha1};
use subtle::ConstantTimeEq as _;

use super::{ForbiddenReason, Query};

/// A signature in the shape WeChat gives it; whether it is right is another matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signature([u8; 20]);

impl Signature {
    /// The signature of a parameter that must be there.
    pub(super) fn of(parameter: Option<&str>) -> Result<Self, ForbiddenReason> {
        parameter.and_then(Self::parse).ok_or(ForbiddenReason::Unsigned)
    }

    fn parse(text: &str) -> Option<Self> {
        let text: &[u8; 40] = text.as_bytes().try_into().ok()?;
        let mut bytes = [0; 20];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self(bytes))
    }

    /// Signs `parts`, whose order does not matter.
    pub(super) fn over<const N: usize>(mut parts: [&str; N]) -> Self {
        parts.sort_unstable();
        let mut hash = Sha1::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// Compares in constant time.
    pub(super) fn is(&self, right: &Self) -> bool {
        self.0.ct_eq(&right.0).into()
    }

    /// Eight bytes that identify it among a million others.
    pub(super) fn head(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// As WeChat writes it.
    pub(super) fn to_hex(self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.0.iter().flat_map(|b| [b >> 4, b & 15]).map(|n| DIGITS[usize::from(n)] as char).collect()
    }
}

/// Lower case only, as WeChat sends it: one signature has one spelling.
fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Timestamp and nonce of a request, in their shapes: ten digits; 1 to 32 letters and digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp<'a> {
    pub(super) timestamp: &'a str,
    pub(super) nonce: &'a str,
    /// The timestamp, unix seconds.
    pub(super) seconds: i64,
}

impl<'a> Stamp<'a> {
    pub(super) fn of(query: &'a Query) -> Result<Self, ForbiddenReason> {
        match (query.timestamp.as_deref(), query.nonce.as_deref()) {
            (Some(timestamp), Some(nonce)) => Self::new(timestamp, nonce),
            _ => None,
        }
        .ok_or(ForbiddenReason::Unsigned)
    }

    pub(super) fn new(timestamp: &'a str, nonce: &'a str) -> Option<Self> {
        let digits = timestamp.len() == 10 && timestamp.bytes().all(|b| b.is_ascii_digit());
        let alphanumeric =
            (1..=32).contains(&nonce.len()) && nonce.bytes().all(|b| b.is_ascii_alphanumeric());
        let seconds = timestamp.parse().ok()?;
        (digits && alphanumeric).then_some(Self { timestamp, nonce, seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forty_lower_case_hex_digits_are_a_signature() {
        let good = "f464b24fc39322e44b38aa78f5edd27bd1441696";
        assert_eq!(Signature::parse(good).unwrap().to_hex(), good);

        for bad in ["", &good[1..], &format!("{good}0"), &good.to_uppercase(), &good.replace('f', "g")] {
            assert_eq!(Signature::parse(bad), None, "{bad}");
        }
        assert_eq!(Signature::of(None), Err(ForbiddenReason::Unsigned));
    }

    #[test]
    fn only_ten_digits_are_a_timestamp() {
        for bad in [
            "",
            "171403650",
            "17140365041",
            "-714036504",
            "+714036504",
            "1714036504 ",
            "１714036",
            "171403650x",
        ] {
            assert!(Stamp::new(bad, "1").is_none(), "{bad}");
        }
        assert_eq!(Stamp::new("1714036504", "1").unwrap().seconds, 1_714_036_504);
    }

    #[test]
    fn only_one_to_thirty_two_letters_and_digits_are_a_nonce() {
        for bad in ["", "a b", "1&2", "é", &"1".repeat(33)] {
            assert!(Stamp::new("1714036504", bad).is_none(), "{bad}");
        }
        assert!(Stamp::new("1714036504", &"z".repeat(32)).is_some());
    }
}
