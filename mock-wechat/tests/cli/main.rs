//! The program itself, as it is called.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod careful;
mod grade;
mod load;
#[cfg(target_os = "linux")]
mod memory;
mod program;
mod readme;
mod receiver;
mod serve;
mod strangers;
mod trigger;
