//! What of the rows of `auth_user` is about passwords: the hash, with which a row begins.

use super::{PasswordHash, Scheme};
use crate::{User, Username};
use db::{Executor, Result, Tx, columns, fields, params, statements};
use ids::UserId;

fields! {
    Text: PasswordHash, |text| Some(PasswordHash::from_stored(text.to_owned())), |hash| hash.as_str();
    Text: Scheme, |text| Some(Scheme::from_stored(text.to_owned())), |scheme| scheme.as_str();
}

columns! {
    /// What a password is checked against.
    pub(crate) struct Credentials { pub(crate) user_id: UserId = id, pub(crate) password_hash: PasswordHash }
    struct NewUser { user: User = "*", password_hash: PasswordHash, password_scheme: Scheme }
}

statements! {
    INSERT_USERS(NewUser) =
        "INSERT INTO auth_user ({columns except email_verified_at, mfa_enabled}) VALUES ({values})";
    SELECT_CREDENTIALS -> Credentials =
        "SELECT {columns} FROM auth_user WHERE username = $1";
    SELECT_PASSWORD_HASH -> PasswordHash =
        "SELECT password_hash FROM auth_user WHERE id = $1";
    UPDATE_PASSWORD =
        "UPDATE auth_user SET password_hash = $2, password_scheme = $3 WHERE id = $1";
}

/// `DbError::Duplicate` when a name is taken.
pub(crate) async fn insert_in_tx<'a>(
    tx: &Tx,
    users: impl IntoIterator<Item = (&'a User, &'a PasswordHash)>,
) -> Result<()> {
    let new = users.into_iter().map(|(user, hash)| NewUser {
        user: user.clone(),
        password_hash: hash.clone(),
        password_scheme: hash.scheme(),
    });
    tx.execute_rows(&INSERT_USERS, new).await.map(drop)
}

pub(crate) async fn credentials(on: &impl Executor, username: &Username) -> Result<Option<Credentials>> {
    on.query_optional(&SELECT_CREDENTIALS, params![username.clone()]).await
}

pub(crate) async fn hash_of(on: &impl Executor, id: UserId) -> Result<Option<PasswordHash>> {
    on.query_optional(&SELECT_PASSWORD_HASH, params![id]).await
}

pub(crate) async fn set_in_tx(tx: &Tx, id: UserId, hash: &PasswordHash) -> Result<()> {
    tx.execute(&UPDATE_PASSWORD, params![id, hash.as_str(), hash.scheme().as_str()]).await.map(drop)
}
