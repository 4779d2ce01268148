//! Whether something can be stored again, after a group was not.
//!
//! A full disk, a quota and a lock pass without a restart. A gateway that has said it is not ready may get no pushes, so
//! it cannot learn from the next one.

use rusqlite::{Connection, TransactionBehavior};

use super::super::StoreError;
use super::trouble::unavailable;

/// A commit that takes room in the file, writes to the log and leaves nothing behind: a request of sixteen pages that
/// comes and goes. No Idempotency-Key's digest is empty.
///
/// # Errors
/// [`StoreError::Unavailable`] with SQLite's reason.
pub(super) fn commit(connection: &mut Connection) -> Result<(), StoreError> {
    let mut attempt = || {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute("INSERT INTO request (key, body) VALUES (x'', zeroblob(65536))", [])?;
        transaction.execute("DELETE FROM request WHERE key = x''", [])?;
        transaction.commit()
    };
    attempt().map_err(unavailable)
}
