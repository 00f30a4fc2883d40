//! The rows of `auth_external_identity`.

use super::{ExternalIdentity, KnownPerson};
use db::{Executor, Result, Tx, WallTime, columns, params, statements};
use ids::UserId;

columns! {
    ExternalIdentity { user_id, issuer, subject, linked_at }
    KnownPerson {
        user_id = "u.id", role = "u.role", status = "u.status", has_second_factor = "u.mfa_enabled",
        tokens_since = "e.tokens_since"
    }
}

statements! {
    INSERT_EXTERNAL_IDENTITY(ExternalIdentity) =
        "INSERT INTO auth_external_identity ({columns}) VALUES ({values})";
    SELECT_PERSON_OF_SUBJECT -> KnownPerson =
        "SELECT {columns}
         FROM auth_external_identity e JOIN auth_user u ON u.id = e.user_id
         WHERE e.issuer = $1 AND e.subject = $2";
    SELECT_EXTERNAL_IDENTITY_OF_USER -> ExternalIdentity =
        "SELECT {columns} FROM auth_external_identity WHERE user_id = $1 AND issuer = $2";
    DELETE_EXTERNAL_IDENTITY =
        "DELETE FROM auth_external_identity WHERE user_id = $1 AND issuer = $2";
    UPDATE_TOKENS_SINCE =
        "UPDATE auth_external_identity SET tokens_since = $2 WHERE user_id = $1";
}

/// `DbError::Duplicate` when the subject or the person is linked already.
pub(super) async fn insert_in_tx(tx: &Tx, identity: &ExternalIdentity) -> Result<()> {
    tx.execute_rows(&INSERT_EXTERNAL_IDENTITY, [identity.clone()]).await.map(drop)
}

/// How an issuer calls somebody.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) issuer: &'a str,
    pub(super) subject: &'a str,
}

/// Who is called so.
pub(super) async fn person(on: &impl Executor, named: Named<'_>) -> Result<Option<KnownPerson>> {
    on.query_optional(&SELECT_PERSON_OF_SUBJECT, params![named.issuer, named.subject]).await
}

/// How the issuer calls somebody.
pub(super) async fn of_user(on: &impl Executor, user_id: UserId, issuer: &str) -> Result<Option<ExternalIdentity>> {
    on.query_optional(&SELECT_EXTERNAL_IDENTITY_OF_USER, params![user_id, issuer]).await
}

/// Whether there was something to delete.
pub(super) async fn delete_in_tx(tx: &Tx, user_id: UserId, issuer: &str) -> Result<bool> {
    Ok(tx.execute(&DELETE_EXTERNAL_IDENTITY, params![user_id, issuer]).await? > 0)
}

/// Tokens that were issued for somebody before then count no more.
pub(crate) async fn end_tokens_in_tx(tx: &Tx, user_id: UserId, now: WallTime) -> Result<()> {
    tx.execute(&UPDATE_TOKENS_SINCE, params![user_id, now]).await.map(drop)
}
