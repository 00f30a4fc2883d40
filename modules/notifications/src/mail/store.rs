//! The rows of `notifications_mail`.

use super::Mail;
use crate::delivery::Delivery;
use db::{Executor, FromRow, Result, Row, Timestamp, Tx, Value, params, statements};
use ids::{MailId, UserId};

statements! {
    INSERT_MAIL =
        "INSERT INTO notifications_mail
             (id, user_id, kind, recipient, subject, sealed_body, status, attempts, next_attempt_at, useful_until, queued_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'QUEUED', 0, $7, $8, $7)";
    SELECT_WAITING_MAIL =
        "SELECT id FROM notifications_mail WHERE status = 'QUEUED' ORDER BY next_attempt_at LIMIT 1 OFFSET $1";
    LOCK_DUE_MAILS =
        "SELECT id, user_id, kind, recipient, subject, body, sealed_body, attempts, useful_until FROM notifications_mail
         WHERE status = 'QUEUED' AND next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT $2 FOR UPDATE";
    LEASE_MAILS =
        "UPDATE notifications_mail SET attempts = attempts + 1, next_attempt_at = $2
         WHERE id = ANY($1) AND status = 'QUEUED'";
    END_MAIL =
        "UPDATE notifications_mail SET status = $3, body = NULL, sealed_body = NULL, ended_at = $4, failure = $5
         WHERE id = $1 AND attempts = $2 AND status = 'QUEUED'";
    DELAY_MAIL =
        "UPDATE notifications_mail SET next_attempt_at = $3, failure = $4
         WHERE id = $1 AND attempts = $2 AND status = 'QUEUED'";
    SELECT_PLAIN_MAIL =
        "SELECT id FROM notifications_mail WHERE status = 'QUEUED' AND body IS NOT NULL LIMIT 1";
    LOCK_PLAIN_MAILS =
        "SELECT id, body FROM notifications_mail WHERE status = 'QUEUED' AND body IS NOT NULL
         ORDER BY id LIMIT $1 FOR UPDATE";
    SEAL_MAIL =
        "UPDATE notifications_mail SET body = NULL, sealed_body = $2 WHERE id = $1";
    DELETE_ENDED_MAILS =
        "DELETE FROM notifications_mail WHERE id IN
             (SELECT id FROM notifications_mail WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)";
}

/// A mail that was taken out, as it was stored.
pub(crate) struct Stored {
    /// Without what it says.
    pub(crate) mail: Delivery,
    pub(crate) sealed_body: Option<Vec<u8>>,
    /// Of an earlier version, and not sealed yet.
    pub(crate) body: Option<String>,
}

pub(crate) async fn insert_in_tx(
    tx: &Tx,
    id: MailId,
    (mail, sealed_body): (&Mail, Vec<u8>),
    now: Timestamp,
) -> Result<()> {
    let Mail { user_id, kind, recipient, subject, body: _, useful_until } = mail;
    let row =
        params![id.uuid(), *user_id, *kind, recipient.as_str(), subject.as_str(), sealed_body, now, *useful_until];
    tx.execute(&INSERT_MAIL, row).await.map(drop)
}

/// Whether more than so many mails wait.
pub(crate) async fn waits_at(on: &impl Executor, position: u32) -> Result<bool> {
    Ok(!on.query(&SELECT_WAITING_MAIL, params![position]).await?.is_empty())
}

/// Those whose time has come. Of several processes each gets to see what the others left.
pub(crate) async fn lock_due_in_tx(tx: &Tx, now: Timestamp, limit: u32) -> Result<Vec<Stored>> {
    tx.query_as(&LOCK_DUE_MAILS, params![now, limit]).await
}

pub(crate) async fn lease_in_tx(tx: &Tx, mails: impl Iterator<Item = MailId>, until: Timestamp) -> Result<()> {
    let ids = Value::list(mails.map(MailId::uuid));
    tx.execute(&LEASE_MAILS, params![ids, until]).await.map(drop)
}

/// Whether the mail was still this worker's to end; what it said is erased.
pub(crate) async fn end_in_tx(
    tx: &Tx,
    mail: &Delivery,
    (status, failure): (&str, Option<&str>),
    now: Timestamp,
) -> Result<bool> {
    let row = params![mail.id.uuid(), mail.attempt, status, now, failure];
    Ok(tx.execute(&END_MAIL, row).await? > 0)
}

pub(crate) async fn delay_in_tx(tx: &Tx, mail: &Delivery, until: Timestamp, failure: &str) -> Result<()> {
    tx.execute(&DELAY_MAIL, params![mail.id.uuid(), mail.attempt, until, failure]).await.map(drop)
}

pub(crate) async fn is_any_plain(on: &impl Executor) -> Result<bool> {
    Ok(!on.query(&SELECT_PLAIN_MAIL, params![]).await?.is_empty())
}

pub(crate) async fn lock_plain_in_tx(tx: &Tx, limit: u32) -> Result<Vec<(MailId, String)>> {
    let rows = tx.query(&LOCK_PLAIN_MAILS, params![limit]).await?;
    rows.iter().map(|row| Ok((MailId::from_uuid(row.get(0)?), row.get(1)?))).collect()
}

pub(crate) async fn seal_in_tx(tx: &Tx, id: MailId, sealed_body: Vec<u8>) -> Result<()> {
    tx.execute(&SEAL_MAIL, params![id.uuid(), sealed_body]).await.map(drop)
}

pub(crate) async fn delete_ended_in_tx(tx: &Tx, before: Timestamp, limit: u32) -> Result<u64> {
    tx.execute(&DELETE_ENDED_MAILS, params![before, limit]).await
}

impl FromRow for Stored {
    fn from_row(row: &Row) -> Result<Self> {
        let mail = Delivery {
            id: MailId::from_uuid(row.get(0)?),
            user_id: UserId::from_uuid(row.get(1)?),
            kind: row.get(2)?,
            recipient: row.get(3)?,
            subject: row.get(4)?,
            body: String::new(),
            attempt: row.get(7)?,
            useful_until: row.get(8)?,
        };
        Ok(Self { mail, body: row.get(5)?, sealed_body: row.get(6)? })
    }
}
