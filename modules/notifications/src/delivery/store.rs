//! The rows of `notifications_mail` as they are taken out, leased and ended.

use super::Delivery;
use crate::way::Way;
use db::{Executor as _, Result, Tx, Value, WallTime, columns, params, statements};
use ids::MailId;

columns! {
    // What it says is opened later.
    Delivery { id, recipient, subject, body = "''", language, user_id, way, kind, attempt = attempts, useful_until }
    /// A mail that was taken out, as it was stored.
    pub(crate) struct Stored {
        /// Without what it says.
        pub(crate) mail: Delivery = "*",
        pub(crate) sealed_body: Option<Vec<u8>>,
        /// Of an earlier version, and not sealed yet.
        pub(crate) body: Option<String>,
    }
}

statements! {
    LOCK_DUE_MAILS -> Stored =
        "SELECT {columns} FROM notifications_mail
         WHERE status = 'QUEUED' AND way = $1 AND next_attempt_at <= $2 ORDER BY next_attempt_at LIMIT $3 FOR UPDATE";
    LEASE_MAILS =
        "UPDATE notifications_mail SET attempts = attempts + 1, next_attempt_at = $2
         WHERE id = ANY($1) AND status = 'QUEUED'";
    END_MAIL =
        "UPDATE notifications_mail SET status = $3, body = NULL, sealed_body = NULL, ended_at = $4, failure = $5
         WHERE id = $1 AND attempts = $2 AND status = 'QUEUED'";
    DELAY_MAIL =
        "UPDATE notifications_mail SET next_attempt_at = $3, failure = $4
         WHERE id = $1 AND attempts = $2 AND status = 'QUEUED'";
}

/// Those whose time has come. Of several processes each gets to see what the others left.
pub(crate) async fn lock_due_in_tx(tx: &Tx, way: Way, now: WallTime, limit: u32) -> Result<Vec<Stored>> {
    tx.query_as(&LOCK_DUE_MAILS, params![way, now, limit]).await
}

pub(crate) async fn lease_in_tx(tx: &Tx, mails: impl Iterator<Item = MailId>, until: WallTime) -> Result<()> {
    let ids = Value::list(mails.map(MailId::uuid));
    tx.execute(&LEASE_MAILS, params![ids, until]).await.map(drop)
}

/// Whether the mail was still this worker's to end; what it said is erased.
pub(crate) async fn end_in_tx(
    tx: &Tx,
    mail: &Delivery,
    status: &str,
    failure: Option<&str>,
    now: WallTime,
) -> Result<bool> {
    let row = params![mail.id.uuid(), mail.attempt, status, now, failure];
    Ok(tx.execute(&END_MAIL, row).await? > 0)
}

pub(crate) async fn delay_in_tx(tx: &Tx, mail: &Delivery, until: WallTime, failure: &str) -> Result<()> {
    tx.execute(&DELAY_MAIL, params![mail.id.uuid(), mail.attempt, until, failure]).await.map(drop)
}
