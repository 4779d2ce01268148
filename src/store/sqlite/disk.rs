//! A disk that has failed once is not believed again.
//!
//! An operating system reports what it could not write once, may drop it, and reports success the next time. So the
//! first error of the log or of the file is remembered by everybody who writes, and nothing is stored after it. The log
//! then stays as it is: the next start reads it again, and copies all of it into the file before it serves anybody.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::super::StoreError;

/// Shared by the writer, by whoever asks it, and by the threads beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk(Arc<OnceLock<StoreError>>);

impl Disk {
    /// # Errors
    /// [`StoreError::Unavailable`] once it has failed.
    pub(super) fn sound(&self) -> Result<(), StoreError> {
        self.0.get().map_or(Ok(()), |failed| Err(failed.clone()))
    }

    /// From now on nothing is stored; says why.
    pub(super) fn fail(&self, what: &'static str, error: &dyn fmt::Display) -> StoreError {
        tracing::error!(%error, "{what}; nothing is stored until a restart");
        let failed = StoreError::Unavailable(format!(
            "{what} ({error}): see to the disk and its free space, move the file and its -wal to a sound disk if need \
             be, then restart the gateway"
        ));
        self.0.get_or_init(|| failed).clone()
    }
}
