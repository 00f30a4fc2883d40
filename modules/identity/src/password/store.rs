//! What of the rows of `auth_user` is about passwords: the hash, with which a row begins.

use super::PasswordHash;
use crate::{Email, User, Username};
use db::{Executor, FromRow, Result, Row, Tx, params, statements};
use ids::UserId;

/// What a password is checked against.
pub(crate) struct Credentials {
    pub(crate) user_id: UserId,
    pub(crate) password_hash: PasswordHash,
}

statements! {
    INSERT_USER =
        "INSERT INTO auth_user (id, username, email, password_hash, role, status, created_at, password_scheme)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    SELECT_CREDENTIALS =
        "SELECT id, password_hash FROM auth_user WHERE username = $1";
    SELECT_PASSWORD_HASH =
        "SELECT password_hash FROM auth_user WHERE id = $1";
    UPDATE_PASSWORD =
        "UPDATE auth_user SET password_hash = $2, password_scheme = $3 WHERE id = $1";
}

/// `DbError::Duplicate` when the name is taken.
pub(crate) async fn insert_in_tx(tx: &Tx, user: &User, password_hash: &PasswordHash) -> Result<()> {
    let row = params![
        user.id,
        user.username.as_str(),
        user.email.as_ref().map(Email::as_str),
        password_hash.as_str(),
        user.role.word(),
        user.status.word(),
        user.created_at,
        password_hash.scheme().as_str(),
    ];
    tx.execute(&INSERT_USER, row).await.map(drop)
}

pub(crate) async fn credentials(on: &impl Executor, username: &Username) -> Result<Option<Credentials>> {
    on.query_optional(&SELECT_CREDENTIALS, params![username.as_str()]).await
}

pub(crate) async fn hash_of(on: &impl Executor, id: UserId) -> Result<Option<PasswordHash>> {
    on.query_optional(&SELECT_PASSWORD_HASH, params![id]).await
}

pub(crate) async fn set_in_tx(tx: &Tx, id: UserId, hash: &PasswordHash) -> Result<()> {
    tx.execute(&UPDATE_PASSWORD, params![id, hash.as_str(), hash.scheme().as_str()]).await.map(drop)
}

impl FromRow for PasswordHash {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self::from_stored(row.get(0)?))
    }
}

impl FromRow for Credentials {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { user_id: UserId::from_uuid(row.get(0)?), password_hash: PasswordHash::from_stored(row.get(1)?) })
    }
}
