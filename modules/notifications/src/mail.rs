//! A mail, and the bounded queue of those that wait to be sent.

mod store;

use crate::way::Way;
use crate::{Language, NotificationsError, Result};
use db::{Db, Executor, Tx, WallTime};
use ids::{MailId, UserId};
use secrets::Secrets;

/// At most so many mails wait, and so many texts: more means that who takes them has been away for long.
const QUEUED_MAX: u32 = 50_000;

/// For so long it is remembered that a mail went out.
const KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// At most so many rows are forgotten in one step.
const STEP_ROWS: u32 = 1_000;

/// So many mails are tried to find out whether a key is theirs.
const SEALED_TRIED: u32 = 20;

/// A mail to one person.
#[derive(Clone)]
pub struct Mail {
    /// Whom it is about.
    pub user_id: UserId,
    /// What it is for, in one word of letters and underscores.
    pub kind: &'static str,
    /// The address that it goes to.
    pub recipient: String,
    /// The language that it is written in.
    pub language: Language,
    /// What stands in the list of mails.
    pub subject: String,
    /// What it says, as plain text.
    pub body: String,
    /// After this nobody wants it any more, and nobody gets it.
    pub useful_until: WallTime,
}

/// Queues a mail in the caller's transaction: it is sent if that commits, at least once. What it says is sealed first.
///
/// # Errors
/// `QueueFull`, or the database failed.
pub async fn enqueue_in_tx(tx: &Tx, secrets: &Secrets, mail: Mail, now: WallTime) -> Result<MailId> {
    enqueue_by_in_tx(tx, secrets, Way::Mail, mail, now).await
}

pub(crate) async fn enqueue_by_in_tx(
    tx: &Tx,
    secrets: &Secrets,
    way: Way,
    mail: Mail,
    now: WallTime,
) -> Result<MailId> {
    require_room(tx, way).await?;
    let id = MailId::generate();
    let sealed_body = seal_in_tx(tx, secrets, id, &mail.body).await?;
    store::insert_in_tx(tx, store::Queued { id, way, mail, sealed_body }, now).await?;
    Ok(id)
}

/// Seals mails that an earlier version left waiting in plain text; gives how many. To be called again and again.
///
/// # Errors
/// The database failed.
pub async fn seal_waiting(db: &Db, secrets: &Secrets) -> Result<u64> {
    if !store::is_any_plain(db).await? {
        return Ok(0);
    }
    let tx = db.begin().await?;
    tx.overwrite_deleted().await?;
    let plain = store::lock_plain_in_tx(&tx, STEP_ROWS).await?;
    for (id, body) in &plain {
        store::seal_in_tx(&tx, *id, seal_in_tx(&tx, secrets, *id, body).await?).await?;
    }
    tx.commit().await?;
    Ok(plain.len() as u64)
}

/// Whether the key opens mails that wait; `None` when none waits.
///
/// # Errors
/// The database failed.
pub async fn opens_waiting(on: &impl Executor, secrets: &Secrets) -> Result<Option<bool>> {
    let sealed = store::newest_sealed(on, SEALED_TRIED).await?;
    let opened = sealed.iter().any(|(id, sealed_body)| open(secrets, *id, sealed_body).is_some());
    Ok((!sealed.is_empty()).then_some(opened))
}

async fn seal_in_tx(tx: &Tx, secrets: &Secrets, id: MailId, body: &str) -> Result<Vec<u8>> {
    Ok(secrets.seal_in_tx(tx, body.as_bytes(), &context(id)).await?)
}

/// What a mail says, unless it was sealed with another key.
pub(crate) fn open(secrets: &Secrets, id: MailId, sealed_body: &[u8]) -> Option<String> {
    String::from_utf8(secrets.open(sealed_body, &context(id))?).ok()
}

/// Sealed with this, a body is worth nothing in another row, or anywhere else.
fn context(id: MailId) -> Vec<u8> {
    [b"notifications_mail", &id.uuid().as_bytes()[..]].concat()
}

/// Refuses when too much waits for a way.
///
/// # Errors
/// `QueueFull`, or the database failed.
pub async fn require_room(on: &impl Executor, way: Way) -> Result<()> {
    if store::waits_at(on, way, QUEUED_MAX).await? { Err(NotificationsError::QueueFull) } else { Ok(()) }
}

/// How much waits for a way; more than can wait is not counted.
///
/// # Errors
/// The database failed.
pub async fn backlog(on: &impl Executor, way: Way) -> Result<i64> {
    Ok(store::count_waiting(on, way, QUEUED_MAX).await?)
}

/// Forgets some of the mails that ended long ago; gives how many. To be called again and again.
///
/// # Errors
/// The database failed.
pub async fn purge(db: &Db, now: WallTime) -> Result<u64> {
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
