//! What must be true of the repository itself: its rooms, its documents, its commands.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod changelog;
mod house;
mod modules;
mod tree;
