//! Which accounts a person with a second factor has paid with a fresh proof. What is asked of a payment to another one
//! is decided by payments; accounts are only identifiers here.

use crate::Result;
use db::{Db, Executor as _, Value, WallTime, columns, params, statements};
use ids::{AccountId, UserId};

columns! {
    struct KnownPayee { user_id: UserId, account_id: AccountId, known_since: WallTime }
}

statements! {
    SELECT_KNOWN_PAYEES -> AccountId =
        "SELECT account_id FROM auth_known_payee WHERE user_id = $1 AND account_id = ANY($2)";
    INSERT_KNOWN_PAYEES(KnownPayee) =
        "INSERT INTO auth_known_payee ({columns}) VALUES ({values})
         ON CONFLICT (user_id, account_id) DO NOTHING";
}

/// Those of the accounts that the person has not paid with a fresh proof yet.
///
/// # Errors
/// The database failed.
pub async fn new_payees(db: &Db, user_id: UserId, accounts: &[AccountId]) -> Result<Vec<AccountId>> {
    let asked = params![user_id, Value::list(accounts.iter().copied())];
    let known = db.query_as(&SELECT_KNOWN_PAYEES, asked).await?;
    Ok(accounts.iter().copied().filter(|account| !known.contains(account)).collect())
}

/// Remembers accounts that the person has paid with a fresh proof.
///
/// # Errors
/// The database failed.
pub async fn remember_payees(db: &Db, user_id: UserId, accounts: &[AccountId], now: WallTime) -> Result<()> {
    let known = accounts.iter().map(|account| KnownPayee { user_id, account_id: *account, known_since: now });
    let tx = db.begin().await?;
    tx.execute_rows(&INSERT_KNOWN_PAYEES, known).await?;
    Ok(tx.commit().await?)
}
