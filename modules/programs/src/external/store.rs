//! The rows of `auth_external_identity`.

use super::{ExternalIdentity, KnownPerson};
use db::{DbError, Executor, FromRow, Result, Row, Tx, WallTime, params, statements};
use identity::{Role, UserStatus};
use ids::UserId;

statements! {
    INSERT_EXTERNAL_IDENTITY =
        "INSERT INTO auth_external_identity (issuer, subject, user_id, linked_at) VALUES ($1, $2, $3, $4)";
    SELECT_PERSON_OF_SUBJECT =
        "SELECT u.id, u.role, u.status, u.mfa_enabled, e.tokens_since
         FROM auth_external_identity e JOIN auth_user u ON u.id = e.user_id
         WHERE e.issuer = $1 AND e.subject = $2";
    SELECT_EXTERNAL_IDENTITY_OF_USER =
        "SELECT user_id, issuer, subject, linked_at FROM auth_external_identity WHERE user_id = $1 AND issuer = $2";
    DELETE_EXTERNAL_IDENTITY =
        "DELETE FROM auth_external_identity WHERE user_id = $1 AND issuer = $2";
    UPDATE_TOKENS_SINCE =
        "UPDATE auth_external_identity SET tokens_since = $2 WHERE user_id = $1";
}

/// `DbError::Duplicate` when the subject or the person is linked already.
pub(super) async fn insert_in_tx(tx: &Tx, identity: &ExternalIdentity) -> Result<()> {
    let ExternalIdentity { user_id, issuer, subject, linked_at } = identity;
    let row = params![issuer.as_str(), subject.as_str(), *user_id, *linked_at];
    tx.execute(&INSERT_EXTERNAL_IDENTITY, row).await.map(drop)
}

/// Who a subject of the issuer is.
pub(super) async fn person(on: &impl Executor, (issuer, subject): (&str, &str)) -> Result<Option<KnownPerson>> {
    on.query_optional(&SELECT_PERSON_OF_SUBJECT, params![issuer, subject]).await
}

/// How the issuer calls somebody.
pub(super) async fn of_user(on: &impl Executor, (user_id, issuer): (UserId, &str)) -> Result<Option<ExternalIdentity>> {
    on.query_optional(&SELECT_EXTERNAL_IDENTITY_OF_USER, params![user_id, issuer]).await
}

/// Whether there was something to delete.
pub(super) async fn delete_in_tx(tx: &Tx, (user_id, issuer): (UserId, &str)) -> Result<bool> {
    Ok(tx.execute(&DELETE_EXTERNAL_IDENTITY, params![user_id, issuer]).await? > 0)
}

/// Tokens that were issued for somebody before then count no more.
pub(crate) async fn end_tokens_in_tx(tx: &Tx, user_id: UserId, now: WallTime) -> Result<()> {
    tx.execute(&UPDATE_TOKENS_SINCE, params![user_id, now]).await.map(drop)
}

impl FromRow for KnownPerson {
    fn from_row(row: &Row) -> Result<Self> {
        let damaged = |column: &str| DbError::Internal(format!("auth_user has an unknown {column}"));
        Ok(Self {
            user_id: UserId::from_uuid(row.get(0)?),
            role: Role::parse(&row.get::<String>(1)?).ok_or_else(|| damaged("role"))?,
            status: UserStatus::parse(&row.get::<String>(2)?).ok_or_else(|| damaged("status"))?,
            has_second_factor: row.get(3)?,
            tokens_since: row.get(4)?,
        })
    }
}

impl FromRow for ExternalIdentity {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            user_id: UserId::from_uuid(row.get(0)?),
            issuer: row.get(1)?,
            subject: row.get(2)?,
            linked_at: row.get(3)?,
        })
    }
}
