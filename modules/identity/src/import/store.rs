//! Names that are taken, and the rows of `auth_password_scheme`.

use crate::password::Scheme;
use db::{Executor, Result, Tx, Value, params, statements};

statements! {
    SELECT_TAKEN_USERNAMES -> String =
        "SELECT username FROM auth_user WHERE username = ANY($1)";
    INSERT_SCHEME =
        "INSERT INTO auth_password_scheme (scheme) VALUES ($1) ON CONFLICT (scheme) DO NOTHING";
    SELECT_SCHEMES -> Scheme =
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
    on.query_as(&SELECT_TAKEN_USERNAMES, params![Value::list(usernames)]).await
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
