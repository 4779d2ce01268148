//! Stage 3: who an event is about.
//!
//! An event names an OpenID, which is a person as one account sees them; the UnionID is the same person across the
//! brand's accounts. Whom the store knows is found there when the command is settled; only a stranger is looked for in
//! Sessions ([`Resolver::recall`]) and, when they do not know either, asked of WeChat for ([`Resolver::resolve`]).
//!
//! - `resolver`: the questions and their outcomes
//! - `known.rs`: what Sessions remember of a person
//! - `desk.rs`: many askers, few questions: one at a time per OpenID, up to 100 OpenIDs in one call; `pace.rs`: when the
//!   next call goes out
//!
//! Whether two persons are one is decided where it is settled, in [`crate::ledger`] and [`crate::store`].
//!
//! To add an outcome: a variant of [`Resolved`], and what `flow.rs` and the errand of the outbox do with it.

mod desk;
mod known;
mod pace;
mod resolver;

pub use known::Known;
pub use resolver::{Resolved, Resolver, Settings};
