//! From what a person did to what they see: sign, send, try again, judge the answer.
//!
//! | file | holds |
//! |---|---|
//! | `message.rs` | something that WeChat has to tell an account's server |
//! | `engine.rs` | the way of one push: attempts, faults, journal, chat |
//! | `sealed.rs` | one attempt's URL and body in the account's mode and format |
//! | `courier.rs` | one HTTP request, with five seconds for the whole answer |
//! | `judge.rs` | the answer as WeChat judges it |
//! | `reply.rs` | a passive reply's content, checked and as it will be shown |
//! | `verify.rs` | the verification of a callback URL |
//! | `raw.rs` | any text as a push |
//! | `again.rs` | a push once more |
//! | `event.rs` | events that WeChat itself or a consent causes |
//! | `component.rs` | events of third-party platforms, and the way of messages through one |
//! | `catalogued.rs` | any kind of the catalogue |
//! | `markfail.rs` | a minute without pushes after many failures |
//! | `pay/` | WeChat Pay's notifications to the merchant |
//! | `due.rs` | what the mock's clock makes happen: tickets, notifications once more |

mod again;
mod catalogued;
mod component;
mod courier;
mod due;
mod engine;
mod event;
mod judge;
mod markfail;
mod message;
mod pay;
mod raw;
mod reply;
mod sealed;
mod verify;

pub(crate) use courier::{Courier, client, reason, stalled};
pub(crate) use engine::Outcome;
pub(crate) use event::Answered;
pub(crate) use judge::judge;
pub(crate) use markfail::Marks;
pub(crate) use message::{Push, Replies, Sender};
pub(crate) use pay::Notice;
pub use pay::PendingNotice;
pub(crate) use sealed::envelope;
