//! The rows of `auth_mfa_challenge`. All are changed while the person's row is held.

use super::Stored;
use db::{Executor, Result, Tx, WallTime, columns, params, statements};

columns! {
    Stored { user_id, expires_at, attempts }
}

statements! {
    INSERT_MFA_CHALLENGE =
        "INSERT INTO auth_mfa_challenge (token_hash, user_id, created_at, expires_at, attempts)
         VALUES ($1, $2, $3, $4, 0)";
    /// Somebody who logs in again and again without finishing keeps the newest few.
    DELETE_OLDER_MFA_CHALLENGES =
        "DELETE FROM auth_mfa_challenge WHERE user_id = $1 AND created_at < (
             SELECT created_at FROM auth_mfa_challenge WHERE user_id = $1
             ORDER BY created_at DESC LIMIT 1 OFFSET 19)";
    SELECT_MFA_CHALLENGE -> Stored =
        "SELECT {columns} FROM auth_mfa_challenge WHERE token_hash = $1";
    COUNT_MFA_ATTEMPT =
        "UPDATE auth_mfa_challenge SET attempts = attempts + 1 WHERE token_hash = $1";
    DELETE_MFA_CHALLENGE = "DELETE FROM auth_mfa_challenge WHERE token_hash = $1";
}

pub(super) async fn insert_in_tx(tx: &Tx, token_hash: &[u8; 32], stored: &Stored, now: WallTime) -> Result<()> {
    let row = params![&token_hash[..], stored.user_id, now, stored.expires_at];
    tx.execute(&INSERT_MFA_CHALLENGE, row).await?;
    tx.execute(&DELETE_OLDER_MFA_CHALLENGES, params![stored.user_id]).await.map(drop)
}

pub(super) async fn find(on: &impl Executor, token_hash: &[u8; 32]) -> Result<Option<Stored>> {
    on.query_optional(&SELECT_MFA_CHALLENGE, params![&token_hash[..]]).await
}

pub(super) async fn count_attempt_in_tx(tx: &Tx, token_hash: &[u8; 32]) -> Result<()> {
    tx.execute(&COUNT_MFA_ATTEMPT, params![&token_hash[..]]).await.map(drop)
}

pub(super) async fn remove_in_tx(tx: &Tx, token_hash: &[u8; 32]) -> Result<()> {
    tx.execute(&DELETE_MFA_CHALLENGE, params![&token_hash[..]]).await.map(drop)
}
