//! How customers' deposits stand now, and on which accounts nothing has moved for long.

use super::store;
use db::{BankTime, Executor, Result};
use ids::AccountId;
use money::Currency;

/// Customers' accounts in one currency, together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deposits {
    /// The currency.
    pub currency: Currency,
    /// How many accounts have money on them.
    pub credit_accounts: i64,
    /// What is on them, in minor units.
    pub credit_minor: i64,
    /// How many are overdrawn.
    pub debit_accounts: i64,
    /// By how much, as a positive number of minor units.
    pub debit_minor: i64,
    /// What is held on all of them, in minor units.
    pub held_minor: i64,
}

/// A customer's account on which nothing has moved for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dormant {
    /// The account.
    pub account: AccountId,
    /// Its currency.
    pub currency: Currency,
    /// Its posted balance in minor units.
    pub posted_minor: i64,
    /// When it was opened.
    pub opened_at: BankTime,
    /// The number of its postings.
    pub postings: i64,
}

/// Customers' deposits and overdrafts as they are, by currency.
///
/// # Errors
/// The database failed.
pub async fn deposits(on: &impl Executor) -> Result<Vec<Deposits>> {
    store::deposits(on).await
}

/// Customers' accounts that are not closed, were opened before the instant and had no posting since, in the order of their
/// identifiers.
///
/// # Errors
/// The database failed.
pub async fn dormant(
    on: &impl Executor,
    since: BankTime,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Vec<Dormant>> {
    store::dormant(on, since, after, limit).await
}
