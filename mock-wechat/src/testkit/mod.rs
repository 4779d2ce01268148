//! A WeChat per test.
//!
//! | file | holds |
//! |---|---|
//! | `mock.rs` | [`MockWechat`]: starts, stops, clock, faults, journals |
//! | `account.rs` | [`Account`]: an account, and how to change it |
//! | `person.rs`, `chatting.rs` | [`Person`]: what people do, a verb each |
//! | `chat.rs` | [`Chat`]: what an act led to, and assertions about it |
//! | `expect.rs` | [`Expectation`]: how often an API is called, verified at the end |
//! | `report.rs` | the failure messages |
//!
//! Each mock has its own port, thread and runtime: it works inside any test of any runtime, beside any number of
//! others, and goes on answering while the test waits. Failed assertions panic with what was expected, what came
//! nearest and the whole wire.
//!
//! To add a verb: an act in the crate's `acts`, and a method of [`Person`] that performs it.

mod account;
mod chat;
mod chatting;
mod expect;
mod mock;
mod person;
mod report;

pub use self::{
    account::{Account, AccountBuilder},
    chat::Chat,
    expect::Expectation,
    mock::MockWechat,
    person::{Payment, Person, UserDataSealed},
};
