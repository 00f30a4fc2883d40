//! Why something cannot be asked for or decided.

use crate::{Refusal, Tied};
use db::DbError;
use ids::ApprovalId;

/// The outcome of anything done with approvals.
pub type Result<T> = std::result::Result<T, ApprovalsError>;

/// A situation in which an approval does not go on; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalsError {
    /// No approval has this identifier.
    #[error("approval not found")]
    NotFound {
        /// The identifier.
        approval: ApprovalId,
    },
    /// Its state, or who decides, does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nobody asks for this for themselves.
    #[error("it would be for who asks for it: somebody else of the bank has to ask")]
    OwnGain,
    /// Nor for whom they have made, let in again or given a role lately, or the other way round.
    #[error("it would be for somebody who may be who asks for it: somebody else of the bank has to ask")]
    TiedToGainer(Tied),
    /// It is so already.
    #[error("would change nothing")]
    ChangesNothing,
    /// The key was used for another request.
    #[error("the key was used for another request")]
    KeyReused,
    /// Nobody has registered such an action: a defect.
    #[error("nobody here does {action}")]
    NobodyDoesIt {
        /// Its word.
        action: &'static str,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}

/// Why an action was not asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError<E: std::error::Error> {
    /// Any action could not have been.
    #[error(transparent)]
    Approvals(#[from] ApprovalsError),
    /// Its owner says that this one cannot be.
    #[error(transparent)]
    Owner(E),
}

impl<E: std::error::Error> From<DbError> for RequestError<E> {
    fn from(error: DbError) -> Self {
        Self::Approvals(error.into())
    }
}
