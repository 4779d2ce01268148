//! WeChat's ciphertext: AES-256-CBC over 16 random bytes, the length, the message, the AppID, and a padding to 32.
//!
//! "消息加解密说明": the key is the EncodingAESKey and `=` read as base64, the IV its first 16 bytes. The padding is
//! PKCS#7 with blocks of 32, so that values of 17 to 32 are normal. The 43 characters hold 258 bits: the last two are
//! not zero in most real keys, and have to be passed over.

use aes::cipher::{Array, BlockModeDecrypt as _, BlockModeEncrypt as _, InnerIvInit as _, KeyInit as _};
use aes::{Aes256Dec, Aes256Enc};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use bytes::Bytes;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _, ConstantTimeLess as _};

/// Blocks of the padding, in bytes.
const BLOCK: usize = 32;
/// Random bytes and length before the message.
const HEAD: usize = 20;

const KEY_BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// One EncodingAESKey with both key schedules.
pub(super) struct Cipher {
    encrypt: Aes256Enc,
    decrypt: Aes256Dec,
    iv: [u8; 16],
}

impl Cipher {
    /// `None` unless the text has the shape of an EncodingAESKey, 43 letters and digits.
    pub(super) fn new(encoding_aes_key: &str) -> Option<Self> {
        let shaped =
            encoding_aes_key.len() == 43 && encoding_aes_key.bytes().all(|b| b.is_ascii_alphanumeric());
        let key: [u8; 32] =
            shaped.then(|| KEY_BASE64.decode(encoding_aes_key).ok()).flatten()?.try_into().ok()?;
        let mut iv = [0; 16];
        iv.copy_from_slice(&key[..16]);
        Some(Self { encrypt: Aes256Enc::new(&key.into()), decrypt: Aes256Dec::new(&key.into()), iv })
    }

    /// The message inside, if everything around it is right. What is wrong can be told neither from the answer nor
    /// from the time it takes: all checks are made, and only their conjunction is looked at.
    pub(super) fn open(&self, mut text: Vec<u8>, app_id: &str) -> Option<Bytes> {
        let (blocks, rest) = Array::slice_as_chunks_mut(&mut text);
        if !rest.is_empty() || blocks.len() * 16 < HEAD + app_id.len() + 1 || blocks.len() < 2 {
            return None;
        }
        cbc::Decryptor::inner_iv_init(&self.decrypt, &self.iv.into()).decrypt_blocks(blocks);

        let (padding, padded) = padding(&text);
        let content = text.len() - padding;
        let length = u32::from_be_bytes([text[16], text[17], text[18], text[19]]) as usize;
        let expected = content.wrapping_sub(HEAD + app_id.len());
        let fits = (length as u64).ct_eq(&(expected as u64))
            & !(content as u64).ct_lt(&((HEAD + app_id.len()) as u64));
        // Where the AppID stands if all is right; else any place inside the text will do.
        let at = usize::try_from(u64::conditional_select(&0, &((HEAD + length) as u64), fits)).ok()?;
        let addressed = text[at..at + app_id.len()].ct_eq(app_id.as_bytes());

        bool::from(padded & fits & addressed).then(|| Bytes::from(text).slice(HEAD..at))
    }

    /// Encrypts `message`, and writes it as base64.
    pub(super) fn seal(&self, message: &[u8], app_id: &str, random: [u8; 16]) -> String {
        let content = HEAD + message.len() + app_id.len();
        let padding = BLOCK - content % BLOCK;
        let mut text = Vec::with_capacity(content + padding);
        text.extend_from_slice(&random);
        text.extend_from_slice(&(message.len() as u32).to_be_bytes());
        text.extend_from_slice(message);
        text.extend_from_slice(app_id.as_bytes());
        text.resize(content + padding, padding as u8);
        let (blocks, _) = Array::slice_as_chunks_mut(&mut text);
        cbc::Encryptor::inner_iv_init(&self.encrypt, &self.iv.into()).encrypt_blocks(blocks);
        STANDARD.encode(text)
    }
}

/// The bytes of an `Encrypt` text.
pub(super) fn decode(encrypted: &str) -> Option<Vec<u8>> {
    STANDARD.decode(encrypted).ok()
}

/// How many bytes of padding `text`, at least 32 bytes, ends with, and whether they are right; 0 when they are not.
fn padding(text: &[u8]) -> (usize, Choice) {
    let tail = &text[text.len() - BLOCK..];
    let claimed = tail[BLOCK - 1];
    let mut right = !claimed.ct_eq(&0) & !32_u8.ct_lt(&claimed);
    for (before_end, byte) in (0_u8..).zip(tail.iter().rev()) {
        right &= !before_end.ct_lt(&claimed) | byte.ct_eq(&claimed);
    }
    (usize::from(u8::conditional_select(&0, &claimed, right)), right)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    const APP_ID: &str = "wx0123456789abcdef";

    fn cipher() -> Cipher {
        Cipher::new(KEY).unwrap()
    }

    /// Encrypts `text` as it is, with whatever padding it has.
    fn encrypt(mut text: Vec<u8>) -> Vec<u8> {
        let cipher = cipher();
        let (blocks, _) = Array::slice_as_chunks_mut(&mut text);
        cbc::Encryptor::inner_iv_init(&cipher.encrypt, &cipher.iv.into()).encrypt_blocks(blocks);
        text
    }

    fn framed(length: u32, message: &str, app_id: &str) -> Vec<u8> {
        [&[b'r'; 16], &length.to_be_bytes()[..], message.as_bytes(), app_id.as_bytes()].concat()
    }

    fn padded(mut text: Vec<u8>, padding: u8, value: u8) -> Vec<u8> {
        text.extend(std::iter::repeat_n(value, padding.into()));
        text
    }

    #[test]
    fn every_length_around_the_padding_comes_back_as_it_went() {
        for length in 0..=100 {
            let message = "x".repeat(length);

            let sealed = decode(&cipher().seal(message.as_bytes(), APP_ID, [7; 16])).unwrap();

            assert_eq!(sealed.len() % BLOCK, 0, "{length}");
            assert_eq!(cipher().open(sealed, APP_ID).unwrap(), message, "{length}");
        }
    }

    proptest! {
        #[test]
        fn every_message_comes_back_as_it_went(message in prop::collection::vec(any::<u8>(), 0..=65_536), random: [u8; 16]) {
            let sealed = decode(&cipher().seal(&message, APP_ID, random)).unwrap();

            prop_assert_eq!(cipher().open(sealed, APP_ID).unwrap(), message);
        }

        #[test]
        fn arbitrary_bytes_never_open(text in prop::collection::vec(any::<u8>(), 0..=300)) {
            prop_assert_eq!(cipher().open(text, APP_ID), None);
        }
    }

    #[test]
    fn anything_but_the_right_frame_stays_closed() {
        let whole = framed(10, "0123456789", APP_ID);
        assert_eq!(whole.len(), 48);
        let right = padded(whole.clone(), 16, 16);
        assert_eq!(cipher().open(encrypt(right.clone()), APP_ID).unwrap(), "0123456789");

        let inconsistent = {
            let mut text = right.clone();
            text[50] = 15;
            text
        };
        for (why, text) in [
            ("padding 0", padded(whole.clone(), 16, 0)),
            ("padding 33", padded(framed(25, &"m".repeat(25), APP_ID), 33, 33)),
            ("padding 255", padded(whole.clone(), 16, 255)),
            ("padding shorter than it says", padded(whole.clone(), 16, 17)),
            ("padding longer than it says", padded(whole.clone(), 16, 15)),
            ("padding with another value in it", inconsistent),
            ("length one too much", padded(framed(11, "0123456789", APP_ID), 16, 16)),
            ("length one too little", padded(framed(9, "0123456789", APP_ID), 16, 16)),
            ("length far beyond the end", padded(framed(u32::MAX, "0123456789", APP_ID), 16, 16)),
            ("length that wraps", padded(framed(u32::MAX - 19, "0123456789", APP_ID), 16, 16)),
            ("another AppID", padded(framed(10, "0123456789", "wx0123456789abcdee"), 16, 16)),
            ("an AppID in another case", padded(framed(10, "0123456789", "WX0123456789abcdef"), 16, 16)),
            ("a longer AppID", padded(framed(10, "0123456789", "wx0123456789abcdef0"), 15, 15)),
            ("a shorter AppID", padded(framed(10, "0123456789", "wx0123456789abcde"), 17, 17)),
            ("no AppID", padded(framed(10, "0123456789", ""), 2, 2)),
            ("nothing but padding", vec![32; 32]),
            ("nothing but padding, twice", vec![32; 64]),
        ] {
            assert_eq!(cipher().open(encrypt(text), APP_ID), None, "{why}");
        }
        for (why, length) in [("nothing", 0), ("half a block", 8), ("one block", 16), ("a cut block", 63)] {
            assert_eq!(cipher().open(encrypt(right.clone())[..length].to_vec(), APP_ID), None, "{why}");
        }
    }

    #[test]
    fn only_43_letters_and_digits_are_a_key_and_their_last_two_bits_do_not_matter() {
        let sealed = decode(&cipher().seal(b"hello", APP_ID, [7; 16])).unwrap();
        for last in ["E", "F", "G", "H"] {
            let key = Cipher::new(&format!("{}{last}", &KEY[..42])).unwrap();
            assert_eq!(key.open(sealed.clone(), APP_ID).unwrap(), "hello");
        }
        for bad in [
            "",
            &KEY[1..],
            &format!("{KEY}="),
            &format!("{KEY}A"),
            &KEY.replace('a', "-"),
            &KEY.replace('a', "é"),
        ] {
            assert!(Cipher::new(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_wrong_padding_and_a_wrong_appid_take_the_same_time() {
        const TRIES: usize = 10_000;
        let message = "m".repeat(400);
        let text = framed(400, &message, APP_ID);
        let short = 32 - (text.len() % 32) as u8;
        let bad_padding = encrypt(padded(text, short, 0));
        let bad_appid = encrypt(padded(framed(400, &message, "wx0123456789abcdee"), short, short));
        let cipher = cipher();
        let time = |text: &Vec<u8>| {
            let text = text.clone();
            let start = Instant::now();
            let opened = std::hint::black_box(cipher.open(text, APP_ID));
            let time = start.elapsed().as_secs_f64();
            assert!(opened.is_none());
            time
        };

        // Each is compared with its neighbour, in turns the first of the two, since a machine's speed changes. Two
        // that do the same differ by less than a thousandth then, and an early return on the padding by two hundredths.
        let mut ratios: Vec<_> = (0..TRIES)
            .map(|n| {
                let padding_first = (n % 2 == 0).then(|| time(&bad_padding));
                let appid = time(&bad_appid);
                padding_first.unwrap_or_else(|| time(&bad_padding)) / appid
            })
            .collect();

        ratios.sort_unstable_by(f64::total_cmp);
        let median = ratios[TRIES / 2];
        assert!((0.99..1.01).contains(&median), "bad padding takes {median:.3} times as long as a bad AppID");
    }
}
