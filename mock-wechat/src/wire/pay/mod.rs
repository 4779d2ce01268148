//! WeChat Pay v3 notifications: their signature and the cipher of what they hold.
//!
//! The mock is WeChat Pay's platform, so it needs a key pair and a certificate of its own: the files beside this one, which
//! are public and good for nothing else. A receiver verifies with `certificate.pem` or `public_key.pem`, which
//! `GET /_mock/pay` hands out.

use std::sync::OnceLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};

/// The platform certificate.
pub const CERTIFICATE: &str = include_str!("certificate.pem");
/// The certificate's key, for the public-key mode.
pub const PUBLIC_KEY: &str = include_str!("public_key.pem");
/// The certificate's serial number, as `Wechatpay-Serial` has it.
pub const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
/// What the signatures of WeChat Pay's probes begin with: a receiver must refuse them.
pub const SIGNTEST: &str = "WECHATPAY/SIGNTEST/";

const KEY: &str = include_str!("key.pem");

/// Why something could not be signed or sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayError {
    /// An APIv3 key is 32 bytes, a nonce 12.
    #[error("an APIv3 key has 32 bytes and a nonce 12")]
    Length,
    /// The platform's own key did not sign.
    #[error("the platform key does not sign")]
    Key,
}

/// `Wechatpay-Signature`: RSA with PKCS#1 v1.5 and SHA-256 over timestamp, nonce and body, each with a line break behind
/// it; base64.
pub fn sign(timestamp: &str, nonce: &str, body: &str) -> Result<String, PayError> {
    static PAIR: OnceLock<Option<RsaKeyPair>> = OnceLock::new();
    let pair = PAIR.get_or_init(|| RsaKeyPair::from_pkcs8(&der(KEY)?).ok()).as_ref().ok_or(PayError::Key)?;
    let mut signature = vec![0; pair.public().modulus_len()];
    let message = format!("{timestamp}\n{nonce}\n{body}\n");
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .map_err(|_| PayError::Key)?;
    Ok(STANDARD.encode(signature))
}

/// `resource.ciphertext`: AES-256-GCM with the tag behind it; base64.
pub fn seal(
    api_v3_key: &str,
    nonce: &str,
    associated_data: &str,
    plaintext: &str,
) -> Result<String, PayError> {
    let key = UnboundKey::new(&AES_256_GCM, api_v3_key.as_bytes()).map_err(|_| PayError::Length)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce.as_bytes()).map_err(|_| PayError::Length)?;
    let mut sealed = plaintext.as_bytes().to_vec();
    let key = LessSafeKey::new(key);
    key.seal_in_place_append_tag(nonce, Aad::from(associated_data.as_bytes()), &mut sealed)
        .map_err(|_| PayError::Length)?;
    Ok(STANDARD.encode(sealed))
}

fn der(pem: &str) -> Option<Vec<u8>> {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(base64).ok()
}

#[cfg(test)]
mod tests {
    use ring::{
        aead::AES_128_GCM,
        signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
    };
    use serde_json::Value;

    use super::*;

    /// The bits of a `SubjectPublicKeyInfo` of a 2048-bit RSA key: they follow a head of 24 bytes.
    fn verifies(spki: &[u8], message: &str, signature: &str) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &spki[24..]);
        key.verify(message.as_bytes(), &STANDARD.decode(signature).unwrap()).is_ok()
    }

    fn vector(id: &str) -> Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/vectors.json");
        let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        all["vectors"].as_array().unwrap().iter().find(|vector| vector["id"] == id).unwrap().clone()
    }

    #[test]
    fn the_public_key_verifies_what_was_signed_and_nothing_else() {
        let signature = sign("1760000000", "nonce", "{}").unwrap();
        let spki = der(PUBLIC_KEY).unwrap();

        assert!(verifies(&spki, "1760000000\nnonce\n{}\n", &signature));
        assert!(!verifies(&spki, "1760000000\nnonce\n{ }\n", &signature));
        let certificate = der(CERTIFICATE).unwrap();
        assert!(
            certificate.windows(spki.len()).any(|window| window == spki),
            "the certificate has the same key"
        );
    }

    #[test]
    fn the_signed_text_is_that_of_the_published_vector() {
        let vector = vector("wechatpay-v3-notify-signature");
        let input = |name: &str| vector["inputs"][name].as_str().unwrap();
        let certificate = der(input("certificate")).unwrap();
        // The head of the public key's structure: a sequence, the algorithm rsaEncryption, a bit string.
        let head = [0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01];
        let at = certificate.windows(head.len()).position(|window| window == head).unwrap();
        let message = format!("{}\n{}\n{}\n", input("timestamp"), input("nonce"), input("body"));

        assert!(verifies(&certificate[at..at + 294], &message, input("signature")));
    }

    #[test]
    fn the_cipher_is_that_of_the_published_vectors() {
        // Their keys are 16 bytes; real ones are 32. Everything else is the same.
        for id in ["wechatpay-v3-notify-resource", "wechatpay-v3-gcm-small"] {
            let vector = vector(id);
            let input = |name: &str| vector["inputs"][name].as_str().unwrap();
            let key = UnboundKey::new(&AES_128_GCM, input("apiv3_key").as_bytes()).unwrap();
            let nonce = Nonce::try_assume_unique_for_key(input("nonce").as_bytes()).unwrap();
            let mut sealed = vector["expected"].as_str().unwrap().as_bytes().to_vec();
            let aad = Aad::from(input("associated_data").as_bytes());
            LessSafeKey::new(key).seal_in_place_append_tag(nonce, aad, &mut sealed).unwrap();

            assert_eq!(STANDARD.encode(sealed), input("ciphertext"), "{id}");
        }
    }

    #[test]
    fn keys_and_nonces_have_their_lengths() {
        assert_eq!(seal("short", "123456789012", "", "x"), Err(PayError::Length));
        assert_eq!(seal(&"k".repeat(32), "short", "", "x"), Err(PayError::Length));
        assert!(seal(&"k".repeat(32), "123456789012", "", "x").is_ok());
    }
}
