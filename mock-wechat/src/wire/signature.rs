//! SHA-1 over sorted, concatenated strings: all that a push is signed with.

use sha1::{Digest, Sha1};

use crate::ids::hex;

/// `signature` of a push or a URL verification: lower hex of SHA-1 over the byte-wise sorted token, timestamp and
/// nonce.
pub fn signature(token: &str, timestamp: &str, nonce: &str) -> String {
    sorted_sha1(&mut [token, timestamp, nonce])
}

/// `msg_signature` of a safe or compatible push, and `MsgSignature` of an encrypted reply: as [`signature`], with
/// the base64 text of `Encrypt` as a fourth member.
pub fn msg_signature(token: &str, timestamp: &str, nonce: &str, encrypt: &str) -> String {
    sorted_sha1(&mut [token, timestamp, nonce, encrypt])
}

fn sorted_sha1(parts: &mut [&str]) -> String {
    parts.sort_unstable();
    let mut sha1 = Sha1::new();
    for part in parts {
        sha1.update(part.as_bytes());
    }
    hex(&sha1.finalize())
}
