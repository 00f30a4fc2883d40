//! What people are told by mail about their logins, and in which words. How mail travels is no matter of this module.

mod change;

pub use change::Change;

use crate::mail_token::Purpose;
use crate::{Email, Identity, IdentityError, Result, User};
use db::{Tx, WallTime};
use notifications::{Mail, NotificationsError};

/// For so long a notice is worth sending.
const NOTICE_SECONDS: i64 = 3 * 24 * 60 * 60;

/// Whether this bank can send mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailing {
    /// What is queued is delivered.
    On,
    /// Nothing is queued, and what needs mail is refused.
    Off,
}

/// Something that a person is mailed.
pub(crate) enum Notice<'a> {
    VerifyEmail { token: &'a str },
    ResetPassword { token: &'a str },
    Changed(Change),
    EmailChanged,
}

impl Identity {
    /// Queues a mail to the person's address, if they have one and this bank sends mail.
    pub(crate) async fn mail_in_tx(&self, tx: &Tx, user: &User, notice: Notice<'_>, now: WallTime) -> Result<()> {
        match (&user.email, self.mailing) {
            (Some(email), Mailing::On) => {
                notifications::enqueue_in_tx(tx, &self.secrets, notice.mail(user, email, now), now).await?;
                Ok(())
            }
            (None, _) | (_, Mailing::Off) => Ok(()),
        }
    }

    /// Queues a mail that says that something changed by which the person, or programs of theirs, get in.
    ///
    /// # Errors
    /// `Busy` when too many mails wait, or the database failed.
    pub async fn mail_change_in_tx(&self, tx: &Tx, user: &User, change: Change, now: WallTime) -> Result<()> {
        self.mail_in_tx(tx, user, Notice::Changed(change), now).await
    }

    /// Refuses what makes no sense without mail.
    pub(crate) const fn require_mailing(&self) -> Result<()> {
        match self.mailing {
            Mailing::On => Ok(()),
            Mailing::Off => Err(IdentityError::NoMail),
        }
    }
}

impl From<NotificationsError> for IdentityError {
    fn from(error: NotificationsError) -> Self {
        match error {
            NotificationsError::QueueFull => Self::Busy,
            NotificationsError::Store(error) => Self::Store(error),
            NotificationsError::NotAKind | NotificationsError::CannotBeSwitchedOff => {
                Self::Store(db::DbError::Internal(error.to_string()))
            }
        }
    }
}

impl Notice<'_> {
    fn mail(&self, user: &User, email: &Email, now: WallTime) -> Mail {
        let Change { kind, subject, text } = self.words();
        let body = format!("Hello {},\n\n{text}\n\nFlorin\n", user.username);
        let useful_until = now.plus_seconds(self.useful_seconds());
        let recipient = email.to_string();
        Mail { user_id: user.id, kind, recipient, subject: subject.to_owned(), body, useful_until }
    }

    const fn useful_seconds(&self) -> i64 {
        match self {
            Self::VerifyEmail { .. } => Purpose::VerifyEmail.lifetime_seconds(),
            Self::ResetPassword { .. } => Purpose::ResetPassword.lifetime_seconds(),
            Self::Changed(_) | Self::EmailChanged => NOTICE_SECONDS,
        }
    }

    fn words(&self) -> Change {
        let words = |kind, subject, text| Change { kind, subject, text };
        match self {
            Self::VerifyEmail { token } => words(
                "verify_email",
                "Confirm your e-mail address",
                format!(
                    "this address was given for your login. To confirm that it is yours,\n\
                     enter this within a day:\n\n    {token}\n\n\
                     If it was not you, there is nothing to do."
                ),
            ),
            Self::ResetPassword { token } => words(
                "reset_password",
                "Choose a new password",
                format!(
                    "somebody asked for a new password for your login. To choose one,\n\
                     enter this within 30 minutes:\n\n    {token}\n\n\
                     If several such mails came, each is good until one is used.\n\
                     Give it to nobody; the bank never asks for it. If it was not you,\n\
                     there is nothing to do: your password stays as it is."
                ),
            ),
            Self::Changed(change) => (*change).clone(),
            Self::EmailChanged => words(
                "email_changed",
                "Your e-mail address was changed",
                "another e-mail address was given for your login; this one gets no\nmore mail.\n\n\
                 If it was not you, tell the bank at once."
                    .to_owned(),
            ),
        }
    }
}
