//! What a mini-program's `session_key` signs and encrypts: user data, phone numbers, session checks.

use aes::Aes128;
use base64::{Engine, engine::general_purpose::STANDARD};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::envelope::blocks;
use crate::ids::hex;

/// Why `encryptedData` did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UserDataError {
    /// One of the three inputs is not base64 of the right length.
    #[error("{0} is not base64 of the right length")]
    Encoding(&'static str),
    /// Bad padding: nearly always a session key that a later login replaced.
    #[error("the padding is wrong: is this the session_key of the latest login?")]
    Padding,
}

/// `encryptedData` from its JSON text: AES-128-CBC with PKCS#7, key and IV as base64.
pub fn encrypt(session_key: &str, iv: &str, json: &str) -> Result<String, UserDataError> {
    let (key, iv) = keys(session_key, iv)?;
    let mut buffer = json.as_bytes().to_vec();
    let pad = 16 - buffer.len() % 16;
    buffer.resize(buffer.len() + pad, u8::try_from(pad).unwrap_or(0));
    cbc::Encryptor::<Aes128>::new(&key.into(), &iv.into()).encrypt_blocks(blocks(&mut buffer));
    Ok(STANDARD.encode(buffer))
}

/// The JSON text in `encryptedData`.
pub fn decrypt(session_key: &str, iv: &str, encrypted_data: &str) -> Result<String, UserDataError> {
    let (key, iv) = keys(session_key, iv)?;
    let mut buffer = STANDARD.decode(encrypted_data).map_err(|_| UserDataError::Encoding("encryptedData"))?;
    if buffer.is_empty() || !buffer.len().is_multiple_of(16) {
        return Err(UserDataError::Encoding("encryptedData"));
    }
    cbc::Decryptor::<Aes128>::new(&key.into(), &iv.into()).decrypt_blocks(blocks(&mut buffer));
    let pad = buffer.last().copied().map_or(0, usize::from);
    if !(1..=16).contains(&pad) {
        return Err(UserDataError::Padding);
    }
    buffer.truncate(buffer.len() - pad);
    String::from_utf8(buffer).map_err(|_| UserDataError::Padding)
}

/// `signature` beside `rawData`: lower hex of SHA-1 over both texts.
pub fn raw_data_signature(raw_data: &str, session_key: &str) -> String {
    hex(&Sha1::digest(format!("{raw_data}{session_key}")))
}

/// HMAC-SHA-256 with the session key's base64 **text** as the key, as `wx.checkSession`'s server side wants it.
pub fn session_hmac(session_key: &str, message: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(session_key.as_bytes()) else {
        return String::new(); // HMAC takes keys of every length
    };
    mac.update(message.as_bytes());
    hex(&mac.finalize().into_bytes())
}

fn keys(session_key: &str, iv: &str) -> Result<([u8; 16], [u8; 16]), UserDataError> {
    let decode = |text: &str, name| {
        let bytes = STANDARD.decode(text).map_err(|_| UserDataError::Encoding(name))?;
        <[u8; 16]>::try_from(bytes).map_err(|_| UserDataError::Encoding(name))
    };
    Ok((decode(session_key, "session_key")?, decode(iv, "iv")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_session_key_seals_another_does_not_open() {
        let iv = STANDARD.encode([7; 16]);
        let sealed = encrypt(&STANDARD.encode([1; 16]), &iv, r#"{"phoneNumber":"13800000000"}"#).unwrap();

        assert_eq!(
            decrypt(&STANDARD.encode([1; 16]), &iv, &sealed).unwrap(),
            r#"{"phoneNumber":"13800000000"}"#
        );
        assert_eq!(decrypt(&STANDARD.encode([2; 16]), &iv, &sealed), Err(UserDataError::Padding));
    }
}
