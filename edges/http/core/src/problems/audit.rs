//! The audit log's failures as clients see them.

use crate::ErrorCode::*;
use crate::problem::Problem;
use audit::AuditError;

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        match error {
            AuditError::NotYetLogged => Self::new(NotYetLogged, "It is not in the audit log yet").retry_after(1),
            AuditError::NotFound => Self::new(NotFound, "Nothing of the kind is in the audit log"),
            AuditError::NoCheckpoint => Self::invalid("size", "must be the size of a checkpoint behind the entry"),
            AuditError::OutOfRange => Self::invalid("first", "and second must be sizes of the log, in their order"),
            AuditError::Forked(reason) => {
                tracing::error!(reason, "AUDIT_FORKED: a proof would not hold (docs/audit.md)");
                Self::new(AuditForked, "What is stored contradicts a signed head: nothing can be proved")
            }
            AuditError::Name(_) => Self::internal(error.to_string()),
            AuditError::Store(error) => error.into(),
        }
    }
}
