//! Many rows of `auth_user` at once, and the rows of `auth_password_scheme`.

use super::CheckedUser;
use crate::Email;
use crate::password::Scheme;
use db::{Executor, FromRow, Result, Row, Rows, Tx, Value, params, statements};

statements! {
    SELECT_TAKEN_USERNAMES =
        "SELECT username FROM auth_user WHERE username = ANY($1)";
    INSERT_IMPORTED_USERS(Id, Text, Text, Text, Text, Text, Text, Time) =
        "INSERT INTO auth_user (id, username, email, password_hash, password_scheme, role, status, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    INSERT_SCHEME =
        "INSERT INTO auth_password_scheme (scheme) VALUES ($1) ON CONFLICT (scheme) DO NOTHING";
    SELECT_SCHEMES =
        "SELECT scheme FROM auth_password_scheme ORDER BY scheme";
    LOCK_SCHEMES =
        "SELECT scheme FROM auth_password_scheme ORDER BY scheme FOR UPDATE";
    DELETE_UNUSED_SCHEMES =
        "DELETE FROM auth_password_scheme WHERE scheme <> $1 AND NOT EXISTS
             (SELECT 1 FROM auth_user u WHERE u.password_scheme = auth_password_scheme.scheme)";
}

pub(crate) async fn taken_usernames<'a>(
    on: &impl Executor,
    usernames: impl Iterator<Item = &'a str>,
) -> Result<Vec<String>> {
    let rows = on.query(&SELECT_TAKEN_USERNAMES, params![Value::list(usernames)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// `DbError::Duplicate` when somebody took one of the names meanwhile.
pub(crate) async fn insert_in_tx(tx: &Tx, users: &[CheckedUser]) -> Result<()> {
    let mut rows = Rows::new();
    for CheckedUser { user, password_hash } in users {
        rows.push([
            user.id.into(),
            user.username.as_str().into(),
            user.email.as_ref().map(Email::as_str).into(),
            password_hash.as_str().into(),
            password_hash.scheme().as_str().into(),
            user.role.word().into(),
            user.status.word().into(),
            user.created_at.into(),
        ]);
    }
    tx.execute_batch(&INSERT_IMPORTED_USERS, rows).await.map(drop)
}

pub(crate) async fn insert_scheme_in_tx(tx: &Tx, scheme: &Scheme) -> Result<()> {
    tx.execute(&INSERT_SCHEME, params![scheme.as_str()]).await.map(drop)
}

pub(crate) async fn schemes(on: &impl Executor) -> Result<Vec<Scheme>> {
    on.query_as(&SELECT_SCHEMES, params![]).await
}

/// The current one is always among them: two who want to add some come one after the other. They are read again once they
/// are locked, because what waited for the lock does not see what was added meanwhile.
pub(crate) async fn lock_schemes_in_tx(tx: &Tx) -> Result<Vec<Scheme>> {
    tx.query(&LOCK_SCHEMES, params![]).await?;
    schemes(tx).await
}

/// Forgets the schemes that nobody's password is hashed with any more, but for the current one.
pub(crate) async fn delete_unused_schemes_in_tx(tx: &Tx) -> Result<u64> {
    tx.execute(&DELETE_UNUSED_SCHEMES, params![Scheme::current().as_str()]).await
}

impl FromRow for Scheme {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self::from_stored(row.get(0)?))
    }
}
