//! The rows of `auth_mail_token`.

use super::{MailToken, Mailed, Purpose};
use crate::SecretHash;
use db::{Executor, Result, Tx, WallTime, columns, fields, params, statements};
use ids::UserId;

fields! {
    Text: Purpose, Purpose::parse, |purpose| purpose.word();
}

columns! {
    MailToken { user_id, purpose, email, expires_at, ended_at }
    struct New { token_hash: SecretHash, token: MailToken = "*", issued_at: WallTime }
    // $1: the person, $4: the address.
    Mailed {
        to_person = "COUNT(CASE WHEN user_id = $1 THEN 1 END)", to_address = "COUNT(CASE WHEN email = $4 THEN 1 END)"
    }
}

statements! {
    INSERT_MAIL_TOKEN(New) = "INSERT INTO auth_mail_token ({columns}) VALUES ({values})";
    SELECT_MAIL_TOKEN -> MailToken = "SELECT {columns} FROM auth_mail_token WHERE token_hash = $1";
    LOCK_MAIL_TOKEN -> MailToken = "SELECT {columns} FROM auth_mail_token WHERE token_hash = $1 FOR UPDATE";
    END_MAIL_TOKENS =
        "UPDATE auth_mail_token SET ended_at = $3 WHERE user_id = $1 AND purpose = $2 AND ended_at IS NULL";
    COUNT_LIVING_MAIL_TOKENS -> i64 =
        "SELECT COUNT(*) FROM auth_mail_token
         WHERE user_id = $1 AND purpose = $2 AND ended_at IS NULL AND expires_at > $3";
    COUNT_MAILED_TOKENS -> Mailed =
        "SELECT {columns} FROM auth_mail_token WHERE (user_id = $1 OR email = $4) AND purpose = $2 AND issued_at > $3";
    DELETE_OLD_MAIL_TOKENS =
        "DELETE FROM auth_mail_token WHERE token_hash IN
             (SELECT token_hash FROM auth_mail_token WHERE issued_at < $1 ORDER BY issued_at LIMIT $2)";
}

pub(crate) async fn insert_in_tx(tx: &Tx, token_hash: &SecretHash, token: &MailToken, now: WallTime) -> Result<()> {
    let new = New { token_hash: *token_hash, token: token.clone(), issued_at: now };
    tx.execute_rows(&INSERT_MAIL_TOKEN, [new]).await.map(drop)
}

pub(crate) async fn find(on: &impl Executor, token_hash: &SecretHash) -> Result<Option<MailToken>> {
    on.query_optional(&SELECT_MAIL_TOKEN, params![*token_hash]).await
}

pub(crate) async fn lock_in_tx(tx: &Tx, token_hash: &SecretHash) -> Result<Option<MailToken>> {
    tx.query_optional(&LOCK_MAIL_TOKEN, params![*token_hash]).await
}

pub(crate) async fn end_all_in_tx(tx: &Tx, user_id: UserId, purpose: Purpose, now: WallTime) -> Result<()> {
    tx.execute(&END_MAIL_TOKENS, params![user_id, purpose, now]).await.map(drop)
}

/// Those that still open something.
pub(crate) async fn count_living(tx: &Tx, user_id: UserId, purpose: Purpose, now: WallTime) -> Result<i64> {
    tx.query_one(&COUNT_LIVING_MAIL_TOKENS, params![user_id, purpose, now]).await
}

pub(crate) async fn count_mailed(
    tx: &Tx,
    user_id: UserId,
    email: &str,
    purpose: Purpose,
    since: WallTime,
) -> Result<Mailed> {
    tx.query_one(&COUNT_MAILED_TOKENS, params![user_id, purpose, since, email]).await
}

/// Forgets at most so many that went out before then.
pub(crate) async fn delete_old_in_tx(tx: &Tx, before: WallTime, limit: u32) -> Result<u64> {
    tx.execute(&DELETE_OLD_MAIL_TOKENS, params![before, limit]).await
}
