//! wechat-gateway: from a signed push to a personalised welcome.
//!
//! | stage | room | takes | gives |
//! |---|---|---|---|
//! | 0 | [`http`](self) | an HTTP request | a `verify::Delivery` |
//! | 1 | [`verify`] | a delivery | a push whose sender is WeChat |
//! | 2 | [`event`] | a push | a typed event with its unique key |
//! | 3 | [`identity`] | an event | who it is about |
//! | 4 | [`ledger`], [`store`] | a command | one durable commit, and the reply |
//! | 5 | [`answer`] | a receipt | the passive reply, or a message owed |
//!
//! Stages 1 and 2 read XML by one reader, [`xml`](self).
//!
//! Ports: [`store`], [`session`], [`platform`], and [`clock`].

pub mod account;
pub mod answer;
pub mod app;
pub mod check;
pub mod clock;
pub mod config;
pub mod event;
pub mod flow;
mod http;
pub mod identity;
pub mod ids;
pub mod ledger;
pub mod platform;
pub mod ports;
mod quarantine;
pub mod session;
pub mod store;
pub mod telemetry;
mod tls;
pub mod verify;
pub mod verify_log;
mod xml;
