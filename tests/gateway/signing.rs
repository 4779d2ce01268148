//! Signed deliveries made by hand, for what a well-behaved WeChat never sends. Written from the protocol, not from the
//! gateway's code.

use aes::Aes256;
use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use cbc::Encryptor;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use sha1::{Digest as _, Sha1};

/// Token of both accounts of the local world.
pub(crate) const TOKEN: &str = "localtoken";
/// EncodingAESKey of both.
pub(crate) const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
/// The Official Account.
pub(crate) const BRAND: &str = "wx00000000000000aa";
/// Its original id.
pub(crate) const BRAND_ID: &str = "gh_0000000000aa";

/// Lower-case hex SHA-1 over the sorted parts.
pub(crate) fn signature(parts: &[&str]) -> String {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    Sha1::digest(parts.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Query of a plain-mode push at `timestamp`.
pub(crate) fn plain_query(timestamp: i64, nonce: &str) -> String {
    let timestamp = timestamp.to_string();
    let signature = signature(&[TOKEN, &timestamp, nonce]);
    format!("signature={signature}&timestamp={timestamp}&nonce={nonce}")
}

/// Ciphertext of `message` for `app_id`, with WeChat's padding.
pub(crate) fn encrypt(message: &[u8], app_id: &str) -> String {
    let mut text = b"0123456789abcdef".to_vec();
    text.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    text.extend(message);
    text.extend(app_id.as_bytes());
    let pad = 32 - text.len() % 32;
    text.extend(std::iter::repeat_n(u8::try_from(pad).unwrap(), pad));
    encrypt_raw(&text)
}

/// Ciphertext of exactly `text`, whatever is wrong with it; a multiple of 16 bytes.
pub(crate) fn encrypt_raw(text: &[u8]) -> String {
    let lenient = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    let key = lenient.decode(format!("{AES_KEY}=")).unwrap();
    let encryptor = Encryptor::<Aes256>::new_from_slices(&key, &key[..16]).unwrap();
    let mut bytes = text.to_vec();
    encryptor.encrypt_padded::<NoPadding>(&mut bytes, text.len()).unwrap();
    STANDARD.encode(bytes)
}

/// Query and body of a safe-mode push of `encrypted`.
pub(crate) fn safe_delivery(encrypted: &str, timestamp: i64, nonce: &str) -> (String, String) {
    let plain = plain_query(timestamp, nonce);
    let covered = signature(&[TOKEN, &timestamp.to_string(), nonce, encrypted]);
    let body = format!(
        "<xml><ToUserName><![CDATA[{BRAND_ID}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    );
    (format!("{plain}&encrypt_type=aes&msg_signature={covered}"), body)
}

/// An event in the byte layout that WeChat logs, `fields` after the common header.
pub(crate) fn event_xml(open_id: &str, created: i64, event: &str, fields: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[{BRAND_ID}]]></ToUserName>\n<FromUserName><![CDATA[{open_id}]]></FromUserName>\n\
         <CreateTime>{created}</CreateTime>\n<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[{event}]]></Event>\n\
         {fields}\n</xml>"
    )
}
