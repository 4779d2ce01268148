//! What a failed statement means to the caller.

use rusqlite::{Error, ErrorCode};

use super::super::StoreError;

/// A failure that concerns everybody.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
pub(super) fn unavailable(error: Error) -> StoreError {
    let hint = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process holds the write lock",
        Some(ErrorCode::DiskFull) => "the disk is full, or max_page_count is reached: free some space",
        Some(ErrorCode::ReadOnly) => "the file or its folder is read-only",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "the file is damaged: restore a backup",
        _ => "SQLite failed",
    };
    StoreError::Unavailable(format!("{hint} ({error})"))
}

/// A row that cannot be read concerns whoever needs it; whatever else fails concerns everybody. `row` is 0 where only the
/// place is known at which it should be.
pub(super) fn unreadable(
    table: &'static str,
    row: i64,
    column: &'static str,
) -> impl Fn(Error) -> StoreError {
    move |error| {
        let damaged = matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt));
        let strange = matches!(
            error,
            Error::FromSqlConversionFailure(..)
                | Error::InvalidColumnType(..)
                | Error::IntegralValueOutOfRange(..)
                | Error::Utf8Error(..)
        );
        match damaged || strange {
            true => StoreError::Corrupt { table, row, column, why: error.to_string() },
            false => unavailable(error),
        }
    }
}
