//! Black-box tests: over HTTP, or through the library, against a receiver written for them.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod api;
mod catalogue;
mod client;
mod component;
mod control;
mod faults;
mod kit;
mod limits;
mod login;
mod mass;
mod media;
mod menu;
mod menu_prompts;
mod merchant;
mod messages;
mod notify;
mod oauth;
mod openapi;
mod pay;
mod pay_retries;
mod platforms;
mod pushes;
mod qr_codes;
mod receiver;
mod retries;
mod scenario;
mod standing;
mod state;
mod tokens;
mod users;
mod verdicts;
mod windows;
mod world;
