//! The rows of `auth_user`.

use super::{Email, Role, User, UserStatus, Username};
use db::{Executor, Result, Tx, Value, WallTime, columns, fields, params, statements};
use ids::UserId;
use std::collections::HashMap;

fields! {
    Text: Username, |text| Some(Username(text.to_owned())), |username| username.0;
    Text: Email, |text| Some(Email(text.to_owned())), |email| email.0;
    Text: Role, Role::parse, |role| role.word();
    Text: UserStatus, UserStatus::parse, |status| status.word();
}

columns! {
    User { id, username, email, role, status, created_at, email_verified_at, mfa_enabled }
}

statements! {
    SELECT_USER -> User =
        "SELECT {columns} FROM auth_user WHERE id = $1";
    SELECT_USER_BY_USERNAME -> User =
        "SELECT {columns} FROM auth_user WHERE username = $1";
    SELECT_USERNAMES -> (UserId, Username) =
        "SELECT id, username FROM auth_user WHERE id = ANY($1)";
    SELECT_ANYBODY = "SELECT 1 FROM auth_user LIMIT 1";
    LOCK_USER -> User =
        "SELECT {columns} FROM auth_user WHERE id = $1 FOR UPDATE";
    LOCK_RECOVERABLE_BY_USERNAME -> User =
        "SELECT {columns} FROM auth_user
         WHERE username = $1 AND recovery_email IS NOT NULL FOR UPDATE";
    LOCK_RECOVERABLE_BY_EMAIL -> User =
        "SELECT {columns} FROM auth_user
         WHERE recovery_email = $1 ORDER BY id LIMIT $2 FOR UPDATE";
    UPDATE_EMAIL =
        "UPDATE auth_user SET email = $2, email_verified_at = NULL, recovery_email = NULL WHERE id = $1";
    UPDATE_VERIFIED =
        "UPDATE auth_user SET email_verified_at = $2, recovery_email = $3 WHERE id = $1";
    UPDATE_MFA_ENABLED = "UPDATE auth_user SET mfa_enabled = $2 WHERE id = $1";
    UPDATE_STATUS =
        "UPDATE auth_user SET status = $2 WHERE id = $1";
}

pub(crate) async fn find(on: &impl Executor, id: UserId) -> Result<Option<User>> {
    on.query_optional(&SELECT_USER, params![id]).await
}

pub(crate) async fn usernames(on: &impl Executor, ids: &[UserId]) -> Result<HashMap<UserId, Username>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = Value::list(ids.iter().copied());
    Ok(on.query_as(&SELECT_USERNAMES, params![wanted]).await?.into_iter().collect())
}

pub(crate) async fn find_by_username(on: &impl Executor, username: &Username) -> Result<Option<User>> {
    on.query_optional(&SELECT_USER_BY_USERNAME, params![username.clone()]).await
}

pub(crate) async fn is_anybody_there(on: &impl Executor) -> Result<bool> {
    Ok(!on.query(&SELECT_ANYBODY, params![]).await?.is_empty())
}

/// Whoever starts a session or changes a status holds the row, so that neither misses the other.
pub(crate) async fn lock_in_tx(tx: &Tx, id: UserId) -> Result<Option<User>> {
    tx.query_optional(&LOCK_USER, params![id]).await
}

/// The person of that name, held, if their address is verified.
pub(crate) async fn lock_recoverable_by_username_in_tx(tx: &Tx, username: &Username) -> Result<Vec<User>> {
    tx.query_as(&LOCK_RECOVERABLE_BY_USERNAME, params![username.clone()]).await
}

/// So many at most of those whose verified address, in lower case, is this one; held.
pub(crate) async fn lock_recoverable_by_email_in_tx(tx: &Tx, email: &str, limit: u32) -> Result<Vec<User>> {
    tx.query_as(&LOCK_RECOVERABLE_BY_EMAIL, params![email, limit]).await
}

/// The address is another, and so nobody has shown yet that it is theirs.
pub(crate) async fn set_email_in_tx(tx: &Tx, user: &User) -> Result<()> {
    tx.execute(&UPDATE_EMAIL, params![user.id, user.email.clone()]).await.map(drop)
}

/// The address, in lower case, is theirs.
pub(crate) async fn set_verified_in_tx(tx: &Tx, id: UserId, email: &str, now: WallTime) -> Result<()> {
    tx.execute(&UPDATE_VERIFIED, params![id, now, email]).await.map(drop)
}

pub(crate) async fn set_status_in_tx(tx: &Tx, id: UserId, status: UserStatus) -> Result<()> {
    tx.execute(&UPDATE_STATUS, params![id, status]).await.map(drop)
}

/// Whoever calls holds the row, and changes the factors in the same transaction.
pub(crate) async fn set_mfa_enabled_in_tx(tx: &Tx, id: UserId, is_enabled: bool) -> Result<()> {
    tx.execute(&UPDATE_MFA_ENABLED, params![id, is_enabled]).await.map(drop)
}
