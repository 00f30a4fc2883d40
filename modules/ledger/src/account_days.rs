//! What moved on one account, day by day: its balance at the end of each day is its balance of now less what moved since.

use db::{Date, Executor, Result, params, statements};
use ids::{AccountId, EntryId};

const DAY_MILLIS: u64 = 86_400_000;

statements! {
    // One statement, so that the balance is that of the movements. The identifiers of entries bound how far it looks.
    SELECT_ACCOUNT_DAYS -> (Option<Date>, i64, i64) =
        "SELECT value_date, CAST(SUM(CASE WHEN amount_minor > 0 THEN amount_minor ELSE 0 END) AS BIGINT) AS credit_minor,
             CAST(SUM(CASE WHEN amount_minor < 0 THEN -amount_minor ELSE 0 END) AS BIGINT) AS debit_minor
         FROM ledger_posting WHERE account_id = $1 AND entry_id >= $2 AND value_date >= $3
         GROUP BY value_date
         UNION ALL
         SELECT CAST(NULL AS DATE) AS value_date, posted_minor AS credit_minor, CAST(0 AS BIGINT) AS debit_minor
         FROM ledger_account WHERE id = $1";
}

/// What moved with one value date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountDay {
    /// The value date.
    pub day: Date,
    /// What came, in minor units.
    pub credit_minor: i64,
    /// What went, in minor units.
    pub debit_minor: i64,
}

/// What moved on an account since a day, and what it has now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountDays {
    /// The posted balance, with everything that moved.
    pub posted_minor: i64,
    /// Days on which something moved, in no order.
    pub days: Vec<AccountDay>,
}

/// What moved on the account with this value date or a later one. An entry is made at most `made_before_days` before its value
/// date.
///
/// # Errors
/// The database failed.
pub async fn account_days(
    on: &impl Executor,
    account: AccountId,
    since: Date,
    made_before_days: i64,
) -> Result<AccountDays> {
    let earliest = (i64::from(since.unix_days()) - made_before_days).max(0).unsigned_abs() * DAY_MILLIS;
    let rows = on.query_as(&SELECT_ACCOUNT_DAYS, params![account, EntryId::earliest_at(earliest), since]).await?;
    let mut found = AccountDays::default();
    for (day, credit_minor, debit_minor) in rows {
        match day {
            Some(day) => found.days.push(AccountDay { day, credit_minor, debit_minor }),
            None => found.posted_minor = credit_minor,
        }
    }
    Ok(found)
}
