//! The rows of `auth_totp`. All are changed while the person's row is held.

use super::Enrolled;
use db::{Executor, Result, Tx, WallTime, columns, params, statements};
use ids::UserId;

columns! {
    Enrolled { sealed_secret, enrolled_at, confirmed_at, failures, failed_at }
}

statements! {
    SELECT_TOTP -> Enrolled = "SELECT {columns} FROM auth_totp WHERE user_id = $1";
    SELECT_NEWEST_TOTPS -> (UserId, Vec<u8>) =
        "SELECT user_id, sealed_secret FROM auth_totp ORDER BY enrolled_at DESC LIMIT $1";
    PUT_TOTP =
        "INSERT INTO auth_totp (user_id, sealed_secret, enrolled_at, last_step, failures)
         VALUES ($1, $2, $3, 0, 0)
         ON CONFLICT (user_id) DO UPDATE SET
             sealed_secret = excluded.sealed_secret, enrolled_at = excluded.enrolled_at, last_step = 0,
             confirmed_at = NULL";
    CONFIRM_TOTP = "UPDATE auth_totp SET confirmed_at = $2, failures = 0 WHERE user_id = $1";
    TAKE_TOTP_STEP = "UPDATE auth_totp SET last_step = $2 WHERE user_id = $1 AND last_step < $2";
    COUNT_TOTP_FAILURE =
        "UPDATE auth_totp SET failures = failures + 1, failed_at = $2 WHERE user_id = $1";
    FORGET_TOTP_FAILURES = "UPDATE auth_totp SET failures = 0 WHERE user_id = $1 AND failures > 0";
    DELETE_TOTP = "DELETE FROM auth_totp WHERE user_id = $1 AND confirmed_at IS NOT NULL";
}

pub(super) async fn find_in_tx(tx: &Tx, user_id: UserId) -> Result<Option<Enrolled>> {
    tx.query_optional(&SELECT_TOTP, params![user_id]).await
}

pub(super) async fn newest(on: &impl Executor, limit: u32) -> Result<Vec<(UserId, Vec<u8>)>> {
    on.query_as(&SELECT_NEWEST_TOTPS, params![limit]).await
}

/// Replaces one that was not confirmed; its failures stay counted.
pub(super) async fn put_in_tx(tx: &Tx, user_id: UserId, sealed_secret: Vec<u8>, now: WallTime) -> Result<()> {
    tx.execute(&PUT_TOTP, params![user_id, sealed_secret, now]).await.map(drop)
}

pub(super) async fn confirm_in_tx(tx: &Tx, user_id: UserId, now: WallTime) -> Result<()> {
    tx.execute(&CONFIRM_TOTP, params![user_id, now]).await.map(drop)
}

/// Whether no code of this step or a later one was accepted before.
pub(super) async fn take_step_in_tx(tx: &Tx, user_id: UserId, step: i64) -> Result<bool> {
    Ok(tx.execute(&TAKE_TOTP_STEP, params![user_id, step]).await? > 0)
}

pub(super) async fn count_failure_in_tx(tx: &Tx, user_id: UserId, now: WallTime) -> Result<()> {
    tx.execute(&COUNT_TOTP_FAILURE, params![user_id, now]).await.map(drop)
}

pub(crate) async fn forget_failures_in_tx(tx: &Tx, user_id: UserId) -> Result<()> {
    tx.execute(&FORGET_TOTP_FAILURES, params![user_id]).await.map(drop)
}

/// Whether there was one.
pub(super) async fn remove_in_tx(tx: &Tx, user_id: UserId) -> Result<bool> {
    Ok(tx.execute(&DELETE_TOTP, params![user_id]).await? > 0)
}
