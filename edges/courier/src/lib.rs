//! The courier: takes mails out of the queue and delivers them, by SMTP or into a folder. What a mail says, and how often
//! it is tried, is decided elsewhere.

mod folder;
mod html;
mod message;
mod plain;
mod smtp;

use db::{Clock, Db};
use folder::Folder;
use message::{Message, Sender};
use notifications::{Delivery, NotificationsError, Outcome};
use secrets::Secrets;
use smtp::Smtp;
use std::path::PathBuf;
use tokio::task::JoinSet;

/// At most so many mails travel at once.
const BATCH: u32 = 16;

/// Why a courier cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CourierError {
    /// The sender is no address.
    #[error("{0:?} is no sender such as Florin <no-reply@bank.example>")]
    Sender(String),
    /// The URL of the mail server is not understood; it is not repeated, because it may hold a password.
    #[error("the URL of the mail server {0}")]
    Url(String),
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
        Ok(Self { sender: Sender::parse(sender)?, way: Way::Folder(Folder::open(path)?) })
    }

    /// Delivers the mails whose time has come; gives how many were tried. To be called again at once when it was a full
    /// batch, and every second otherwise.
    ///
    /// # Errors
    /// The database failed; what was not recorded is tried again later.
    pub async fn deliver_due(&self, db: &Db, secrets: &Secrets, clock: &Clock) -> Result<usize, NotificationsError> {
        let mails = notifications::claim_mails(db, secrets, BATCH, clock()).await?;
        let tried = mails.len();
        let mut travelling = JoinSet::new();
        for mail in mails {
            let courier = self.clone();
            travelling.spawn(async move {
                let outcome = courier.deliver(&mail).await;
                (mail, outcome)
            });
        }
        while let Some(arrived) = travelling.join_next().await {
            // A panic leaves the mail to the end of its lease.
            let Ok((mail, outcome)) = arrived else { continue };
            if let Outcome::Failed(reason) | Outcome::Refused(reason) = &outcome {
                tracing::warn!(mail_id = %mail.id, reason, "a mail was not delivered");
            }
            notifications::settle_mail(db, &mail, outcome, clock()).await?;
        }
        Ok(tried)
    }

    /// Whether a full batch was tried, so that more may wait.
    pub const fn is_full_batch(tried: usize) -> bool {
        tried >= BATCH as usize
    }

    async fn deliver(&self, mail: &Delivery) -> Outcome {
        match (Message::compose(&self.sender, mail), &self.way) {
            (Ok(message), Way::Smtp(smtp)) => smtp.deliver(message).await,
            (Ok(message), Way::Folder(folder)) => folder.deliver(mail.id, message).await,
            (Err(reason), _) => Outcome::Refused(reason),
        }
    }
}
