//! Black-box tests: over HTTP, or through the library, against a receiver written for them.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod pushes;
mod receiver;
