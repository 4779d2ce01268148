//! What goes over the wire, byte for byte, in both directions. Nothing in here knows the world or does I/O.
//!
//! | file | holds |
//! |---|---|
//! | `fields.rs` | a message as a list of named fields, written as WeChat's XML or JSON and read back |
//! | `signature.rs` | `signature` and `msg_signature` |
//! | `envelope.rs` | AES-256-CBC with WeChat's padding, the safe-mode envelope |
//! | `userdata.rs` | what a mini-program's session key signs and encrypts |
//! | `multipart.rs` | uploaded forms |
//! | `pay/` | signature and cipher of WeChat Pay's notifications |
//! | `picture.rs` | pictures of QR codes |
//! | `file.rs` | what a file is by its first bytes |
//!
//! The signature and AES code is the mock's own and shares nothing with any receiver, so that a mistake in one
//! cannot hide in the other; the vectors in `docs/vectors.json` pin it.

pub mod envelope;
pub mod fields;
pub mod file;
pub mod multipart;
pub mod pay;
pub mod picture;
pub mod signature;
pub mod userdata;

#[cfg(test)]
mod vectors;
