//! What can go wrong with standing orders.

use crate::schedule::ScheduleError;
use crate::{Field, StandingStatus};
use db::DbError;
use ids::AccountId;

/// Why something was refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StandingError {
    /// There is no such order, or it is another's.
    #[error("standing order not found")]
    UnknownOrder,
    /// There is no such account, or it may not be paid from or to.
    #[error("account not found")]
    NoSuchAccount {
        /// The account.
        account: AccountId,
    },
    /// An order keeps the account that it is paid from.
    #[error("cannot be changed: make another order")]
    SourceStays,
    /// Source and destination are one account.
    #[error("source and destination are the same account")]
    SameAccount {
        /// The account.
        account: AccountId,
    },
    /// An account holds another currency.
    #[error("the account holds another currency")]
    CurrencyMismatch {
        /// The account.
        account: AccountId,
    },
    /// The dates are not a schedule.
    #[error("{0}")]
    Schedule(#[from] ScheduleError),
    /// A date is over, or too far away.
    #[error("{because}")]
    Date {
        /// Which of them.
        field: Field,
        /// What it must be.
        because: &'static str,
    },
    /// The person has as many as one may have.
    #[error("there are too many standing orders")]
    TooMany,
    /// The key was used for something else.
    #[error("the key was used for something else")]
    KeyReused,
    /// It has ended, or is not in the state that this needs.
    #[error("the standing order is {}", status.word())]
    WrongStatus {
        /// Where it stands.
        status: StandingStatus,
    },
    /// It is being paid just now.
    #[error("the standing order is being paid")]
    BeingPaid,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}
