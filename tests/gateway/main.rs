//! Black box over HTTP: a real gateway, mock-wechat beside it, one file per stage.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod api;
mod check;
mod crash;
mod crowd;
mod disk;
mod erasure;
mod faults;
mod grade;
mod harness;
mod health;
mod hostile;
mod orders;
mod process;
mod secrecy;
mod signing;
mod telemetry;
mod welcome;
