//! Why the clock cannot be set.

use db::{BankTime, DbError};

/// A command on the clock that cannot be done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// Production: bank time equals wall time.
    #[error("bank time cannot be set here: it equals wall time")]
    NotSettable,
    /// Production on the database of a sandbox whose clock was set.
    #[error(
        "a sandbox has set bank time in this database, which production mode does not take: bank time is {bank_time} there"
    )]
    LeftBehind {
        /// What the sandbox made of it.
        bank_time: BankTime,
    },
    /// An advance is for a frozen clock.
    #[error("the clock is running: freeze it first")]
    NotFrozen,
    /// An advance is under way.
    #[error("the clock is being advanced: wait until it is ready, or freeze it where it is")]
    Advancing,
    /// Bank time does not go back.
    #[error("bank time goes forward only: it is {bank_time}")]
    OnlyForward {
        /// What it is.
        bank_time: BankTime,
    },
    /// An advance is bounded.
    #[error("one advance goes at most 62 days: bank time is {bank_time}")]
    TooFar {
        /// What it is.
        bank_time: BankTime,
    },
    /// Bank time runs as fast as wall time, or a whole number of times as fast.
    #[error("the rate must be a whole number from 1 to 10000")]
    RateOutOfRange,
    /// The key was used for another command.
    #[error("the key was used for another command")]
    KeyReused,
    /// What fell due could not be done: it is tried again.
    #[error("what is due at {bank_time} cannot be done ({what})")]
    Stuck {
        /// When it fell due.
        bank_time: BankTime,
        /// Whose work it is.
        what: &'static str,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}
