//! The safe-mode envelope: `random16 || u32_be(len) || message || AppID`, padded to 32, AES-256-CBC, base64.
//!
//! WeChat's document "消息加解密" gives the layout; that the IV is the first half of the key stands only in its
//! sample code.

use aes::Aes256;
use base64::{
    Engine, alphabet,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD},
    },
};
use cbc::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, array::ArraySize};

/// The block that the padding fills. PKCS#7 with 32 and not AES's own 16: values 17 to 32 occur.
const PADDING_BLOCK: usize = 32;

/// 43 characters carry 258 bits: the last two are surplus and set in most real keys, so they must be ignored.
const KEY_ENCODING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// A decoded EncodingAESKey.
#[derive(Clone)]
pub struct AesKey([u8; 32]);

/// Why an envelope did not open; the text says what to look at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The key is not 43 base64 characters.
    #[error("the EncodingAESKey must be 43 letters and digits, it has {0} characters or others among them")]
    Key(usize),
    /// `Encrypt` is not base64.
    #[error("Encrypt is not standard base64 with padding")]
    Base64,
    /// The ciphertext is empty or not whole blocks.
    #[error("the ciphertext has {0} bytes; it must be a multiple of 16 and at least 32")]
    Length(usize),
    /// The padding says a number out of 1..=32: the usual sign of a wrong key.
    #[error("the padding byte is {0}; it must be 1 to 32, is the EncodingAESKey the right one?")]
    Padding(u8),
    /// The length field points behind the end.
    #[error("the length field says {said} bytes, only {have} follow")]
    MessageLength {
        /// What the four length bytes say.
        said: usize,
        /// What there is after them.
        have: usize,
    },
    /// The message is not UTF-8.
    #[error("the decrypted message is not UTF-8")]
    Utf8,
}

/// What an envelope held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The XML or JSON text.
    pub message: String,
    /// The AppID behind it; the receiver must compare it with its own.
    pub app_id: String,
}

impl AesKey {
    /// Decodes the 43 characters from WeChat's console.
    pub fn parse(encoding_aes_key: &str) -> Result<Self, EnvelopeError> {
        let wrong = || EnvelopeError::Key(encoding_aes_key.chars().count());
        if encoding_aes_key.len() != 43 {
            return Err(wrong());
        }
        let bytes = KEY_ENCODING.decode(encoding_aes_key).map_err(|_| wrong())?;
        Ok(Self(bytes.try_into().map_err(|_| wrong())?))
    }

    /// Seals a message for, or as, an account. `random` stands in front and is ignored by the reader.
    pub fn encrypt(&self, random: &[u8; 16], message: &str, app_id: &str) -> String {
        let mut buffer = Vec::with_capacity(20 + message.len() + app_id.len() + PADDING_BLOCK);
        buffer.extend_from_slice(random);
        buffer.extend_from_slice(&u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes());
        buffer.extend_from_slice(message.as_bytes());
        buffer.extend_from_slice(app_id.as_bytes());
        let pad = PADDING_BLOCK - buffer.len() % PADDING_BLOCK;
        buffer.resize(buffer.len() + pad, u8::try_from(pad).unwrap_or(0));
        self.encrypt_blocks(buffer)
    }

    /// Encrypts whole blocks as they are, whatever is wrong with them.
    pub(crate) fn encrypt_blocks(&self, mut buffer: Vec<u8>) -> String {
        let mut cipher = cbc::Encryptor::<Aes256>::new(&self.0.into(), &self.iv());
        cipher.encrypt_blocks(blocks(&mut buffer));
        STANDARD.encode(buffer)
    }

    /// Opens what [`AesKey::encrypt`] or any other implementation sealed.
    pub fn decrypt(&self, encrypt: &str) -> Result<Opened, EnvelopeError> {
        let mut buffer = STANDARD.decode(encrypt).map_err(|_| EnvelopeError::Base64)?;
        if buffer.len() < PADDING_BLOCK || buffer.len() % 16 != 0 {
            return Err(EnvelopeError::Length(buffer.len()));
        }
        let mut cipher = cbc::Decryptor::<Aes256>::new(&self.0.into(), &self.iv());
        cipher.decrypt_blocks(blocks(&mut buffer));
        let pad = buffer.last().copied().unwrap_or(0);
        if !(1..=32).contains(&pad) {
            return Err(EnvelopeError::Padding(pad));
        }
        buffer.truncate(buffer.len() - usize::from(pad));
        read(&buffer)
    }

    fn iv(&self) -> Array<u8, cbc::cipher::typenum::U16> {
        let mut iv = [0; 16];
        iv.copy_from_slice(&self.0[..16]);
        iv.into()
    }
}

impl std::fmt::Debug for AesKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AesKey(…)")
    }
}

/// A buffer as whole cipher blocks; what does not fill a block stays untouched.
pub(super) fn blocks<N: ArraySize>(buffer: &mut [u8]) -> &mut [Array<u8, N>] {
    Array::slice_as_chunks_mut(buffer).0
}

fn read(plain: &[u8]) -> Result<Opened, EnvelopeError> {
    let too_short = EnvelopeError::MessageLength { said: 0, have: plain.len() };
    let (length, rest) = plain.get(16..).and_then(|rest| rest.split_first_chunk::<4>()).ok_or(too_short)?;
    let said = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    let (message, app_id) =
        rest.split_at_checked(said).ok_or(EnvelopeError::MessageLength { said, have: rest.len() })?;
    Ok(Opened {
        message: String::from_utf8(message.to_vec()).map_err(|_| EnvelopeError::Utf8)?,
        app_id: String::from_utf8_lossy(app_id).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_again(message in ".{0,400}", app_id in "wx[0-9a-f]{16}") {
            let key = AesKey::parse(KEY).unwrap();
            let sealed = key.encrypt(b"0123456789abcdef", &message, &app_id);
            prop_assert_eq!(key.decrypt(&sealed).unwrap(), Opened { message, app_id });
        }

        #[test]
        fn no_input_makes_the_reader_panic(garbage in proptest::collection::vec(any::<u8>(), 0..200)) {
            let key = AesKey::parse(KEY).unwrap();
            let _ = key.decrypt(&STANDARD.encode(garbage));
        }
    }

    #[test]
    fn every_padding_length_from_1_to_32_opens() {
        let key = AesKey::parse(KEY).unwrap();
        for n in 0..64 {
            let message = "x".repeat(n);
            let sealed = key.encrypt(b"0123456789abcdef", &message, "wx0123456789abcdef");
            assert_eq!(key.decrypt(&sealed).unwrap().message, message);
        }
    }

    #[test]
    fn a_wrong_key_is_named_as_the_likely_cause() {
        let sealed = AesKey::parse(KEY).unwrap().encrypt(b"0123456789abcdef", "hello", "wx0123456789abcdef");
        let other = AesKey::parse(&"A".repeat(43)).unwrap();
        assert!(other.decrypt(&sealed).unwrap_err().to_string().contains("EncodingAESKey"));
    }

    #[test]
    fn a_key_of_the_wrong_length_is_refused_with_its_length() {
        assert_eq!(AesKey::parse("short").unwrap_err(), EnvelopeError::Key(5));
    }
}
