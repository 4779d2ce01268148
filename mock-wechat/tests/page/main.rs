//! The page at `/` in a real browser: headless Chromium, driven by chromedriver.
//!
//! Pictures of what was seen are kept in `target/tmp/screenshots`.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod api;
mod brand;
mod browser;
mod buttons;
mod consent;
mod controls;
mod keyboard;
mod messages;
mod newcomer;
mod people;
mod plain;
mod small;
mod trouble;

/// A client that needs nothing to have been set up before.
fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
