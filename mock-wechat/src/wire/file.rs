//! What a file is by its first bytes, and its fingerprint.

use md5::{Digest, Md5};

use crate::ids::hex;

/// The content type of a file of a kind that WeChat takes: pictures, spoken words, films. Its name says nothing.
pub fn content_type(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if starts(b"\x89PNG") {
        Some("image/png")
    } else if starts(b"GIF8") {
        Some("image/gif")
    } else if starts(b"#!AMR") {
        Some("audio/amr")
    } else if starts(b"ID3") || starts(b"\xff\xfb") || starts(b"\xff\xf3") {
        Some("audio/mpeg")
    } else if bytes.get(4..8) == Some(b"ftyp") {
        Some("video/mp4")
    } else {
        None
    }
}

/// `PicMd5Sum`: lower hex of MD5.
pub fn md5(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_is_the_published_one() {
        // RFC 1321, appendix A.5
        assert_eq!(md5(b"message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
    }

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        for (bytes, is) in [
            (&b"\xff\xd8\xff\xe0"[..], Some("image/jpeg")),
            (b"#!AMR\n", Some("audio/amr")),
            (b"\0\0\0\x18ftypisom", Some("video/mp4")),
            (b"<html>", None),
            (b"", None),
        ] {
            assert_eq!(content_type(bytes), is, "{bytes:?}");
        }
    }
}
