//! The hash chain of a person's events.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use super::Step;

/// The hash over a person's events so far: 32 lower-case hex digits, or nothing before the first event.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Chain([u8; LENGTH]);

const LENGTH: usize = 32;

impl Chain {
    /// As it is stored and logged.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self.is_empty() {
            true => "",
            // Nothing but hex digits ever gets in.
            false => std::str::from_utf8(&self.0).unwrap_or_default(),
        }
    }

    /// True before the first event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The next link: hex of the first 16 bytes of SHA-256 over the link before, the event's number, kind and time, and
    /// its outcome as the log has it.
    pub(super) fn after(&self, step: &Step<'_>) -> Self {
        let mut sha = Sha256::new();
        sha.update(self.as_str().as_bytes());
        sha.update([0]);
        sha.update(step.event.to_be_bytes());
        sha.update(step.occurred_at.to_be_bytes());
        sha.update(step.kind.as_bytes());
        sha.update([0]);
        sha.update(step.outcome_json.as_bytes());
        let mut link = Self::default();
        link.0.iter_mut().zip(hex(&sha.finalize())).for_each(|(digit, next)| *digit = next);
        link
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Chain").field(&self.as_str()).finish()
    }
}

impl Serialize for Chain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Chain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;

        impl de::Visitor<'_> for Digits {
            type Value = Chain;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("32 lower-case hex digits, or nothing")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Chain, E> {
                let digits = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                match text.as_bytes().try_into() {
                    _ if text.is_empty() => Ok(Chain::default()),
                    Ok(chain) if digits => Ok(Chain(chain)),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_str(Digits)
    }
}

/// Lower-case hex digits.
pub(in crate::ledger) fn hex(bytes: &[u8]) -> impl Iterator<Item = u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Action, Facts, Outcome};

    /// Whoever changes this makes every log that was ever written disagree with its states.
    #[test]
    fn a_link_is_over_the_link_before_the_event_and_its_outcome() {
        let (facts, outcome) = <(Facts, Outcome)>::default();
        let step = |event, kind, occurred_at| Step {
            event,
            kind,
            occurred_at,
            received_at: 0,
            facts: &facts,
            action: &Action::Touch,
            outcome: &outcome,
            outcome_json: r#"{"ruleset":"0badcafe"}"#,
        };

        let first = Chain::default().after(&step(1, "oa.subscribe", 1_763_784_000_000));
        let second = first.after(&step(9, "pay.success", 1_763_784_000_500));

        // As another program computes it, from the words over `Chain::after`.
        assert_eq!(first.as_str(), "6eb360b517e37331ecfe0a0dec11648d");
        assert_eq!(second.as_str(), "e6c01776ebe719e59672026bb5904f7d");
    }

    #[test]
    fn it_comes_back_as_it_was_written_and_nothing_else_is_taken_for_one() {
        for text in ["", "0123456789abcdef0123456789abcdef"] {
            let chain: Chain = serde_json::from_value(text.into()).unwrap();
            assert_eq!((chain.as_str(), chain.is_empty()), (text, text.is_empty()));
            assert_eq!(serde_json::to_value(chain).unwrap(), text);
        }
        for text in ["0", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcdef0"] {
            assert!(serde_json::from_value::<Chain>(text.into()).is_err(), "{text}");
        }
        let lost = "0123456789abcdef\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        assert!(serde_json::from_value::<Chain>(lost.into()).is_err());
    }
}
