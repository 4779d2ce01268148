//! Foreign SDKs as oracles: installed by scripts/test, never committed.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod examples;
#[path = "../gateway/harness.rs"]
#[expect(dead_code, reason = "shared with tests/gateway, which uses all of it")]
mod harness;
mod wechatpy;
