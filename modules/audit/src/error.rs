//! What can go wrong with the audit log.

use db::DbError;
use merkle::MissingHash;

/// Why something was refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// It happened, and is not in a signed head yet.
    #[error("not logged yet")]
    NotYetLogged,
    /// There is nothing of the kind in the log.
    #[error("not in the log")]
    NotFound,
    /// There is no signed head of this size.
    #[error("there is no checkpoint of this size")]
    NoCheckpoint,
    /// No proof leads from the one size to the other.
    #[error("first must be from 1 to second, and second at most the size of the newest checkpoint")]
    OutOfRange,
    /// What is stored contradicts a head that was signed, or itself. Nothing is logged or signed any more.
    #[error("AUDIT_FORKED: {0}")]
    Forked(String),
    /// The key is none that the log can be signed with.
    #[error("{0} cannot be the name of a log")]
    Name(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}

/// The outcome of anything that touches the log.
pub type Result<T> = std::result::Result<T, AuditError>;

impl From<MissingHash> for AuditError {
    fn from(missing: MissingHash) -> Self {
        Self::Forked(missing.to_string())
    }
}
