//! A mail, and the bounded queue of those that wait to be sent.

pub(crate) mod store;

use crate::{NotificationsError, Result};
use ::store::{Db, Executor, Timestamp, Tx};
use ids::{MailId, UserId};

/// At most so many mails wait: more means that the mail server has been away for long.
const QUEUED_MAX: u32 = 50_000;

/// For so long it is remembered that a mail went out.
const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// At most so many rows are forgotten in one step.
const STEP_ROWS: u32 = 1_000;

/// A mail to one person.
#[derive(Clone)]
pub struct Mail {
    /// Whom it is about.
    pub user_id: UserId,
    /// What it is for, in one word of letters and underscores.
    pub kind: &'static str,
    /// The address that it goes to.
    pub recipient: String,
    /// What stands in the list of mails.
    pub subject: String,
    /// What it says, as plain text.
    pub body: String,
    /// After this nobody wants it any more, and nobody gets it.
    pub useful_until: Timestamp,
}

/// Queues a mail in the caller's transaction: it is sent if that commits, at least once.
///
/// # Errors
/// `QueueFull`, or the database failed.
pub async fn enqueue_in_tx(tx: &Tx, mail: Mail, now: Timestamp) -> Result<MailId> {
    require_room(tx).await?;
    let id = MailId::generate();
    store::insert_in_tx(tx, id, mail, now).await?;
    Ok(id)
}

/// Refuses when too many mails wait.
///
/// # Errors
/// `QueueFull`, or the database failed.
pub async fn require_room(on: &impl Executor) -> Result<()> {
    if store::waits_at(on, QUEUED_MAX).await? { Err(NotificationsError::QueueFull) } else { Ok(()) }
}

/// Forgets some of the mails that ended long ago; gives how many. To be called again and again.
///
/// # Errors
/// The database failed.
pub async fn purge(db: &Db, now: Timestamp) -> Result<u64> {
    let tx = db.begin().await?;
    let forgotten = store::delete_ended_in_tx(&tx, now.plus_seconds(-KEPT_SECONDS), STEP_ROWS).await?;
    tx.commit().await?;
    Ok(forgotten)
}

impl std::fmt::Debug for Mail {
    /// Without what it says.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Mail").field("user_id", &self.user_id).field("kind", &self.kind).finish_non_exhaustive()
    }
}
