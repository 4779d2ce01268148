//! Stage 1: a signed delivery becomes a push, or is refused.
//!
//! A [`Delivery`] is what arrived at `/wechat/{account}`: nobody has looked at it yet, and its body cannot be read.
//! [`Verifier::verify`] is the only way to a [`Push`].
//!
//! - `signature.rs`: SHA-1 over sorted parts, compared in constant time
//! - `envelope.rs`: AES-256-CBC with WeChat's padding, both directions, and the AppID at its end
//! - `replay.rs`: the freshness window, and what a signature has already vouched for
