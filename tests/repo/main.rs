//! What must be true of the repository itself: its rooms, its documents, its commands.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod changelog;
mod dev;
mod dockerfile;
mod errors;
mod house;
mod kit;
mod local_world;
mod modules;
mod package;
mod readme;
#[cfg(target_os = "linux")]
mod release;
mod settings;
mod tree;
