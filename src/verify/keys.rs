//! The secrets that a callback of one account is checked with, decoded once.
//!
//! Several may be valid at once: after a change in WeChat's console, pushes still come with the previous token or
//! EncodingAESKey for a while. The reply is sealed with the pair that the push came with.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;

use super::envelope::Cipher;
use super::signature::{Signature, Stamp};
use super::{ForbiddenReason, envelope};
use crate::account::{Account, Mode};

/// Tokens and EncodingAESKeys of an account, ready for use.
pub struct Keys {
    tokens: Vec<SecretString>,
    ciphers: Vec<Cipher>,
    app_id: Box<str>,
}

/// A token or EncodingAESKey that cannot be one. Never shows the value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("account {account}: {problem}; copy it from WeChat's console, Basic configuration (基本配置)")]
pub struct KeyError {
    account: Arc<str>,
    problem: String,
}

impl Keys {
    /// Decodes the secrets of `account`.
    ///
    /// # Errors
    /// [`KeyError`] when one is missing or has not the shape that WeChat's console gives it.
    pub fn of(account: &Account) -> Result<Self, KeyError> {
        let refuse = |problem: String| KeyError { account: Arc::clone(&account.name), problem };
        if account.tokens.is_empty() {
            return Err(refuse("a token is missing".into()));
        }
        for (index, token) in account.tokens.iter().enumerate() {
            if !is_token(token.expose_secret()) {
                return Err(refuse(format!("token {} must be 3 to 32 letters and digits", index + 1)));
            }
        }
        if account.aes_keys.is_empty() && account.mode != Mode::Plain {
            return Err(refuse("safe and compatible mode need an EncodingAESKey".into()));
        }
        let cipher = |(index, key): (usize, &SecretString)| {
            Cipher::new(key.expose_secret())
                .ok_or_else(|| refuse(format!("EncodingAESKey {} must be 43 letters and digits", index + 1)))
        };
        Ok(Self {
            tokens: account.tokens.clone(),
            ciphers: account.aes_keys.iter().enumerate().map(cipher).collect::<Result<_, _>>()?,
            app_id: account.app_id.as_str().into(),
        })
    }

    /// The index of the token that gives `signature`.
    pub(super) fn vouching(
        &self,
        signature: &Signature,
        stamp: &Stamp<'_>,
        encrypted: Option<&str>,
    ) -> Result<usize, ForbiddenReason> {
        let right = |token: &SecretString| match encrypted {
            None => Signature::over([token.expose_secret(), stamp.timestamp, stamp.nonce]),
            Some(text) => Signature::over([token.expose_secret(), stamp.timestamp, stamp.nonce, text]),
        };
        self.tokens.iter().position(|token| signature.is(&right(token))).ok_or(ForbiddenReason::Signature)
    }

    /// The plaintext of `encrypted`, and the index of the key that opens it.
    pub(super) fn open(&self, encrypted: &str) -> Result<(Bytes, usize), ForbiddenReason> {
        let ciphertext = envelope::decode(encrypted).ok_or(ForbiddenReason::Envelope)?;
        self.ciphers
            .iter()
            .enumerate()
            .find_map(|(index, cipher)| Some((cipher.open(ciphertext.clone(), &self.app_id)?, index)))
            .ok_or(ForbiddenReason::Envelope)
    }

    /// Encrypts `reply` with key `key` and the 16 bytes of `random`.
    pub(super) fn encrypt(&self, key: usize, reply: &str, random: [u8; 16]) -> String {
        self.ciphers[key].seal(reply.as_bytes(), &self.app_id, random)
    }

    /// Signs what [`Keys::encrypt`] gave, with token `token`.
    pub(super) fn sign(&self, token: usize, timestamp: &str, nonce: &str, encrypted: &str) -> Signature {
        Signature::over([self.tokens[token].expose_secret(), timestamp, nonce, encrypted])
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("tokens", &self.tokens.len())
            .field("aes_keys", &self.ciphers.len())
            .finish_non_exhaustive()
    }
}

fn is_token(text: &str) -> bool {
    (3..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::tests::account;

    #[test]
    fn a_misshapen_secret_is_refused_by_name_and_never_shown() {
        let good_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
        let cases: [(&[&str], &[&str], &str); 8] = [
            (&[], &[good_key], "a token is missing"),
            (&["ab"], &[good_key], "token 1 must be"),
            (&["abc", "with space"], &[good_key], "token 2 must be"),
            (&["012345678901234567890123456789012"], &[good_key], "token 1 must be"),
            (&["abc"], &[], "need an EncodingAESKey"),
            (&["abc"], &[&good_key[1..]], "EncodingAESKey 1 must be"),
            (
                &["abc"],
                &[good_key, "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF="],
                "EncodingAESKey 2 must be",
            ),
            (&["abc"], &["abcdefghijklmnopqrstuvwxyz0123456789ABCDE+/"], "EncodingAESKey 1 must be"),
        ];
        for (tokens, keys, problem) in cases {
            let error = Keys::of(&account(Mode::Safe, tokens, keys)).unwrap_err().to_string();

            assert!(error.starts_with("account brand: ") && error.contains(problem), "{error}");
            for secret in tokens.iter().chain(keys) {
                assert!(!error.contains(*secret), "{error}");
            }
        }
    }

    #[test]
    fn a_plain_account_needs_no_key() {
        assert!(Keys::of(&account(Mode::Plain, &["abc"], &[])).is_ok());
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
        let keys = Keys::of(&account(Mode::Safe, &["tokenABC"], &[key])).unwrap();

        assert_eq!(format!("{keys:?}"), "Keys { tokens: 1, aes_keys: 1, .. }");
    }
}
