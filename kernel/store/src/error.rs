//! What can go wrong with a database, sorted by what a caller can do about it.

/// A failed statement or connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
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
    /// The settings are impossible or unsafe.
    #[error("{0}")]
    Configuration(String),
    /// Everything else is a defect of ours or damage to the file.
    #[error("the database refused a statement: {0}")]
    Internal(String),
}

impl StoreError {
    /// Whether the same work may succeed when it is simply done again.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Conflict(_))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refusal) = error.as_db_error() else {
            // Without an answer of the server it is the connection that failed, unless a value did not convert.
            return if error.is_closed()
                || std::error::Error::source(&error).is_some_and(|cause| cause.is::<std::io::Error>())
            {
                Self::Unavailable(error.to_string())
            } else {
                Self::Internal(describe(&error))
            };
        };
        let code = refusal.code().code();
        let message = format!("{} ({code})", refusal.message());
        match &code[..2] {
            "40" => Self::Conflict(message),
            // Connection trouble, resources, operator intervention, I/O; and a lock that took too long.
            "08" | "53" | "57" | "58" | "55" => Self::Unavailable(message),
            _ if code == "23505" => Self::Duplicate(refusal.constraint().unwrap_or(refusal.message()).to_owned()),
            _ => Self::Internal(message),
        }
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(cause) => Self::Unavailable(describe(&cause)),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
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
                | ErrorCode::CannotOpen => Self::Unavailable(message),
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
