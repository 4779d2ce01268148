//! Foreign SDKs against the mock: what they accept, WeChat answers, and what they answer, WeChat accepts.
//!
//! `clients/` holds a program per SDK that calls WeChat's API, `receivers/` one per SDK that answers pushes. The SDKs
//! themselves are installed by scripts/test, never committed. node-easywechat works with node-socialite 1.4 alone,
//! hence its line in package.json.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod clients;
mod receivers;
mod sdk;
