//! The brand's API, one file per resource. Every answer is JSON; every error is `problem+json` with a stable `code`.

pub(super) mod auth;
pub(super) mod events;
pub(super) mod openapi;
pub(super) mod persons;
pub(super) mod problem;
