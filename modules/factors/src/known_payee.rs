//! Which accounts a person with a second factor has paid with a fresh proof. What is asked of a payment to another one
//! is decided by payments; accounts are only identifiers here.

use crate::Result;
use db::{Db, Executor as _, Rows, Value, WallTime, params, statements};
use ids::{AccountId, UserId};

statements! {
    SELECT_KNOWN_PAYEES =
        "SELECT account_id FROM auth_known_payee WHERE user_id = $1 AND account_id = ANY($2)";
    INSERT_KNOWN_PAYEES(Id, Id, Time) =
        "INSERT INTO auth_known_payee (user_id, account_id, known_since) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, account_id) DO NOTHING";
}

/// Those of the accounts that the person has not paid with a fresh proof yet.
///
/// # Errors
/// The database failed.
pub async fn new_payees(db: &Db, user_id: UserId, accounts: &[AccountId]) -> Result<Vec<AccountId>> {
    let asked = params![user_id, Value::list(accounts.iter().copied())];
    let mut known = Vec::new();
    for row in db.query(&SELECT_KNOWN_PAYEES, asked).await? {
        known.push(AccountId::from_uuid(row.get(0)?));
    }
    Ok(accounts.iter().copied().filter(|account| !known.contains(account)).collect())
}

/// Remembers accounts that the person has paid with a fresh proof.
///
/// # Errors
/// The database failed.
pub async fn remember_payees(db: &Db, user_id: UserId, accounts: &[AccountId], now: WallTime) -> Result<()> {
    let mut rows = Rows::new();
    for account in accounts {
        rows.push([user_id.into(), (*account).into(), now.into()]);
    }
    let tx = db.begin().await?;
    tx.execute_batch(&INSERT_KNOWN_PAYEES, rows).await?;
    Ok(tx.commit().await?)
}
