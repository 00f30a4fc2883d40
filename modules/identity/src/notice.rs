//! What people are told by mail about their logins, and in which words. How mail travels is no matter of this module.

mod change;
mod words;

pub use change::Change;

use crate::mail_token::Purpose;
use crate::{Email, Identity, IdentityError, Result, User};
use db::{Tx, WallTime};
use notifications::{Language, Mail, NotificationsError, news, phone};

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
    /// Queues a mail to the person's address, if they have one and this bank sends mail; and a text that says the same in short, if
    /// they have shown a number.
    pub(crate) async fn mail_in_tx(&self, tx: &Tx, user: &User, notice: Notice<'_>, now: WallTime) -> Result<()> {
        if let Some(text) = notice.text(user, now) {
            phone::text_notice_in_tx(tx, &self.secrets, text, now).await?;
        }
        match (&user.email, self.mailing) {
            (Some(email), Mailing::On) => {
                let mail = notice.mail(user, email, news::language(tx, user.id).await?, now);
                notifications::enqueue_in_tx(tx, &self.secrets, mail, now).await?;
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
            error @ (NotificationsError::NotAKind
            | NotificationsError::CannotBeSwitchedOff
            | NotificationsError::NotANumber
            | NotificationsError::NoTexts
            | NotificationsError::TooManyCodes
            | NotificationsError::WrongCode) => Self::Store(db::DbError::Internal(error.to_string())),
        }
    }
}

impl Notice<'_> {
    fn mail(&self, user: &User, email: &Email, language: Language, now: WallTime) -> Mail {
        let Change { kind, subject, text } = self.words();
        Mail {
            user_id: user.id,
            kind,
            recipient: email.to_string(),
            language,
            subject: subject.of(language).to_owned(),
            body: language.letter(&user.username.to_string(), &text.of(language)),
            useful_until: now.plus_seconds(self.useful_seconds()),
        }
    }

    /// What opens something goes by mail only.
    fn text(&self, user: &User, now: WallTime) -> Option<phone::Notice> {
        match self {
            Self::VerifyEmail { .. } | Self::ResetPassword { .. } => None,
            Self::Changed(_) | Self::EmailChanged => {
                let Change { kind, subject, .. } = self.words();
                let useful_until = now.plus_seconds(self.useful_seconds());
                Some(phone::Notice { user_id: user.id, kind, said: subject, useful_until })
            }
        }
    }

    const fn useful_seconds(&self) -> i64 {
        match self {
            Self::VerifyEmail { .. } => Purpose::VerifyEmail.lifetime_seconds(),
            Self::ResetPassword { .. } => Purpose::ResetPassword.lifetime_seconds(),
            Self::Changed(_) | Self::EmailChanged => NOTICE_SECONDS,
        }
    }

    fn words(&self) -> Change {
        match self {
            Self::VerifyEmail { token } => words::verify_email(token),
            Self::ResetPassword { token } => words::reset_password(token),
            Self::Changed(change) => (*change).clone(),
            Self::EmailChanged => words::email_changed(),
        }
    }
}

#[cfg(test)]
mod tests;
