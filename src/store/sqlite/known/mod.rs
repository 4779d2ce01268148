//! What the writer remembers from one commit to the next.
//!
//! - `keys.rs`: the unique keys of the newest events, on their way into the index
//! - `links.rs`: where links lead
//!
//! Other processes may write to the file between two commits, so both are brought up to date under the write lock
//! before they are asked.

mod keys;
mod links;

use rusqlite::Connection;

use super::super::StoreError;
use super::super::batch::Writes;
use super::limits::Limits;
use crate::ids::EventNo;
use keys::{Keys, Slice};
use links::Links;

/// See the module.
pub(super) struct Known {
    pub(super) keys: Keys,
    pub(super) links: Links,
}

impl Known {
    /// Nothing yet.
    pub(super) fn new(limits: Limits) -> Self {
        Self { keys: Keys::new(limits), links: Links::default() }
    }

    /// Learns what others have done since; `last` is the log's last event.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub(super) fn catch_up(&mut self, connection: &Connection, last: EventNo) -> Result<(), StoreError> {
        self.keys.catch_up(connection, last)?;
        self.links.catch_up(connection)
    }

    /// After the commit of `writes` and of what [`Keys::index`] did.
    pub(super) fn committed(&mut self, writes: &Writes, indexed: Option<&Slice>) {
        self.keys.committed(&writes.events, indexed);
        self.links.committed(writes);
    }
}
