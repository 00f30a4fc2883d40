//! Why something cannot be asked for or decided.

use crate::Refusal;
use accounts::AccountsError;
use db::DbError;
use identity::IdentityError;
use ids::{AccountId, ApprovalId};

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
    /// No customer's account has this identifier.
    #[error("account not found")]
    NoSuchAccount {
        /// The identifier.
        account: AccountId,
    },
    /// Money does not change its currency by being put right.
    #[error("the account holds another currency")]
    CurrencyMismatch {
        /// The account.
        account: AccountId,
    },
    /// There is no such person.
    #[error("user not found")]
    NoSuchUser,
    /// Nobody who is kept out becomes an owner.
    #[error("the user is disabled")]
    DisabledUser,
    /// It is so already.
    #[error("would change nothing")]
    ChangesNothing,
    /// The key was used for another request.
    #[error("the key was used for another request")]
    KeyReused,
    /// People could not be asked about.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Accounts could not be asked about.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}
