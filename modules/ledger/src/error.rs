//! Why the ledger refuses a movement, and what else can go wrong.

use crate::{AccountStatus, HoldStatus};
use ids::{AccountId, HoldId};
use money::{Currency, Money};

/// What an account could have paid, and what was asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// The account's currency.
    pub currency: Currency,
    /// Its available balance, in minor units.
    pub available_minor: i64,
    /// How far below zero that may go, in minor units.
    pub overdraft_limit_minor: i64,
    /// What was to be paid or held, in minor units.
    pub requested_minor: i64,
}

/// A movement that the books do not allow. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such account.
    #[error("account not found")]
    NoSuchAccount {
        /// The missing account.
        account: AccountId,
    },
    /// The account is frozen or closed.
    #[error("the account is not active")]
    NotActive {
        /// The account.
        account: AccountId,
        /// What it is instead.
        status: AccountStatus,
    },
    /// The available balance and the overdraft limit do not cover it.
    #[error("the available balance does not cover this amount")]
    InsufficientFunds {
        /// The account that lacks the money.
        account: AccountId,
        /// By how much; `None` where it is not to be told.
        shortfall: Option<Shortfall>,
    },
    /// Money does not change its currency by being moved.
    #[error("the account holds another currency")]
    CurrencyMismatch {
        /// The account in question.
        account: AccountId,
    },
    /// The sides of an entry do not sum to zero in each currency, one of them moves nothing, or they are fewer than two.
    #[error("the entry is not balanced")]
    Unbalanced,
    /// A hold of nothing.
    #[error("a hold sets more than nothing aside")]
    NothingHeld,
    /// The identifier of a new hold is that of another one.
    #[error("there is a hold with this identifier already")]
    HoldTaken {
        /// The identifier.
        hold: HoldId,
    },
    /// A capture whose entry takes nothing from where the money is held.
    #[error("a capture takes more than nothing")]
    NothingCaptured {
        /// The hold.
        hold: HoldId,
    },
    /// A balance would leave the range of 64-bit minor units.
    #[error("the balance would become too large")]
    BalanceTooLarge {
        /// The account in question.
        account: AccountId,
        /// Its currency.
        currency: Currency,
    },
    /// There is no such hold.
    #[error("hold not found")]
    NoSuchHold {
        /// The missing hold.
        hold: HoldId,
    },
    /// The hold was captured, released or expired before.
    #[error("the hold is no longer open")]
    HoldClosed {
        /// The hold.
        hold: HoldId,
        /// How it ended.
        status: HoldStatus,
    },
    /// More was to be taken than is held.
    #[error("more than the held amount cannot be captured")]
    MoreThanHeld {
        /// The hold.
        hold: HoldId,
        /// What it holds.
        held: Money,
        /// What was to be taken, in minor units.
        requested_minor: i64,
    },
    /// The hold's time is not over yet.
    #[error("the hold has not expired")]
    HoldNotExpired {
        /// The hold.
        hold: HoldId,
    },
}
