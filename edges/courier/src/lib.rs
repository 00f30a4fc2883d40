//! The courier: takes mails and texts out of the queue and delivers them, by SMTP, by way of a provider of texts, or into a
//! folder. What is said, and how often it is tried, is decided elsewhere.

mod folder;
mod html;
mod message;
mod plain;
mod sms;
mod smtp;

pub use sms::{Provider, Texter};

use db::{Clock, Db};
use folder::Folder;
use message::{Message, Sender};
use notifications::{Delivery, NotificationsError, Outcome};
use secrets::Secrets;
use smtp::Smtp;
use std::path::PathBuf;
use tokio::task::JoinSet;

/// At most so many mails travel at once, and so many texts.
pub(crate) const BATCH: u32 = 16;

/// Why a courier cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CourierError {
    /// The sender is no address.
    #[error("{0:?} is no sender such as Florin <no-reply@bank.example>")]
    Sender(String),
    /// The URL of the mail server is not understood; it is not repeated, because it may hold a password.
    #[error("the URL of the mail server {0}")]
    Url(String),
    /// The provider of texts is not understood; its token is not repeated.
    #[error("{0}")]
    Sms(String),
    /// The folder cannot be made.
    #[error("the folder of mails cannot be made: {0}")]
    Folder(String),
}

/// Delivers mails. Cloning shares it.
#[derive(Clone)]
pub struct Courier {
    sender: Sender,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Smtp(Smtp),
    Folder(Folder),
}

impl Courier {
    /// By way of a mail server: `smtps://user:password@host` (TLS from the first byte) or `smtp://…` (STARTTLS, which only
    /// a server on this machine, or one with `?tls=opportunistic`, may lack).
    ///
    /// # Errors
    /// The URL or the sender is not understood.
    pub fn smtp(url: &str, sender: &str) -> Result<Self, CourierError> {
        Ok(Self { sender: Sender::parse(sender)?, way: Way::Smtp(Smtp::open(url)?) })
    }

    /// Into a folder, as `.eml` files that only their owner can read: for trying out. It keeps the newest thousand.
    ///
    /// # Errors
    /// The folder cannot be made, or the sender is not understood.
    pub fn folder(path: PathBuf, sender: &str) -> Result<Self, CourierError> {
        Ok(Self { sender: Sender::parse(sender)?, way: Way::Folder(Folder::open(path, "eml")?) })
    }

    /// Delivers the mails whose time has come; gives how many were tried. To be called again at once when it was a full
    /// batch, and every second otherwise.
    ///
    /// # Errors
    /// The database failed; what was not recorded is tried again later.
    pub async fn deliver_due(&self, db: &Db, secrets: &Secrets, clock: &Clock) -> Result<usize, NotificationsError> {
        let mails = notifications::claim_mails(db, secrets, BATCH, clock()).await?;
        let deliver = |mail: Delivery| {
            let courier = self.clone();
            async move {
                let outcome = courier.deliver(&mail).await;
                (mail, outcome)
            }
        };
        deliver_all(db, mails, deliver, clock).await
    }

    /// Whether a full batch was tried, so that more may wait.
    pub const fn is_full_batch(tried: usize) -> bool {
        tried >= BATCH as usize
    }

    async fn deliver(&self, mail: &Delivery) -> Outcome {
        match (Message::compose(&self.sender, mail), &self.way) {
            (Ok(message), Way::Smtp(smtp)) => smtp.deliver(message).await,
            (Ok(message), Way::Folder(folder)) => folder.deliver(mail.id, message.bytes).await,
            (Err(reason), _) => Outcome::Refused(reason),
        }
    }
}

/// Delivers what was taken out, all at once, and records what came of each; gives how many there were.
async fn deliver_all<F>(
    db: &Db,
    taken: Vec<Delivery>,
    deliver: impl Fn(Delivery) -> F,
    clock: &Clock,
) -> Result<usize, NotificationsError>
where
    F: Future<Output = (Delivery, Outcome)> + Send + 'static,
{
    let tried = taken.len();
    let mut travelling = JoinSet::new();
    for message in taken {
        travelling.spawn(deliver(message));
    }
    while let Some(arrived) = travelling.join_next().await {
        // A panic leaves the message to the end of its lease.
        let Ok((message, outcome)) = arrived else { continue };
        if let Outcome::Failed(reason) | Outcome::Refused(reason) = &outcome {
            tracing::warn!(mail_id = %message.id, reason, "a message was not delivered");
        }
        notifications::settle_message(db, &message, outcome, clock()).await?;
    }
    Ok(tried)
}
