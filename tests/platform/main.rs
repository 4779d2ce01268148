//! The `Platform` port over HTTP: what WeChat answers, what it answers on a bad day, and what no WeChat ever answers.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod busy;
mod lookups;
mod mock;
mod peer;
mod rubbish;
mod sends;
mod tokens;
mod world;
