//! What can go wrong with reviews and rule sets.

use crate::{InvalidRuleSet, ReviewState};
use db::DbError;
use ids::TransactionId;

/// Why something was refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FraudError {
    /// Nobody looks at this payment, and nobody did.
    #[error("review not found")]
    NoSuchReview {
        /// The payment.
        transaction: TransactionId,
    },
    /// It was decided, or its time is over.
    #[error("the review is {}", state.word())]
    ReviewIsOver {
        /// The payment.
        transaction: TransactionId,
        /// Where it stands.
        state: ReviewState,
    },
    /// So many that nobody reads them.
    #[error("there are {notes_max} notes")]
    TooManyNotes {
        /// The most.
        notes_max: u32,
    },
    /// The set says something that it cannot.
    #[error(transparent)]
    Set(#[from] InvalidRuleSet),
    /// A snooze that is over, or too long.
    #[error("must be a time within the next 90 days")]
    SnoozeTime,
    /// Limits do not rest.
    #[error("must be a rule that gives points: limits do not rest")]
    SnoozedLimit,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}
