//! Third-party platforms: tickets, tokens, authorisations, and what they do in the name of accounts.
//!
//! | file | holds |
//! |---|---|
//! | `setting.rs` | a platform, an account, and a receiver that opens what the platform is told |
//! | `tickets.rs` | tickets, and the token that they give |
//! | `authorizations.rs` | the page of authorisation, tokens of accounts, what is told of them |
//! | `in_its_name.rs` | logins and messages that go through the platform |

mod authorizations;
mod in_its_name;
mod setting;
mod tickets;
