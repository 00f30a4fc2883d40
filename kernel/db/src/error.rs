//! What can go wrong with a database, sorted by what a caller can do about it.

use std::convert::Infallible;

/// A failed statement or connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// The database cannot be reached, is shutting down, full or locked: try again later.
    /// After a failed commit the outcome is unknown until the same key is tried again.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// Lost a race that the database resolved by giving up this transaction: run it again.
    #[error("the transaction lost a race: {0}")]
    Conflict(String),
    /// A unique key is taken.
    #[error("already there: {0}")]
    Duplicate(String),
    /// There is no database where it was looked for, or not all of it.
    #[error("{0}")]
    Absent(String),
    /// The settings are impossible or unsafe.
    #[error("{0}")]
    Configuration(String),
    /// Everything else is a defect of ours or damage to the file.
    #[error("the database refused a statement: {0}")]
    Internal(String),
}

impl From<Infallible> for DbError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl DbError {
    /// Whether the same work may succeed when it is simply done again.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Conflict(_))
    }
}

/// What a failed statement says about where it was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// Nothing: it was the statement, its values, a race, a lock or a limit.
    Work,
    /// The session is not what it was: over, read-only, or without its prepared statements. Others may be like it.
    Session,
    /// The server has no space left; a new session would have none either.
    Space,
    /// The server itself is unwell.
    Server,
}

impl Blame {
    pub(crate) fn of(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(refusal) => Self::of_code(refusal.code().code()),
            None if is_of_connection(error) => Self::Session,
            None => Self::Work,
        }
    }

    fn of_code(code: &str) -> Self {
        match code {
            // Told to stop by somebody, or by a limit of its own: the session goes on.
            "57014" => Self::Work,
            // A read-only transaction; sessions that ended idle; prepared statements gone, somebody else's, or of a table
            // that has changed.
            "25006" | "25P03" | "25P04" | "25P05" | "26000" | "42P05" | "0A000" => Self::Session,
            "53100" => Self::Space,
            _ => match &code[..2] {
                "08" | "57" => Self::Session,
                "53" | "58" | "XX" => Self::Server,
                _ => Self::Work,
            },
        }
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refusal) = error.as_db_error() else {
            // Without an answer of the server it is the connection that failed, unless a value did not convert.
            let kind = if is_of_connection(&error) { Self::Unavailable } else { Self::Internal };
            return kind(describe(&error));
        };
        let code = refusal.code().code();
        let message = format!("{} ({code})", refusal.message());
        match (&code[..2], Blame::of_code(code)) {
            ("40", _) => Self::Conflict(message),
            _ if code == "23505" => Self::Duplicate(refusal.constraint().unwrap_or(refusal.message()).to_owned()),
            // What the session or the server could not do; what took too long; and a lock that did.
            (_, Blame::Session | Blame::Space) | ("53" | "55" | "57" | "58", _) => Self::Unavailable(message),
            _ => Self::Internal(message),
        }
    }
}

fn is_of_connection(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>())
}

impl From<deadpool_postgres::PoolError> for DbError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(cause)
            | deadpool_postgres::PoolError::PostCreateHook(deadpool_postgres::HookError::Backend(cause)) => {
                Self::Unavailable(describe(&cause))
            }
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let message = error.to_string();
        match error.sqlite_error() {
            Some(code) if is_unique_violation(code) => Self::Duplicate(message),
            Some(code) => match code.code {
                ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::OutOfMemory
                | ErrorCode::CannotOpen => Self::Unavailable(message),
                ErrorCode::NotADatabase => Self::Absent(message),
                _ => Self::Internal(message),
            },
            None => Self::Internal(message),
        }
    }
}

fn is_unique_violation(error: &rusqlite::ffi::Error) -> bool {
    matches!(error.extended_code, rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
}

/// The error with its causes: drivers hide the useful half in `source`.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_told_from_the_work() {
        for (codes, blame) in [
            (&["08006", "08P01", "25006", "26000", "42P05", "57P01", "57P02", "57P03", "57P05"][..], Blame::Session),
            (&["53100"], Blame::Space),
            (&["53200", "53300", "58030", "XX000", "XX001"], Blame::Server),
            (&["23505", "22003", "40001", "40P01", "55P03", "57014", "42601", "42501", "P0001"], Blame::Work),
        ] {
            codes.iter().for_each(|code| assert_eq!(Blame::of_code(code), blame, "{code}"));
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_no_defect() {
        use rusqlite::ffi;
        let error = |code| DbError::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        for code in [
            ffi::SQLITE_FULL,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_CANTOPEN,
            ffi::SQLITE_NOMEM,
            ffi::SQLITE_PERM,
            ffi::SQLITE_BUSY,
        ] {
            assert!(matches!(error(code), DbError::Unavailable(_)), "{code}");
        }
        // Damage does not go away by waiting.
        assert!(matches!(error(ffi::SQLITE_CORRUPT), DbError::Internal(_)));
    }
}
