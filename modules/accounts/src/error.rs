//! Why something cannot be done with an account.

use crate::{InvalidName, PowerRefusal};
use db::DbError;
use ids::AccountId;

/// The outcome of anything done with accounts.
pub type Result<T> = std::result::Result<T, AccountsError>;

/// A situation in which an account does not do what was asked; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountsError {
    /// No customer's account has this identifier.
    #[error("account not found")]
    NotFound {
        /// The identifier.
        account: AccountId,
    },
    /// They may see it but not do this.
    #[error("{reason}")]
    NotAllowed {
        /// Who may.
        reason: &'static str,
    },
    /// Their role would allow it, and yet not to them, or not now.
    #[error(transparent)]
    NoPower(#[from] PowerRefusal),
    /// The customer has as many accounts as one may have.
    #[error("you have as many accounts as one may have")]
    TooMany {
        /// How many that is; closed ones count.
        accounts_max: u32,
    },
    /// The account is closed, and stays so.
    #[error("the account is closed")]
    Closed {
        /// The account.
        account: AccountId,
    },
    /// The account is frozen: it cannot be closed before it is active again.
    #[error("the account is frozen")]
    Frozen {
        /// The account.
        account: AccountId,
    },
    /// An account with money or open holds cannot be closed.
    #[error("the account is not empty")]
    NotEmpty {
        /// The account.
        account: AccountId,
        /// What it holds, in minor units.
        posted_minor: i64,
        /// What is set aside on it, in minor units.
        held_minor: i64,
    },
    /// More of the overdraft is in use than the new limit would allow.
    #[error("more of the overdraft is in use than the new limit allows")]
    OverdraftInUse {
        /// The account.
        account: AccountId,
        /// How much is in use, in minor units.
        used_minor: i64,
    },
    /// An overdraft limit counts downwards from zero and is itself never negative.
    #[error("an overdraft limit cannot be negative")]
    NegativeOverdraftLimit,
    /// One person alone does not raise an overdraft limit.
    #[error("raising an overdraft limit takes a second person")]
    RaiseNeedsApproval {
        /// The account.
        account: AccountId,
    },
    /// It belongs to somebody already.
    #[error("the account has an owner")]
    HasOwner {
        /// The account.
        account: AccountId,
    },
    /// The name is none.
    #[error("the name {0}")]
    InvalidName(#[from] InvalidName),
    /// Another account has this external reference.
    #[error("an account with this external reference exists")]
    ExternalRefTaken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}

impl AccountsError {
    /// Whether the same work may succeed when it is simply done again.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient()) || self.is_lost_race()
    }

    /// Whether it certainly had no effect and may succeed when done again at once: the database gave the transaction
    /// up, or two new accounts met in one number.
    pub(crate) fn is_lost_race(&self) -> bool {
        match self {
            Self::Store(DbError::Conflict(_)) => true,
            Self::Store(DbError::Duplicate(key)) => crate::store::is_number_key(key),
            _ => false,
        }
    }
}
