//! The rows of `auth_mail_token`.

use super::{MailToken, Mailed, Purpose};
use crate::SecretHash;
use db::{DbError, Executor, FromRow, Result, Row, Tx, WallTime, params, statements};
use ids::UserId;

statements! {
    INSERT_MAIL_TOKEN =
        "INSERT INTO auth_mail_token (token_hash, user_id, purpose, email, issued_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)";
    SELECT_MAIL_TOKEN =
        "SELECT user_id, purpose, email, expires_at, ended_at FROM auth_mail_token WHERE token_hash = $1";
    LOCK_MAIL_TOKEN =
        "SELECT user_id, purpose, email, expires_at, ended_at FROM auth_mail_token WHERE token_hash = $1 FOR UPDATE";
    END_MAIL_TOKENS =
        "UPDATE auth_mail_token SET ended_at = $3 WHERE user_id = $1 AND purpose = $2 AND ended_at IS NULL";
    COUNT_LIVING_MAIL_TOKENS =
        "SELECT COUNT(*) FROM auth_mail_token
         WHERE user_id = $1 AND purpose = $2 AND ended_at IS NULL AND expires_at > $3";
    COUNT_MAILED_TOKENS =
        "SELECT COUNT(CASE WHEN user_id = $1 THEN 1 END), COUNT(CASE WHEN email = $4 THEN 1 END)
         FROM auth_mail_token WHERE (user_id = $1 OR email = $4) AND purpose = $2 AND issued_at > $3";
    DELETE_OLD_MAIL_TOKENS =
        "DELETE FROM auth_mail_token WHERE token_hash IN
             (SELECT token_hash FROM auth_mail_token WHERE issued_at < $1 ORDER BY issued_at LIMIT $2)";
}

pub(crate) async fn insert_in_tx(tx: &Tx, token_hash: &SecretHash, token: &MailToken, now: WallTime) -> Result<()> {
    let MailToken { user_id, purpose, email, expires_at, .. } = token;
    let row = params![&token_hash.0[..], *user_id, purpose.word(), email.as_str(), now, *expires_at];
    tx.execute(&INSERT_MAIL_TOKEN, row).await.map(drop)
}

pub(crate) async fn find(on: &impl Executor, token_hash: &SecretHash) -> Result<Option<MailToken>> {
    on.query_optional(&SELECT_MAIL_TOKEN, params![&token_hash.0[..]]).await
}

pub(crate) async fn lock_in_tx(tx: &Tx, token_hash: &SecretHash) -> Result<Option<MailToken>> {
    tx.query_optional(&LOCK_MAIL_TOKEN, params![&token_hash.0[..]]).await
}

pub(crate) async fn end_all_in_tx(tx: &Tx, (user_id, purpose): (UserId, Purpose), now: WallTime) -> Result<()> {
    tx.execute(&END_MAIL_TOKENS, params![user_id, purpose.word(), now]).await.map(drop)
}

/// Those that still open something.
pub(crate) async fn count_living(tx: &Tx, (user_id, purpose): (UserId, Purpose), now: WallTime) -> Result<i64> {
    let rows = tx.query(&COUNT_LIVING_MAIL_TOKENS, params![user_id, purpose.word(), now]).await?;
    rows.first().map_or(Ok(0), |row| row.get(0))
}

pub(crate) async fn count_mailed(
    tx: &Tx,
    (user_id, email): (UserId, &str),
    purpose: Purpose,
    since: WallTime,
) -> Result<Mailed> {
    let mailed = tx.query_optional(&COUNT_MAILED_TOKENS, params![user_id, purpose.word(), since, email]).await?;
    Ok(mailed.unwrap_or(Mailed { to_person: 0, to_address: 0 }))
}

/// Forgets at most so many that went out before then.
pub(crate) async fn delete_old_in_tx(tx: &Tx, before: WallTime, limit: u32) -> Result<u64> {
    tx.execute(&DELETE_OLD_MAIL_TOKENS, params![before, limit]).await
}

impl FromRow for Mailed {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { to_person: row.get(0)?, to_address: row.get(1)? })
    }
}

impl FromRow for MailToken {
    fn from_row(row: &Row) -> Result<Self> {
        let damaged = || DbError::Internal("auth_mail_token has an unknown purpose".to_owned());
        Ok(Self {
            user_id: UserId::from_uuid(row.get(0)?),
            purpose: Purpose::parse(&row.get::<String>(1)?).ok_or_else(damaged)?,
            email: row.get(2)?,
            expires_at: row.get(3)?,
            ended_at: row.get(4)?,
        })
    }
}
