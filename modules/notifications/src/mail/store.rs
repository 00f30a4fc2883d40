//! The rows of `notifications_mail` as they are queued, sealed and forgotten.

use super::Mail;
use crate::way::Way;
use db::{Executor, Result, Tx, WallTime, params, statements};
use ids::MailId;

statements! {
    INSERT_MAIL =
        "INSERT INTO notifications_mail
             (id, user_id, kind, recipient, subject, sealed_body, status, attempts, next_attempt_at, useful_until, queued_at,
              language, way)
         VALUES ($1, $2, $3, $4, $5, $6, 'QUEUED', 0, $7, $8, $7, $9, $10)";
    SELECT_WAITING_MAIL =
        "SELECT id FROM notifications_mail WHERE status = 'QUEUED' AND way = $1 ORDER BY next_attempt_at LIMIT 1 OFFSET $2";
    COUNT_WAITING_MAILS -> i64 =
        "SELECT COUNT(*) FROM (SELECT id FROM notifications_mail WHERE status = 'QUEUED' AND way = $1 LIMIT $2) AS waiting";
    SELECT_PLAIN_MAIL =
        "SELECT id FROM notifications_mail WHERE status = 'QUEUED' AND body IS NOT NULL LIMIT 1";
    LOCK_PLAIN_MAILS -> (MailId, String) =
        "SELECT id, body FROM notifications_mail WHERE status = 'QUEUED' AND body IS NOT NULL
         ORDER BY id LIMIT $1 FOR UPDATE";
    SELECT_SEALED_MAILS -> (MailId, Vec<u8>) =
        "SELECT id, sealed_body FROM notifications_mail
         WHERE status = 'QUEUED' AND sealed_body IS NOT NULL ORDER BY id DESC LIMIT $1";
    SEAL_MAIL =
        "UPDATE notifications_mail SET body = NULL, sealed_body = $2 WHERE id = $1";
    DELETE_ENDED_MAILS =
        "DELETE FROM notifications_mail WHERE id IN
             (SELECT id FROM notifications_mail WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)";
}

/// A mail or a text as it waits.
pub(crate) struct Queued {
    pub(crate) id: MailId,
    pub(crate) way: Way,
    pub(crate) mail: Mail,
    pub(crate) sealed_body: Vec<u8>,
}

pub(crate) async fn insert_in_tx(tx: &Tx, queued: Queued, now: WallTime) -> Result<()> {
    let Queued { id, way, mail, sealed_body } = queued;
    let Mail { user_id, kind, recipient, language, subject, body: _, useful_until } = mail;
    let row = params![id.uuid(), user_id, kind, recipient, subject, sealed_body, now, useful_until, language, way];
    tx.execute(&INSERT_MAIL, row).await.map(drop)
}

/// Whether more than so many wait.
pub(crate) async fn waits_at(on: &impl Executor, way: Way, position: u32) -> Result<bool> {
    Ok(!on.query(&SELECT_WAITING_MAIL, params![way, position]).await?.is_empty())
}

pub(crate) async fn count_waiting(on: &impl Executor, way: Way, most: u32) -> Result<i64> {
    on.query_one(&COUNT_WAITING_MAILS, params![way, most]).await
}

pub(crate) async fn is_any_plain(on: &impl Executor) -> Result<bool> {
    Ok(!on.query(&SELECT_PLAIN_MAIL, params![]).await?.is_empty())
}

pub(crate) async fn newest_sealed(on: &impl Executor, limit: u32) -> Result<Vec<(MailId, Vec<u8>)>> {
    on.query_as(&SELECT_SEALED_MAILS, params![limit]).await
}

pub(crate) async fn lock_plain_in_tx(tx: &Tx, limit: u32) -> Result<Vec<(MailId, String)>> {
    tx.query_as(&LOCK_PLAIN_MAILS, params![limit]).await
}

pub(crate) async fn seal_in_tx(tx: &Tx, id: MailId, sealed_body: Vec<u8>) -> Result<()> {
    tx.execute(&SEAL_MAIL, params![id.uuid(), sealed_body]).await.map(drop)
}

pub(crate) async fn delete_ended_in_tx(tx: &Tx, before: WallTime, limit: u32) -> Result<u64> {
    tx.execute(&DELETE_ENDED_MAILS, params![before, limit]).await
}
