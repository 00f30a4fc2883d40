//! The rows of `fraud_profile`.

use db::{Executor, Result, Rows, Statement, Value, columns, params, statements};
use ids::AccountId;
use std::sync::Arc;

columns! {
    struct Row { account: AccountId = account_id, version: i64, profile: Vec<u8> }
}

statements! {
    SELECT_PROFILES -> Row = "SELECT {columns} FROM fraud_profile WHERE account_id = ANY($1)";
    SELECT_PROFILES_AFTER -> Row =
        "SELECT {columns} FROM fraud_profile WHERE account_id > $1 ORDER BY account_id LIMIT $2";
    // Where it is no longer as it was decided on, the database refuses the whole batch, as with balances.
    UPSERT_PROFILES(Row) =
        "INSERT INTO fraud_profile ({columns}) VALUES ({values})
         ON CONFLICT (account_id) DO UPDATE SET profile = excluded.profile,
             version = CASE WHEN fraud_profile.version = excluded.version - 1
                            THEN excluded.version ELSE store_lost_race() END";
}

/// A profile as it is stored: how often it was written, and its bytes. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProfile {
    /// How often it was written; 0: never.
    pub version: i64,
    /// The profile; nothing where it was never written.
    pub bytes: Arc<[u8]>,
}

impl StoredProfile {
    /// Of an account of which nothing is remembered.
    pub fn never() -> Self {
        Self { version: 0, bytes: Arc::default() }
    }
}

/// The profiles of accounts; an account of which nothing is remembered has an empty one.
///
/// # Errors
/// The database failed.
pub async fn read(on: &impl Executor, accounts: &[AccountId]) -> Result<Vec<(AccountId, StoredProfile)>> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let rows = on.query_as(&SELECT_PROFILES, params![Value::list(accounts.iter().copied())]).await?;
    let mut found: std::collections::HashMap<_, _> = rows
        .into_iter()
        .map(|row| (row.account, StoredProfile { version: row.version, bytes: row.profile.into() }))
        .collect();
    Ok(accounts.iter().map(|id| (*id, found.remove(id).unwrap_or_else(StoredProfile::never))).collect())
}

/// Some profiles, in the order of their accounts, after a given one.
///
/// # Errors
/// The database failed.
pub async fn read_after(on: &impl Executor, after: AccountId, limit: u32) -> Result<Vec<(AccountId, StoredProfile)>> {
    let rows = on.query_as(&SELECT_PROFILES_AFTER, params![after, limit]).await?;
    let stored = |row: Row| (row.account, StoredProfile { version: row.version, bytes: row.profile.into() });
    Ok(rows.into_iter().map(stored).collect())
}

/// Profiles as a write for the commit of the money; the version of each is one more than when it was read.
pub fn as_write(mut profiles: Vec<(AccountId, StoredProfile)>) -> (&'static Statement, Rows) {
    // Rows are locked in this order, as everywhere.
    profiles.sort_unstable_by_key(|(account, _)| *account);
    let row = |(account, stored): (AccountId, StoredProfile)| Row {
        account,
        version: stored.version,
        profile: stored.bytes.to_vec(),
    };
    UPSERT_PROFILES.rows(profiles.into_iter().map(row))
}
