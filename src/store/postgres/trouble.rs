//! Why a group was not committed, and so what to do next.

use tokio_postgres::error::SqlState;

use super::super::StoreError;
use super::super::batch::Needs;
use super::unavailable;

/// Why a group was not committed.
pub(super) enum Trouble {
    /// Another gateway was quicker: reading again finds what it did.
    Conflict(StoreError),
    /// Rows that must be locked in order with the others.
    Needs(Box<Needs>),
    /// A row was locked for too long.
    Locked(StoreError),
    /// One command cannot be stored: the others can.
    Poison(StoreError),
    /// None of these commands can.
    All(StoreError),
    /// There is no connection: no command at all can.
    Down(StoreError),
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        let code = error.code().cloned();
        let error = unavailable(error);
        let Some(code) = code else { return Self::Down(error) };
        match code {
            SqlState::UNIQUE_VIOLATION | SqlState::T_R_SERIALIZATION_FAILURE => Self::Conflict(error),
            // Which of the two comes first is a matter of the server's settings.
            SqlState::LOCK_NOT_AVAILABLE | SqlState::T_R_DEADLOCK_DETECTED => Self::Locked(error),
            code => match code.code().get(..2) {
                // A value that PostgreSQL cannot keep, for example a text with a NUL; a row that it has no place for; one
                // that is too large.
                Some("22" | "23" | "54") => Self::Poison(error),
                // The connection is lost, or the server is going down or coming up.
                Some("08" | "57") if code != SqlState::QUERY_CANCELED => Self::Down(error),
                _ => Self::All(error),
            },
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::All(error),
            StoreError::Corrupt { .. } | StoreError::KeyReused => Self::Poison(error),
        }
    }
}
